// SPDX-License-Identifier: MIT
//
// Flat columns, with offsets or with ids, as a table of light curves.
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/source/light_curve_table.h"
#include "astrom3/source/source.h"
#include "source/check_options.h"
#include "source/columns.h"
#include "source/in_memory/condition.h"
#include "source/in_memory/leaf.h"
#include "source/in_memory/table_state.h"
#include "source/nested_plan.h"
#include "source/survey_formats.h"
#include "source/table_plan.h"

namespace astrom3 {
namespace {

/// The texts of a categorical column as Arrow would hold them, and the memory for it.
struct Categories {
  std::vector<std::string> texts;
  std::vector<std::int64_t> offsets{0};
  std::string bytes;
  Leaf leaf;

  explicit Categories(std::vector<std::string> names) : texts(std::move(names)) {
    for (const std::string& text : texts) {
      bytes += text;
      offsets.push_back(static_cast<std::int64_t>(bytes.size()));
    }
    leaf.length = static_cast<std::int64_t>(texts.size());
    leaf.text = TextType::large_utf8;
    leaf.data = offsets.data();
    leaf.bytes = bytes.data();
  }
};

Leaf make_leaf(const FlatColumn& column, std::size_t n_rows) {
  const auto fail = [&](std::string message) {
    throw Error(Diagnostic{.code = Status::usage, .column = column.name, .message = std::move(message)});
  };
  if (column.data == nullptr && n_rows > 0) fail("no data: a null pointer");
  if (!column.categories.empty() && column.type >= NumberType::float16)
    fail("categories are told by whole numbers");
  Leaf leaf;
  leaf.name = column.name;
  leaf.length = static_cast<std::int64_t>(n_rows);
  leaf.type = column.type;
  leaf.data = column.data;
  if (!column.categories.empty()) {
    const auto categories = std::make_shared<const Categories>(column.categories);
    leaf.dictionary = std::shared_ptr<const Leaf>(categories, &categories->leaf);
  }
  return leaf;
}

void check_offsets(std::span<const std::int64_t> offsets, std::size_t n_rows) {
  if (offsets.empty()) throw Error(Status::usage, "offsets: expected one more than light curves, found none");
  std::int64_t previous = 0;
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    if (offsets[i] < previous || offsets[i] > static_cast<std::int64_t>(n_rows)) {
      throw Error(Status::usage, fmt::format("offsets: number {} is {}, expected {} to {}", i, offsets[i],
                                             previous, n_rows));
    }
    previous = offsets[i];
  }
}

std::vector<std::string> names_of(const std::vector<FlatColumn>& columns) {
  std::vector<std::string> names;
  for (const FlatColumn& column : columns) names.push_back(column.name);
  return names;
}

TablePlan plan_flat(std::vector<std::string> names, const SourceOptions& options) {
  check_source_options(options);
  const SurveyFormat* const survey = survey_of(names, options);
  TablePlan plan = plan_table({.names = std::move(names)}, survey, options);
  if (survey == nullptr) plan.format = "table";
  return plan;
}

void bind_flat(LightCurveTable::State& state, const std::vector<FlatColumn>& columns, std::size_t n_rows,
               std::vector<Condition> where) {
  std::optional<Lists> lists;
  if (!state.offsets.empty()) lists = Lists{.offsets = state.offsets.data()};
  const auto bind = [&](const FlatColumn& column) {
    return MemoryColumn{.leaf = make_leaf(column, n_rows), .lists = lists, .inner = {}};
  };
  const std::vector<ColumnUse> uses = uses_of_columns(state.plan);
  bind_columns(
      state, std::move(where),
      [&](std::size_t i) {
        // A watched column that was not given cannot be looked at.
        const bool is_left_out = columns[i].data == nullptr && uses[i].is_watched;
        return is_left_out ? MemoryColumn{} : bind(columns[i]);
      },
      [&](const std::string& name) {
        const auto found = std::find_if(columns.begin(), columns.end(),
                                        [&](const FlatColumn& column) { return column.name == name; });
        if (found != columns.end()) return bind(*found);
        throw no_such_condition(name, names_of(columns));
      });
}

/// Whether the survey defines its unit of flux in mJy, so that the column needs no unit.
bool has_scale_of_its_own(const TablePlan& plan) {
  if (plan.survey == nullptr) return false;
  const auto bands = plan.survey->bands;
  return plan.survey->mjy_per_unit > 0 || plan.zero_point.has_value() ||
         std::any_of(bands.begin(), bands.end(), [](const BandCode& band) { return band.mjy_per_unit > 0; });
}

std::vector<LightCurveTable::Use> uses_of(const TablePlan& plan, const std::vector<bool>& is_read) {
  using Use = LightCurveTable::Use;
  std::vector<Use> uses;
  for (const bool read : is_read) uses.push_back(read ? Use::other : Use::none);
  const auto set = [&](std::optional<std::size_t> column, Use use) {
    if (column.has_value() && *column < uses.size()) uses[*column] = use;
  };
  const bool is_scaled = has_scale_of_its_own(plan);
  for (const Measurement& measurement : plan.measurements) {
    const ColumnMap& columns = measurement.columns;
    set(columns.time, plan.time_units_per_day == 1 ? Use::time : Use::seconds);
    set(columns.value, columns.is_magnitude ? Use::mag : is_scaled ? Use::counts : Use::flux);
    set(columns.error, columns.is_magnitude ? Use::mag_err : is_scaled ? Use::counts_err : Use::flux_err);
    set(columns.object_id, Use::object_id);
  }
  const std::vector<ColumnUse> of_plan = uses_of_columns(plan);
  for (std::size_t i = 0; i < of_plan.size(); ++i) {
    if (of_plan[i].is_watched) set(i, Use::watched);
  }
  if (plan.remarked_quality().has_value()) {
    for (const std::size_t column : plan.quality) set(column, Use::quality);
  }
  return uses;
}

}  // namespace

