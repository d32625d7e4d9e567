// SPDX-License-Identifier: MIT
#include "source/text_lines.h"

#include <algorithm>

#include "base/number.h"

namespace astrom3 {

std::vector<TextLine> first_lines(std::string_view head, bool complete, char line_end) {
  constexpr std::size_t kMaxHeaderLines = 1000;
  std::vector<TextLine> lines;
  std::int64_t number = 0;
  for (std::size_t begin = 0; begin < head.size() && lines.size() < kMaxHeaderLines;) {
    std::size_t stop = head.find(line_end, begin);
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

std::string_view header_text(std::string_view line) {
  while (!line.empty() && (line.front() == '#' || line.front() == ' ' || line.front() == '\t'))
    line.remove_prefix(1);
  return line;
}

}  // namespace astrom3
