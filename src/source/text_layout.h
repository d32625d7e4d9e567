// SPDX-License-Identifier: MIT
//
// How a text table is laid out: found by the content of its first lines, not by the file's name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/source/source.h"
#include "source/table_plan.h"
#include "source/text_lines.h"

namespace astrom3 {

/// The layout of a text table, as its header says it.
struct TextLayout {
  TablePlan plan;                 ///< format: "csv", "dat", "asassn_dat" or a survey's
  char delimiter = ',';           ///< CsvDialect::kBlanks for columns aligned with blanks
  std::size_t header_bytes = 0;   ///< the rows begin here
  std::int64_t header_lines = 0;  ///< the number of the last line of them
  std::size_t n_required = 0;     ///< fields of a row; blank ones behind them may be left out. 0: all
  std::vector<std::string>
      below_names;        ///< lines of units and dashes; they are repeated if tables were joined
  bool has_keys = false;  ///< SNANA's text: rows begin with "OBS:"
  std::string object_id;  ///< of has_keys: the id of the first object; "" where nothing says it
};

/// Recognises the layout.
///
/// head      the first bytes of the text, byte order mark removed
/// complete  head is the whole file
/// numbering how lines end, and their numbers
///
/// The header is the last line that has the columns of a survey format, or names a time and a flux or
/// magnitude, before the first line of numbers; other lines there (titles, comments) must not be data
/// themselves, and a comment can be the header only if it has as many fields as the rows. Units may follow. A
/// table without header needs SourceOptions::columns with field numbers, or a survey named as its format,
/// except the five columns of the ASAS-SN variable star database under two header lines without names, which
/// are recognised because flux and magnitude agree. Throws Error with line: bad_header, no_rows,
/// missing_column, ambiguous_column, missing_error_column, line_too_long.
TextLayout recognise_layout(std::string_view head, bool complete, LineNumbering numbering,
                            const SourceOptions& options);

}  // namespace astrom3
