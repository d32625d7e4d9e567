// SPDX-License-Identifier: MIT
//
// The files of a checkpoint of any kind, from what is to be in them.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/encoder/checkpoint.h"

namespace astrom3 {

struct CheckpointContents {
  std::string config;                        ///< text of config.json
  std::optional<std::string> preprocessing;  ///< text of preprocessor_config.json; none: there is none
  std::vector<std::pair<std::string, const Tensor*>> tensors;  ///< in the order of the file
  std::map<std::string, std::string> metadata;                 ///< of model.safetensors
};

/// As write_checkpoint() says.
void write_checkpoint_files(const std::filesystem::path& directory, const CheckpointContents& contents,
                            WeightsDtype dtype);

}  // namespace astrom3
