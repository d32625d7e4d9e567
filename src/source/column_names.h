// SPDX-License-Identifier: MIT
//
// What people write into the name of a column beside the name: units, time scales, offsets.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "astrom3/source/source.h"

namespace astrom3 {

/// "flux [mJy]", "Flux_mJy", "BJD_TDB", "HJD - 2450000" taken apart.
struct ColumnName {
  std::string base;  ///< "flux", "bjd", "hjd": in lower case, words joined by '_'
  std::string unit;  ///< "mJy", as written; what stands in brackets, or a unit of flux behind a '_'
};

/// Brackets at the end, "_tdb" and other time scales, "-2450000" and other offsets leave the base; an offset
/// of time does not matter here, as only differences are used.
ColumnName parse_column_name(std::string_view name);

/// nJy, uJy, mJy, Jy, whatever their case, and µJy; nothing for any other unit.
std::optional<FluxUnit> flux_unit_called(std::string_view unit);

}  // namespace astrom3
