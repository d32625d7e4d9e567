// SPDX-License-Identifier: MIT
//
// Writes the files of a checkpoint of any kind.
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
  std::string config;                        ///< the text of config.json
  std::optional<std::string> preprocessing;  ///< the text of preprocessor_config.json, if there is to be one
  std::vector<std::pair<std::string, const Tensor*>> tensors;  ///< in the order in which they are written
  std::map<std::string, std::string> metadata;                 ///< the metadata of model.safetensors
};

/// Writes `contents` into `directory`, with the weights as `dtype`; errors as of write_checkpoint().
void write_checkpoint_files(const std::filesystem::path& directory, const CheckpointContents& contents,
                            WeightsDtype dtype);

}  // namespace astrom3
