// SPDX-License-Identifier: MIT
//
// Reads a list of frequencies from a text file.
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/option.h"
#include "astrom3/features/period_statistics.h"
#include "base/regular_file.h"

namespace astrom3 {
namespace {

constexpr std::size_t kMostBytes = 256 << 20;
constexpr std::string_view kSeparators = ",; \t\r";

/// The cells of a line, without a comment that begins with '#'.
std::vector<std::string_view> cells_of(std::string_view line) {
  line = line.substr(0, line.find('#'));
  std::vector<std::string_view> cells;
  for (std::size_t at = 0; (at = line.find_first_not_of(kSeparators, at)) != std::string_view::npos;) {
    const std::size_t end = std::min(line.find_first_of(kSeparators, at), line.size());
    cells.push_back(line.substr(at, end - at));
    at = end;
  }
  return cells;
}

[[noreturn]] void refuse(const std::string& file, std::int64_t line, std::string_view found,
                         std::string message) {
  throw Error(Diagnostic{.code = Status::usage,
                         .file = file,
                         .line = line,
                         .option = "frequencies",
                         .value = std::string(found.substr(0, 80)),
                         .message = std::move(message)});
}

}  // namespace

std::vector<double> read_frequencies(const std::string& file) {
  const std::string text = read_text_file(file, kMostBytes, Status::no_input);
  std::vector<double> frequency;
  std::size_t column = 0;
  bool is_first = true;
  std::int64_t line = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::vector<std::string_view> cells = cells_of(std::string_view(text).substr(at, end - at));
    at = end + 1;
    ++line;
    if (cells.empty()) continue;
    if (is_first && !number_of(cells.front())) {  // the names of the columns
      is_first = false;
      const auto named = std::find(cells.begin(), cells.end(), "frequency");
      if (named == cells.end())
        refuse(file, line, cells.front(), "expected a number, or a column called \"frequency\"");
      column = static_cast<std::size_t>(named - cells.begin());
      continue;
    }
    is_first = false;
    const std::optional<double> value = column < cells.size() ? number_of(cells[column]) : std::nullopt;
    if (!value) refuse(file, line, column < cells.size() ? cells[column] : "", "expected a frequency");
    frequency.push_back(*value);
  }
  if (frequency.empty()) refuse(file, -1, "", "there is no frequency in the file");
  return frequency;
}

}  // namespace astrom3
