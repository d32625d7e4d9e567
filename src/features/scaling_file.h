// SPDX-License-Identifier: MIT
//
// Reads and writes a scaling as JSON text.
#pragma once

#include <string>
#include <string_view>

#include "astrom3/features/scaling.h"
#include "formats/json_writer.h"

namespace astrom3 {

/// Parses and checks the text of a preprocessor_config.json or info.json; `file` is named in errors
/// and as the source. Throws Error bad_scaling naming the JSON pointer.
Scaling parse_scaling(std::string_view text, const std::string& file);

/// Writes the members of a preprocessor_config.json that hold `scaling`; returns `json`.
JsonWriter& write_members(JsonWriter& json, const Scaling& scaling);

}  // namespace astrom3
