// SPDX-License-Identifier: MIT
//
// Parses the text of a config.json.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/encoder/checkpoint.h"
#include "encoder/config_values.h"

namespace astrom3 {

inline constexpr std::size_t kMaxConfigBytes = std::size_t{1} << 20;

/// Parses and checks the text of a config.json; `file` is named in errors.
/// Unknown keys and values that do not matter for inference are reported in `warnings`.
/// Throws Error bad_config naming the JSON pointer, the value and the range allowed.
EncoderConfig parse_encoder_config(std::string_view text, const std::string& file,
                                   std::vector<Diagnostic>& warnings);

/// The keys that a photo encoder's configuration may have.
std::vector<std::string_view> photo_keys();

/// Reads the photo encoder's keys of `values`, which may be a part of a larger configuration. Throws Error
/// bad_config.
EncoderConfig read_photo_config(ConfigValues& values);

}  // namespace astrom3
