// SPDX-License-Identifier: MIT
#include "source/text_lines.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/number.h"

namespace astrom3 {

bool is_ecsv(std::string_view head) {
  return head.starts_with("# %ECSV");
}

std::vector<TextLine> first_lines(std::string_view head, bool complete, LineNumbering numbering) {
  const std::size_t max_lines = is_ecsv(head) ? 20'000 : 1000;
  std::vector<TextLine> lines;
  std::int64_t number = numbering.n_before;
  for (std::size_t begin = 0; begin < head.size() && lines.size() < max_lines;) {
    std::size_t stop = head.find(numbering.end, begin);
    if (stop == std::string_view::npos) {
      if (!complete) break;
      stop = head.size();
    }
    std::string_view text = head.substr(begin, stop - begin);
    if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
    ++number;
    begin = std::min(stop + 1, head.size());
    if (trimmed(text).empty()) continue;
    const bool is_keyword = text.front() == '@';
    lines.push_back({text, number, begin, is_keyword || text.front() == '#', is_keyword});
  }
  return lines;
}

Preamble preamble_of(std::string_view head, char line_end, std::size_t kept) {
  struct Start {
    std::size_t at;
    std::int64_t n_lines;
  };
  std::vector<Start> starts;  // of the lines that are not blank
  std::size_t begin = 0;
  std::int64_t n_lines = 0;
  bool is_over = false;
  for (std::size_t stop; (stop = head.find(line_end, begin)) != std::string_view::npos; begin = stop + 1) {
    // In the line alone: a line end may be a '\r', which is no word either.
    const std::string_view line = head.substr(begin, stop - begin);
    if (const std::size_t word = line.find_first_not_of(" \t\r"); word != std::string_view::npos) {
      is_over = line[word] != '#' && line[word] != '\\';
      if (is_over) break;
      starts.push_back({.at = begin, .n_lines = n_lines});
    }
    ++n_lines;
  }
  if (starts.empty()) return {.n_bytes = begin, .n_lines = n_lines, .is_over = is_over};
  const Start& first = starts[starts.size() - std::min(starts.size(), kept)];
  return {.n_bytes = first.at, .n_lines = first.n_lines, .is_over = is_over};
}

std::string_view header_text(std::string_view line) {
  // '#' and what other programs begin comments with: LaTeX and MATLAB, Fortran.
  const std::size_t first = line.find_first_not_of("# \t%!");
  return line.substr(std::min(first, line.size()));
}

}  // namespace astrom3
