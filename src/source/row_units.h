// SPDX-License-Identifier: MIT
//
// Units, and systems of magnitudes, that a column says row by row.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "source/table_plan.h"
#include "source/units.h"

namespace astrom3 {

/// The unit of a row.
struct RowUnit {
  Unit unit;
  MagnitudeSystem system = MagnitudeSystem::of_band;
};

/// Units by their texts. Rows repeat a few texts, which are parsed once.
class RowUnits {
 public:
  RowUnit of(std::string_view text);

 private:
  static constexpr std::size_t kMostKept = 16;
  std::vector<std::pair<std::string, RowUnit>> known_;
};

/// The rejection for a row whose unit cannot be that of what is read. `place`  of the cell with the unit
Diagnostic not_in_unit(const RowUnit& row, std::string_view text, const TablePlan& plan, Diagnostic place);

/// Whether a column such as "zpsys" says AB.
bool is_ab_system(std::string_view text);

/// What a column such as "magsys" says: "AB", "abmag", "Vega"; nothing for ST magnitudes, whose zero point
/// depends on the filter.
std::optional<MagnitudeSystem> system_of_row(std::string_view text);

}  // namespace astrom3
