// SPDX-License-Identifier: MIT
#include "source/row_units.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "astrom3/base/error.h"
#include "formats/table_header.h"
#include "source/table_plan.h"
#include "source/units.h"

namespace astrom3 {

RowUnit RowUnits::of(std::string_view text) {
  const auto found =
      std::find_if(known_.begin(), known_.end(), [&](const auto& entry) { return entry.first == text; });
  if (found != known_.end()) return found->second;
  const RowUnit row{parse_unit(text), system_of(text)};
  if (known_.size() < kMostKept) known_.emplace_back(text, row);
  return row;
}

Diagnostic not_in_unit(const RowUnit& row, std::string_view text, const TablePlan& plan, Diagnostic place) {
  const ColumnMap& columns = plan.columns();
  const std::string value = plan.name_of(columns.value);
  place.message += fmt::format("the {} of this row is in \"{}\": how much is that?",
                               columns.is_magnitude ? "magnitude" : "flux", escaped(text, 40));
  if (columns.is_magnitude) {
    place.hint = {"keep the rows of one unit with {}", {{"where", plan.name_of(*plan.row_unit) + "=..."}}};
  } else if (row.unit.kind == UnitKind::magnitude) {
    std::string choice = "mag=" + value;
    if (columns.error.has_value()) choice += ",mag_err=" + plan.name_of(*columns.error);
    place.hint = {"read them as magnitudes with {}", {{"columns", std::move(choice)}}};
  } else {
    place.hint = {"say it with {}; mJy takes all fluxes as they are", {{"flux-unit"}}};
  }
  return place;
}

bool is_ab_system(std::string_view text) {
  constexpr std::array<std::string_view, 9> kNames{"ab",     "abmag",  "abmags",  "magab",   "ab_mag",
                                                   "ab-mag", "ab mag", "mag(ab)", "absystem"};
  return std::find(kNames.begin(), kNames.end(), folded_name(text)) != kNames.end();
}

std::optional<MagnitudeSystem> system_of_row(std::string_view text) {
  const std::string folded = folded_name(text);
  if (is_ab_system(text)) return MagnitudeSystem::ab;
  if (folded.starts_with("vega")) return MagnitudeSystem::vega;
  if (folded == "st" || folded.starts_with("stmag")) return std::nullopt;
  return MagnitudeSystem::of_band;
}

}  // namespace astrom3
