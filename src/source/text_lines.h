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

/// How the lines of a table end, and how many lines stand before the part that is searched.
struct LineNumbering {
  char end = '\n';
  std::int64_t n_before = 0;
};

/// Whether a text says that it is ECSV, whose header has a line for each column, and any notes.
bool is_ecsv(std::string_view head);

/// The lines of `head` that are not blank, at most a thousand, of ECSV 20,000; a line that `head` cuts off is
/// left out.
std::vector<TextLine> first_lines(std::string_view head, bool complete, LineNumbering numbering);

/// The blank lines, comments and keywords of IPAC at the beginning of a table that can be skipped.
struct Preamble {
  std::size_t n_bytes = 0;
  std::int64_t n_lines = 0;
  bool is_over = false;  ///< another line ends in the part that was searched
};

/// kept  how many lines that are not blank are not skipped
Preamble preamble_of(std::string_view head, char line_end, std::size_t kept);

/// Text that names columns, without the marks of a comment in front: '#', '%' or '!'.
std::string_view header_text(std::string_view line);

}  // namespace astrom3
