// SPDX-License-Identifier: MIT
//
// How a text table begins: its encoding, and the line that names its columns.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "formats/csv.h"
#include "formats/text_encoding.h"

namespace astrom3 {

/// Bytes that are enough for any header, and to tell text from something else.
inline constexpr std::size_t kHeadBytes = 64 << 10;

/// Looks at the first bytes and skips a byte order mark. Throws Error empty_file, not_text or bad_encoding.
TextTraits begin_table(CsvReader& reader);

/// Skips blank lines and comments, and returns the line after them, as far as it has been read; the reader
/// stays before it.
std::string_view skip_to_header(CsvReader& reader, char line_end);

/// The fields of one line as strings, blanks around them removed.
std::vector<std::string> copy_fields(std::string_view line, char delimiter);

/// The most frequent of comma, semicolon, tab and bar; CsvDialect::kBlanks if there is none. With
/// decimal commas, a comma is a separator only if there is no other separator.
char guess_delimiter(std::string_view line, char decimal = '.');

/// Names for a message: the first few dozen of them, escaped.
std::string listed(std::span<const std::string> names);

/// Header names as compared: without the blanks and '#' around them, in lower case.
std::string folded_name(std::string_view name);
/// Whether folded_name(name) is `folded`.
bool folds_to(std::string_view name, std::string_view folded) noexcept;

/// The column called `wanted`: first compared exactly, then regardless of case.
/// Throws Error ambiguous_column when two columns have that name.
std::optional<std::size_t> find_column(std::string_view wanted, std::span<const std::string> names);

}  // namespace astrom3
