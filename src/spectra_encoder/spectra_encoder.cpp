// SPDX-License-Identifier: MIT
//
// GalSpecNet's forward pass.
#include "astrom3/spectra_encoder/spectra_encoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/kernels/isa.h"
#include "base/aligned_buffer.h"
#include "base/float_environment.h"
#include "encoder/checkpoint_layout.h"
#include "encoder/dense.h"
#include "encoder/required_tensor.h"
#include "kernels/convolution.h"
#include "kernels/dispatch.h"
#include "kernels/kernels.h"
#include "spectra_encoder/checkpoint_layout.h"

namespace astrom3 {
namespace {

/// A convolution reads kernel_size neighbouring rows of channels, which lie side by side in memory: a product
/// with an input of kernel_size * stride numbers, where row j * stride + c of the matrix is W[:, c, j].
Dense pack_convolution(const kernels::KernelTable& table, std::span<const float> w,
                       std::span<const float> bias, std::size_t channels, std::size_t stride,
                       std::size_t kernel) {
  return Dense(
      table, kernel * stride, bias.size(),
      [&](std::size_t i, std::size_t out) {
        const std::size_t c = i % stride, j = i / stride;
        return c < channels ? w[(out * channels + c) * kernel + j] : 0.0f;
      },
      bias);
}

}  // namespace

std::size_t spectra_positions(const SpectraConfig& config, std::size_t n_pixels) noexcept {
  const auto kernel = static_cast<std::size_t>(config.kernel_size);
  const auto window = static_cast<std::size_t>(config.mp_kernel_size);
  const std::size_t n_layers = config.conv_channels.size() - 1;
  for (std::size_t i = 0; i < n_layers; ++i) {
    if (n_pixels < kernel) return 0;
    n_pixels -= kernel - 1;
    if (i + 1 < n_layers) n_pixels /= window;
  }
  return n_pixels;
}

PixelRange pixels_for(const SpectraConfig& config, std::size_t positions) noexcept {
  const auto kernel = static_cast<std::size_t>(config.kernel_size);
  const auto window = static_cast<std::size_t>(config.mp_kernel_size);
  PixelRange range{positions, positions};
  for (std::size_t i = config.conv_channels.size() - 1; i-- > 0;) {
    range.first += kernel - 1;
    range.last += kernel - 1;
    if (i == 0) break;
    range.first *= window;
    range.last = range.last * window + window - 1;
  }
  return range;
}

struct SpectraEncoder::State {
  SpectraConfig config;
  const kernels::KernelTable& kernels;
  const kernels::ConvolutionKernels& convolutions;
  std::vector<Dense> layers;

  std::size_t channels() const { return static_cast<std::size_t>(config.conv_channels.front()); }
  std::size_t last_channels() const { return static_cast<std::size_t>(config.conv_channels.back()); }

  /// Memory for one spectrum after the other.
  struct Scratch {
    AlignedBuffer<float> x, y;      ///< what goes into a layer and what comes out
    AlignedBuffer<float> together;  ///< what the largest are taken of
  };

  Scratch make_scratch(std::size_t n_pixels) const {
    std::size_t largest = n_pixels * channels(), widest = 0, n_rows = n_pixels;
    for (std::size_t i = 0; i < layers.size(); ++i) {
      n_rows = rows_after(i, n_rows);
      largest = std::max(largest, n_rows * layers[i].width());
      widest = std::max(widest, layers[i].width());
    }
    const auto window = static_cast<std::size_t>(config.mp_kernel_size);
    return {AlignedBuffer<float>(largest), AlignedBuffer<float>(largest),
            AlignedBuffer<float>(kernels::kScratchWindows * window * widest)};
  }

  std::size_t window_of(std::size_t index) const {
    return index + 1 < layers.size() ? static_cast<std::size_t>(config.mp_kernel_size) : 1;
  }
  std::size_t rows_after(std::size_t index, std::size_t n_rows) const {
    return (n_rows - static_cast<std::size_t>(config.kernel_size) + 1) / window_of(index);
  }

