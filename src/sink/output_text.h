// SPDX-License-Identifier: MIT
//
// Numbers and ids as text: shortest round trip, valid UTF-8, CSV quoting.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace astrom3 {

/// Appends the shortest decimal text that reads back to the same value.
void append_number(std::string& out, double value);
void append_number(std::string& out, float value);
void append_number(std::string& out, std::uint64_t value);

/// `text` as valid UTF-8 without NUL: a NUL and bytes that are not UTF-8 become \xNN.
std::string to_valid_utf8(std::string_view text);

/// Appends `text` as one CSV field, made valid UTF-8 first. It is quoted as in RFC 4180 if it holds a comma,
/// a quote, a line break, a space at either end, or '#' at its start (a comment to many readers).
void append_csv_field(std::string& out, std::string_view text);

}  // namespace astrom3
