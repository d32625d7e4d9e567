// SPDX-License-Identifier: MIT
//
// The header of ECSV: the comments at the top of a table that describe its columns.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace astrom3 {

struct EcsvColumn {
  std::string name;
  std::string unit{};
  std::string datatype{};  ///< "float64", "string", ...
  std::string
      time_format{};  ///< "mjd", "unix", "isot", ...: of a column that was an astropy Time; else empty
};

struct EcsvHeader {
  std::vector<EcsvColumn> columns;
  char delimiter = ' ';  ///< a blank: runs of blanks
};

/// Reads the comment lines at the top of a table, with their '#'. Nothing if they do not begin with "#
/// %ECSV". Entries may be in braces, also over several lines, or have one key per line; other lines are
/// ignored.

/// Source  Aldcroft 2021, APE 6, https://github.com/astropy/astropy-APEs/blob/main/APE6.rst
std::optional<EcsvHeader> parse_ecsv_header(std::span<const std::string_view> comments);

}  // namespace astrom3