  /// x [n_rows, stride] through layer `index`; every `window` rows of what comes out become one. Returns how
  /// many there are; rows [.., width] of `y`.
  std::size_t run_layer(std::size_t index, const float* x, std::size_t stride, std::size_t n_rows, float* y,
                        float* together) const {
    const Dense& layer = layers[index];
    const std::size_t n_out = rows_after(index, n_rows);
    if (index + 1 == layers.size()) {
      layer.apply(x, stride, n_out, y, layer.width(), kernels::Epilogue::relu);
      return n_out;
    }
    convolutions.convolve({.x = x,
                           .x_stride = stride,
                           .windows = n_out,
                           .window = window_of(index),
                           .k = layer.inputs(),
                           .n = layer.width(),
                           .b = layer.panels(),
                           .bias = layer.bias(),
                           .y = y,
                           .scratch = together});
    return n_out;
  }

  void run(std::span<const float> spectrum, std::size_t n_pixels, std::span<float> flat,
           Scratch& scratch) const {
    auto& [x, y, together] = scratch;
    for (std::size_t c = 0; c < channels(); ++c) {
      for (std::size_t i = 0; i < n_pixels; ++i) x.data()[i * channels() + c] = spectrum[c * n_pixels + i];
    }
    std::size_t stride = channels(), n_rows = n_pixels;
    for (std::size_t i = 0; i < layers.size(); ++i) {
      n_rows = run_layer(i, x.data(), stride, n_rows, y.data(), together.data());
      stride = layers[i].width();
      std::swap(x, y);
    }
    for (std::size_t c = 0; c < last_channels(); ++c) {
      for (std::size_t i = 0; i < n_rows; ++i) flat[c * n_rows + i] = x.data()[i * stride + c];
    }
  }
};

SpectraEncoder::SpectraEncoder(SpectraConfig config, const TensorMap& tensors, Isa isa) {
  if (!isa_supported(isa))
    throw Error(Status::unsupported_isa, fmt::format("this CPU does not have {}", isa_name(isa)));
  const bool is_possible = config.conv_channels.size() >= 2 && config.kernel_size > 0 &&
                           config.mp_kernel_size > 0 &&
                           std::all_of(config.conv_channels.begin(), config.conv_channels.end(),
                                       [](std::int64_t n) { return n > 0; });
  if (!is_possible) throw Error(Status::bad_config, "sizes that no spectra encoder has");
  state_ = std::make_unique<State>(
      State{std::move(config), kernels::kernels(isa), kernels::convolution_kernels(isa), {}});
  const std::vector<TensorSpec> specs = spectra_tensors(state_->config);
  std::size_t stride = state_->channels();
  for (std::size_t i = 0; i + 1 < state_->config.conv_channels.size(); ++i) {
    state_->layers.push_back(pack_convolution(state_->kernels, required_tensor(tensors, specs[2 * i]),
                                              required_tensor(tensors, specs[2 * i + 1]),
                                              static_cast<std::size_t>(state_->config.conv_channels[i]),
                                              stride, static_cast<std::size_t>(state_->config.kernel_size)));
    stride = state_->layers.back().width();
  }
}

SpectraEncoder::~SpectraEncoder() = default;
SpectraEncoder::SpectraEncoder(SpectraEncoder&&) noexcept = default;
SpectraEncoder& SpectraEncoder::operator=(SpectraEncoder&&) noexcept = default;

const SpectraConfig& SpectraEncoder::config() const noexcept {
  return state_->config;
}

std::size_t SpectraEncoder::flat_size(std::size_t n_pixels) const noexcept {
  return state_->last_channels() * spectra_positions(state_->config, n_pixels);
}

void SpectraEncoder::encode(std::span<const float> spectra, std::size_t n_pixels,
                            std::span<float> flat) const {
  const std::size_t inputs = state_->channels() * n_pixels, outputs = flat_size(n_pixels);
  if (outputs == 0) throw Error(Status::usage, fmt::format("encode: {} pixels are too few", n_pixels));
  if (spectra.size() % inputs != 0 || flat.size() != spectra.size() / inputs * outputs) {
    throw Error(
        Status::usage,
        fmt::format("encode: {} values of spectra and {} of flat; a spectrum has [{}, {}] and gives {}",
                    spectra.size(), flat.size(), state_->channels(), n_pixels, outputs));
  }
  const ScopedFloatEnvironment float_environment;
  State::Scratch scratch = state_->make_scratch(n_pixels);
  for (std::size_t b = 0; b < spectra.size() / inputs; ++b)
    state_->run(spectra.subspan(b * inputs, inputs), n_pixels, flat.subspan(b * outputs, outputs), scratch);
}

}  // namespace astrom3
