// SPDX-License-Identifier: MIT
//
// The first lines of a text table, as its layout is found in them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace astrom3 {

/// A line that is not blank.
struct TextLine {
  std::string_view text;  // without line end; comments keep their '#'
  std::int64_t number = 0;
  std::size_t end = 0;  // offset behind its line end
  bool is_comment = false;
  bool is_keyword = false;  // "@key value" of sncosmo; also a comment
};

/// The lines of `head` that are not blank, at most a thousand; a line that `head` cuts off is left out.
std::vector<TextLine> first_lines(std::string_view head, bool complete, char line_end);

/// Text that names columns, without the '#' in front.
std::string_view header_text(std::string_view line);

}  // namespace astrom3
