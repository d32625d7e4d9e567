// SPDX-License-Identifier: MIT
#include "metadata_encoder/checkpoint_layout.h"

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <vector>

#include "astrom3/metadata_encoder/metadata_encoder.h"
#include "encoder/checkpoint_layout.h"

namespace astrom3 {

std::vector<TensorSpec> metadata_tensors(const MetadataConfig& config) {
  const std::int64_t in = config.input_dim, hidden = config.hidden_dim;
  const std::string sizes = fmt::format("hidden_dim={}, input_dim={}", hidden, in);
  const std::string width = fmt::format("hidden_dim={}", hidden);
  return {{"model.0.weight", TensorRole::linear, {hidden, in}, in, sizes},
          {"model.0.bias", TensorRole::linear, {hidden}, in, width},
          {"model.3.weight", TensorRole::linear, {hidden, hidden}, hidden, width},
          {"model.3.bias", TensorRole::linear, {hidden}, hidden, width}};
}

}  // namespace astrom3
