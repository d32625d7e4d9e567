// SPDX-License-Identifier: MIT
//
// Columns beside a measurement that say how much it is, whether it is good, and where the star is.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "source/column_names.h"

namespace astrom3 {

/// Columns, in any table, that say how large a unit of flux is, which rows are good, or where the star is.
/// They are recognised by their names.
struct SideColumns {
  std::optional<std::size_t> zero_point;           ///< "zp", "magzp", ...: magnitude of one flux unit
  std::optional<std::size_t> zero_point_system;    ///< "magsys", "zpsys": "ab", "vega"
  std::optional<std::size_t> unit;                 ///< "unit", "flux_units", ...: of each row
  std::vector<std::size_t> quality;                ///< "quality", "flags", "is_bad", ...
  std::optional<std::size_t> longitude, latitude;  ///< on the sky: "ra" and "dec", "glon" and "glat", ...
};

/// Of a column that is there several times the first; of positions the first pair of names.
SideColumns find_side_columns(const ColumnLabels& labels);

}  // namespace astrom3
