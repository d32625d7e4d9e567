// SPDX-License-Identifier: MIT
//
// Arrow arrays of every layout as a table of light curves, by pointer.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/source/arrow_c_data.h"
#include "astrom3/source/light_curve_table.h"
#include "astrom3/source/source.h"
#include "base/number.h"
#include "formats/table_leaf.h"
#include "source/check_options.h"
#include "source/in_memory/arrow_leaves.h"
#include "source/in_memory/condition.h"
#include "source/in_memory/leaf.h"
#include "source/in_memory/table_state.h"
#include "source/nested_plan.h"
#include "source/table_plan.h"

namespace astrom3 {
namespace {

struct ReleasedArray {
  ArrowArray array;
  ReleasedArray(ArrowArray& from) : array(from) { from.release = nullptr; }  // NOLINT
  ReleasedArray(const ReleasedArray&) = delete;
  ReleasedArray& operator=(const ReleasedArray&) = delete;
  ~ReleasedArray() {
    if (array.release != nullptr) array.release(&array);
  }
};

NestedPlan plan_arrow(const std::vector<ArrowLeaf>& leaves, const SourceOptions& options) {
  check_source_options(options);
  std::vector<TableLeaf> columns;
  for (const ArrowLeaf& leaf : leaves) columns.push_back(leaf.column);
  return plan_nested_table(columns, options, {.format = "arrow", .bad_column = Status::usage});
}

/// Throws Error usage for dates and durations that are not times.
void check_dates(const LightCurveTable::State& state) {
  const auto fail = [](const Leaf& leaf, std::string_view what) {
    throw Error(Diagnostic{.code = Status::usage,
                           .column = leaf.name,
                           .message = fmt::format("holds dates or durations, expected {}", what)});
  };
  const auto is_time = [&](std::size_t column) {
    return std::any_of(state.plan.measurements.begin(), state.plan.measurements.end(),
                       [&](const Measurement& measurement) { return measurement.columns.time == column; });
  };
  const auto holds_dates = [](const Leaf& leaf) {
    return leaf.is_time() || (leaf.dictionary != nullptr && leaf.dictionary->is_time());
  };
  for (std::size_t i = 0; i < state.columns.size(); ++i) {
    if (holds_dates(state.columns[i].leaf) && !is_time(i)) fail(state.columns[i].leaf, "numbers or texts");
  }
  for (const BoundCondition& bound : state.where) {
    if (holds_dates(bound.column.leaf)) fail(bound.column.leaf, "numbers or texts in a condition");
  }
}

/// Throws Error usage for dates where the survey's own times are seconds.
void check_unit_of_time(const LightCurveTable::State& state) {
  for (const Measurement& measurement : state.plan.measurements) {
    const Leaf& leaf = state.columns[measurement.columns.time].leaf;
    if (leaf.is_time() && state.plan.time_units_per_day != 1)
      throw Error(Diagnostic{.code = Status::usage,
                             .column = leaf.name,
                             .message = "holds dates, but this survey's times are numbers of seconds"});
  }
}

/// Throws Error usage for ids as floating numbers so large that several whole numbers may have become one.
void check_ids(const LightCurveTable::State& state) {
  const auto column = state.plan.columns().object_id;
  if (!column.has_value()) return;
  const Leaf& ids = state.columns[*column].leaf;
  const bool is_float = ids.type == NumberType::float32 || ids.type == NumberType::float64;
  if (!is_float || ids.kind != WholeKind::number || ids.is_text() || ids.dictionary != nullptr) return;
  const double last = ids.type == NumberType::float32 ? 0x1p24 : 0x1p53;
  for (std::int64_t i = 0; i < ids.length; ++i) {
    const ParsedNumber id = ids.number(i);
    if (id.kind == NumberKind::number && std::abs(id.value) > last)
      throw Error(Diagnostic{
          .code = Status::usage,
          .column = ids.name,
          .message = fmt::format("ids as floating numbers above {:.0f}, where several whole numbers are one; "
                                 "expected integers or texts",
                                 last)});
  }
}

/// The column of a condition: of those the light curves are read from, or beside them.
const ArrowLeaf& find_leaf(const std::vector<ArrowLeaf>& leaves, const NestedPlan& nested,
                           const std::string& name) {
  for (std::size_t i = 0; i < nested.leaf_of.size(); ++i) {
    if (leaves[nested.leaf_of[i]].column.name == name) return leaves[nested.leaf_of[i]];
  }
  throw no_such_condition(name, nested.plan.names);
}

}  // namespace

LightCurveTable LightCurveTable::from_arrow(const ArrowSchema& schema, ArrowArray& array,
                                            const SourceOptions& options, std::vector<Condition> where) {
  if (schema.release == nullptr || array.release == nullptr) {
    throw Error(Status::usage, "an Arrow array that was released already");
  }
  const auto owned = std::make_shared<ReleasedArray>(array);
  const std::vector<ArrowLeaf> leaves = arrow_leaves(schema);
  NestedPlan nested = plan_arrow(leaves, options);
  auto state = std::make_unique<State>();
  state->options = options;
  state->owner = owned;
  state->layout = nested.layout;
  state->plan = nested.plan;
  const auto bind = [&](const ArrowLeaf& leaf) { return bind_leaf(schema, owned->array, leaf); };
  bind_columns(
      *state, std::move(where), [&](std::size_t i) { return bind(leaves[nested.leaf_of[i]]); },
      [&](const std::string& name) { return bind(find_leaf(leaves, nested, name)); });
  check_dates(*state);
  check_unit_of_time(*state);
  check_ids(*state);
  if (owned->array.length < 0) throw Error(Status::usage, "an Arrow array of a negative length");
  state->complete(static_cast<std::size_t>(owned->array.length));
  return LightCurveTable(std::move(state));
}

bool LightCurveTable::is_long(const ArrowSchema& schema, const SourceOptions& options) {
  return plan_arrow(arrow_leaves(schema), options).layout == NestedLayout::rows;
}

}  // namespace astrom3
