// SPDX-License-Identifier: MIT
//
// Finds out which tensor of a file is which tensor of the encoder, from the header alone.
#pragma once

#include <string>
#include <vector>

#include "encoder/checkpoint_layout.h"
#include "formats/safetensors.h"

namespace astrom3 {

struct MatchedTensor {
  TensorSpec spec;
  const TensorEntry* entry;  ///< points into the header that was matched
};

struct TensorMatch {
  std::vector<MatchedTensor> tensors;  ///< the encoder's tensors, then those of the head where there is one
  bool has_head = false;
  std::vector<std::string> extra;       ///< names in the file that are not used, without the prefix
  std::vector<std::string> unexpected;  ///< the names of `extra` that belong to no known part of a model
};

/// Finds every tensor that `config` requires, under `key_prefix` + its name, and checks its dtype and shape.
/// fc.weight and fc.bias are optional, both or none; so are the three tensors of OutOfClass. Throws Error
/// bad_model where tensors are missing (it lists all, with a hint where a name is misspelt or has a prefix)
/// or have another dtype or shape (it shows both, and the config values from which the shape follows).
TensorMatch match_tensors(const SafetensorsHeader& header, const EncoderConfig& config,
                          const std::string& key_prefix, const std::string& file);

/// Like match_tensors(), for a list of tensors that are all required. `has_head` stays false, and
/// `unexpected` has every name with the prefix that is not in the list.
TensorMatch match_specs(const SafetensorsHeader& header, std::vector<TensorSpec> specs,
                        const std::string& key_prefix, const std::string& file);

}  // namespace astrom3