LightCurveTable LightCurveTable::from_columns(std::span<const std::int64_t> offsets, std::size_t n_rows,
                                              std::vector<FlatColumn> columns, const SourceOptions& options,
                                              std::vector<Condition> where) {
  check_offsets(offsets, n_rows);
  auto state = std::make_unique<State>();
  state->options = options;
  state->layout = NestedLayout::lists;
  state->offsets.assign(offsets.begin(), offsets.end());
  SourceOptions without_ids = options;
  if (without_ids.id_column.empty()) without_ids.id_column = kNoColumn;
  state->plan = plan_flat(names_of(columns), without_ids);
  // The offsets say to which light curve a row belongs.
  for (Measurement& measurement : state->plan.measurements) measurement.columns.object_id.reset();
  bind_flat(*state, columns, n_rows, std::move(where));
  state->complete(offsets.size() - 1);
  return LightCurveTable(std::move(state));
}

LightCurveTable LightCurveTable::from_rows(std::size_t n_rows, std::vector<FlatColumn> columns,
                                           const SourceOptions& options, std::vector<Condition> where) {
  auto state = std::make_unique<State>();
  state->options = options;
  state->plan = plan_flat(names_of(columns), options);
  bind_flat(*state, columns, n_rows, std::move(where));
  state->complete(n_rows);
  return LightCurveTable(std::move(state));
}

LightCurveTable::Reading LightCurveTable::columns_read(std::vector<std::string> names,
                                                       const SourceOptions& options) {
  const TablePlan plan = plan_flat(std::move(names), options);
  Reading reading{.is_read = {}, .ids = plan.columns().object_id, .uses = {}};
  for (const ColumnUse& use : uses_of_columns(plan)) reading.is_read.push_back(use.is_read);
  reading.uses = uses_of(plan, reading.is_read);
  return reading;
}

}  // namespace astrom3
