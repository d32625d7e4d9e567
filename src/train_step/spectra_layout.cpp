// SPDX-License-Identifier: MIT
#include "train_step/spectra_layout.h"

#include <fmt/format.h>

#include <cstddef>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/spectra_encoder/spectra_encoder.h"
#include "base/aligned_buffer.h"
#include "encoder/checkpoint_layout.h"
#include "encoder/sizes.h"
#include "spectra_encoder/checkpoint_layout.h"

namespace astrom3::train {

SpectraLayout::SpectraLayout(const SpectraConfig& config, std::size_t pixels)
    : channels(static_cast<std::size_t>(config.conv_channels.front())),
      n_pixels(pixels),
      kernel(static_cast<std::size_t>(config.kernel_size)) {
  if (spectra_positions(config, n_pixels) == 0)
    throw Error(Status::usage, fmt::format("train: spectra of {} pixels are too short", n_pixels));
  const std::vector<TensorSpec> specs = spectra_tensors(config);
  const std::size_t n_layers = config.conv_channels.size() - 1;
  std::size_t stride = channels, positions = n_pixels;
  for (std::size_t i = 0; i < n_layers; ++i) {
    ConvolutionPlace place;
    const std::size_t n = round_up(static_cast<std::size_t>(config.conv_channels[i + 1]), kVectorLanes);
    const std::size_t k = round_up(kernel * stride, kVectorLanes);
    place.linear = {.weight = size, .bias = size + n * k, .n = n, .k = k};
    place.input_stride = i == 0 ? k : stride;
    place.inputs = positions;
    place.window = i + 1 < n_layers ? static_cast<std::size_t>(config.mp_kernel_size) : 1;
    place.outputs = positions = (positions - kernel + 1) / place.window;
    const auto in = static_cast<std::size_t>(config.conv_channels[i]);
    tensors.push_back(
        {specs[2 * i].name, specs[2 * i].shape, [=, offset = size, kernel = kernel](std::size_t e) {
           const std::size_t j = e % kernel, c = e / kernel % in, out = e / kernel / in;
           return offset + out * k + j * stride + c;
         }});
    tensors.push_back({specs[2 * i + 1].name, specs[2 * i + 1].shape,
                       [offset = place.linear.bias](std::size_t e) { return offset + e; }});
    decays.push_back({size, n * k});
    size += n * k + n;
    layers.push_back(place);
    stride = n;
  }
}

}  // namespace astrom3::train
