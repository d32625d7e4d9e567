// SPDX-License-Identifier: MIT
//
// The spectra encoder: GalSpecNet, convolutions without padding over a spectrum on the grid.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "astrom3/encoder/checkpoint.h"
#include "astrom3/kernels/isa.h"

namespace astrom3 {

/// The spectra encoder's part of config.json. Names are upstream's; the defaults are the published values.
struct SpectraConfig {
  bool classification = false;
  std::int64_t num_classes = 10;
  std::vector<std::int64_t> conv_channels = {3, 64, 64, 32, 32};  ///< of the input, then of every convolution
  std::int64_t kernel_size = 3;
  std::int64_t mp_kernel_size = 4;  ///< pixels of a window of the maximum, and its step
  double dropout_rate = 0;          ///< not used in inference
  std::vector<std::string> class_names;

  friend bool operator==(const SpectraConfig&, const SpectraConfig&) = default;
};

/// Positions that are left of `n_pixels`: every convolution takes kernel_size - 1 of them, and after each but
/// the last a window of mp_kernel_size becomes one; what does not fill a window is dropped. 0: too few
/// pixels.
std::size_t spectra_positions(const SpectraConfig& config, std::size_t n_pixels) noexcept;

/// The fewest and the most pixels of which `positions` are left: [first, last].
struct PixelRange {
  std::size_t first, last;
};
PixelRange pixels_for(const SpectraConfig& config, std::size_t positions) noexcept;

using TensorMap = std::map<std::string, Tensor, std::less<>>;

/// The spectra encoder with its weights packed for one instruction set.
///
///   four times (as published):  x = relu(convolution of width 3, bias, no padding);
///   after each but the last     x = the largest of every 4 pixels
///   flat = x, channel by channel: index = channel * positions + position; all >= 0
///
/// Immutable; for any number of threads at once. Results are the same bits for any batch size, thread count
/// or order, and on every instruction set. Source  Wu et al. 2023 (GalSpecNet), as upstream's AstroM3 uses
/// it: no batch norm, no padding.
class SpectraEncoder {
 public:
  /// tensors  upstream's names, without a prefix; those of the head are not looked at
  /// Throws   Error bad_model where a tensor is missing or has another shape than the configuration says,
  ///          unsupported_isa.
  SpectraEncoder(SpectraConfig config, const TensorMap& tensors, Isa isa = default_isa());
  ~SpectraEncoder();
  SpectraEncoder(SpectraEncoder&&) noexcept;
  SpectraEncoder& operator=(SpectraEncoder&&) noexcept;

  const SpectraConfig& config() const noexcept;
  /// Numbers of `flat` for spectra of `n_pixels`; 0: too few pixels.
  std::size_t flat_size(std::size_t n_pixels) const noexcept;

  /// spectra [B, channels, n_pixels] to flat [B, channels of the last convolution * positions], on the
  /// calling thread. Throws Error usage where a span has the wrong size or the pixels are too few.
  void encode(std::span<const float> spectra, std::size_t n_pixels, std::span<float> flat) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace astrom3
