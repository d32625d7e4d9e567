// SPDX-License-Identifier: MIT
//
// The units that a table states for its columns: in an ECSV header, in Parquet, or in VizieR's line of units.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace astrom3 {

struct StatedUnits {
  std::vector<std::string> units;       ///< one for each column; empty where nothing is said
  std::size_t n_rows_before_first = 0;  ///< rows that are no objects: VizieR's units, and dashes below them
};

/// Throws Error bad_metadata where the file cannot be read.
StatedUnits read_stated_units(const std::filesystem::path& file);

}  // namespace astrom3
