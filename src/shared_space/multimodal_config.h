// SPDX-License-Identifier: MIT
//
// config.json of any kind of checkpoint, from text already read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "astrom3/shared_space/multimodal_checkpoint.h"

namespace astrom3 {

/// Parses and checks the text of a config.json of any kind; `file` is named in errors. Throws Error
/// bad_config naming the JSON pointer, the value and the range allowed.
MultimodalConfig parse_multimodal_config(std::string_view text, const std::string& file,
                                         std::vector<Diagnostic>& warnings);

/// The text of a config.json with upstream's keys.
std::string to_json(const MultimodalConfig& config);

}  // namespace astrom3
