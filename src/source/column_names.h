// SPDX-License-Identifier: MIT
//
// Takes the names of columns apart: people also write units, time scales and offsets into them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "source/units.h"

namespace astrom3 {

/// What is longer is no name of a column that is known.
inline constexpr std::size_t kLongestColumnName = 256;

/// "flux [mJy]", "Flux_mJy", "uJy", "BJD_TDB", "HJD - 2450000", "time_s" taken apart.
struct ColumnName {
  std::string base;  ///< "flux", "bjd", "hjd", "time": in lower case, words joined by '_'
  std::string unit;  ///< "mJy", "s", as written: in brackets, or a unit among the words of the name
};

/// Brackets at the end, units, "_tdb" and other time scales, "-2450000" and other offsets leave the base; an
/// offset of time does not matter here, as only differences are used. A name that is a unit of flux, "uJy",
/// is that of a flux, and "duJy" or "uJy_err" that of its error.
ColumnName parse_column_name(std::string_view name);

/// `name` in the form in which names are compared that people spell in many ways: "source_id", "Source ID"
/// and "sourceId" become the same.
std::string squeezed_name(std::string_view name);

/// Whether `word` is one of the words of a name in lower case, as "flag" of "psf_flag".
bool has_word(std::string_view folded, std::string_view word);

/// The names of the columns of a table.
struct ColumnLabels {
  std::vector<std::string> names{};
  std::vector<std::string> units{};  ///< beside the names, if the format has a place for units; else empty
  std::vector<bool> may_be_categories{};  ///< false for columns of real numbers or lists; empty: any may

  /// The unit of column `i`: from the table's place for units, else from its name; "" if neither has one.
  std::string unit_text(std::size_t i) const;
  Unit unit(std::size_t i) const { return parse_unit(unit_text(i)); }
};

}  // namespace astrom3
