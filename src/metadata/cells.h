// SPDX-License-Identifier: MIT
//
// A cell of a catalogue: its number, or why it has none.
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "formats/keyed_table.h"

namespace astrom3 {

/// `value` is NaN where the status is not ok: missing_value (empty, null, --), sentinel (99.999, -999),
/// not_a_number (also a NaN that is written out: something was computed, and went wrong) or nonfinite.
struct CatalogueCell {
  double value = std::numeric_limits<double>::quiet_NaN();
  Status status = Status::ok;
};

/// Whether a column is a magnitude, the error of one, or a difference of two: 99.999 is then no value.
bool is_magnitude(std::string_view column);

/// The cell of the current row. `of_magnitude` decides which numbers are sentinels.
CatalogueCell read_catalogue_cell(const KeyedTable& table, std::size_t cell, bool of_magnitude);

/// Columns of a table whose unit looks like another one, and why: no parallax of a size that mas have, no
/// angle of l and b (of several rows) of one that degrees have. 0: there is none.
std::vector<std::pair<std::string, std::string>> doubtful_units(double largest_parallax, double largest_angle,
                                                                std::size_t n_rows);

}  // namespace astrom3
