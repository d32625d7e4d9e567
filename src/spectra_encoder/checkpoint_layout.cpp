// SPDX-License-Identifier: MIT
#include "spectra_encoder/checkpoint_layout.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "astrom3/spectra_encoder/spectra_encoder.h"
#include "base/joined.h"
#include "encoder/checkpoint_layout.h"

namespace astrom3 {

AffineNames convolution_names(std::size_t index) {
  const std::string name = fmt::format("layers.{}", 3 * index);
  return {.weight = name + ".weight", .bias = name + ".bias"};
}

std::vector<TensorSpec> spectra_tensors(const SpectraConfig& config) {
  std::vector<TensorSpec> specs;
  const std::string reason = fmt::format("conv_channels=[{}], kernel_size={}",
                                         joined(config.conv_channels, ","), config.kernel_size);
  for (std::size_t i = 0; i + 1 < config.conv_channels.size(); ++i) {
    const std::int64_t in = config.conv_channels[i], out = config.conv_channels[i + 1];
    const AffineNames names = convolution_names(i);
    const std::int64_t fan_in = in * config.kernel_size;
    specs.push_back({names.weight, TensorRole::linear, {out, in, config.kernel_size}, fan_in, reason});
    specs.push_back({names.bias, TensorRole::linear, {out}, fan_in, reason});
  }
  return specs;
}

}  // namespace astrom3
