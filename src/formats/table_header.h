// SPDX-License-Identifier: MIT
//
// The line of a text table that names its columns.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace astrom3 {

/// The fields of one line as strings, blanks around them removed.
std::vector<std::string> copy_fields(std::string_view line, char delimiter);

/// The most frequent of comma, semicolon and tab; CsvDialect::kBlanks where there is none. Under
/// decimal commas a comma separates only where nothing else does.
char guess_delimiter(std::string_view line, char decimal = '.');

/// Header names as compared: without the blanks and '#' around them, in lower case.
std::string folded_name(std::string_view name);

/// The column called `wanted`: first compared exactly, then regardless of case.
/// Throws Error ambiguous_column when two columns have that name.
std::optional<std::size_t> find_column(std::string_view wanted, std::span<const std::string> names);

}  // namespace astrom3
