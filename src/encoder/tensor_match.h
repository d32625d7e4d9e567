// SPDX-License-Identifier: MIT
//
// Which tensor of a file is which tensor of the encoder; judged from the header alone.
#pragma once

#include <string>
#include <vector>

#include "encoder/checkpoint_layout.h"
#include "formats/safetensors.h"

namespace astrom3 {

struct MatchedTensor {
  TensorSpec spec;
  const TensorEntry* entry;  ///< into the header that was matched
};

struct TensorMatch {
  std::vector<MatchedTensor> tensors;  ///< the encoder's, then the head's where there is one
  bool has_head = false;
  std::vector<std::string> extra;       ///< names present and not used, without the prefix
  std::vector<std::string> unexpected;  ///< those of `extra` that nothing explains
};

/// Finds every tensor that `config` calls for under `key_prefix` + its name and checks dtype and shape.
/// fc.weight and fc.bias are optional, both or none; so are the three tensors of OutOfClass. Throws Error
/// bad_model: tensors missing (all are listed, with a hint where a name is misspelt or prefixed), wrong
/// dtype, wrong shape (both are shown with the config values behind them).
TensorMatch match_tensors(const SafetensorsHeader& header, const EncoderConfig& config,
                          const std::string& key_prefix, const std::string& file);

/// The same for tensors that are all required; `has_head` stays false, and `unexpected` is every name under
/// the prefix that is not among them.
TensorMatch match_specs(const SafetensorsHeader& header, std::vector<TensorSpec> specs,
                        const std::string& key_prefix, const std::string& file);

}  // namespace astrom3
