// SPDX-License-Identifier: MIT
//
// What an output says of itself, as JSON, and compared with what a run says.
#pragma once

#include <string>

#include "astrom3/sink/sink.h"
#include "formats/json.h"
#include "formats/json_writer.h"

namespace astrom3 {

/// Writes it as a flat JSON object, in the order given; what is not UTF-8 as to_valid_utf8() has it.
void write_identity(JsonWriter& json, const Identity& identity);

/// The text of that, one pair a line.
std::string identity_json(const Identity& identity);

/// What `run` says otherwise than the JSON object `stored`, a line each: "\n  KEY: was A, is B"; empty where
/// they are the same.
std::string identity_differences(const JsonValue& stored, const Identity& run);

}  // namespace astrom3
