// SPDX-License-Identifier: MIT
//
// The parts of a table of light curves in memory, made from flat columns or from Arrow.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "astrom3/source/light_curve_table.h"
#include "source/in_memory/condition.h"
#include "source/in_memory/leaf.h"
#include "source/in_memory/row_groups.h"
#include "source/nested_plan.h"

namespace astrom3 {

/// One column: a value for each light curve (or row of a long table), or a list of them.
struct MemoryColumn {
  Leaf leaf;
  std::optional<Lists> lists;  ///< one list a light curve
  std::optional<Lists> inner;  ///< of triples: the lists that those lists are of
};

/// A condition and the column that it tests.
struct BoundCondition {
  Condition condition;
  MemoryColumn column;
};

struct LightCurveTable::State {
  SourceOptions options;
  NestedLayout layout = NestedLayout::rows;
  TablePlan plan;
  std::vector<MemoryColumn> columns;  ///< of the plan; empty where one is not read
  std::vector<BoundCondition> where;
  std::size_t n_curves = 0;
  RowGroups rows;  ///< of a long table

  /// With split_bands, one band of a light curve.
  struct Part {
    std::size_t curve = 0;
    std::size_t number = 0;  ///< among the curve's bands
    std::string suffix{};    ///< of its id: ":g"; "" for a light curve that is rejected as a whole
  };
  std::optional<std::vector<Part>> parts;

  std::vector<std::int64_t> offsets;  ///< of a flat table
  std::shared_ptr<void> owner;        ///< keeps Arrow's buffers

  /// Sorts rows and bands; called when the columns are bound. Throws Error no_zero_point.
  void complete(std::size_t n_rows);

  /// Light curve `curve`, or its bands, the last one first.
  void read(std::size_t curve, std::vector<SourceObject>& objects) const;
  /// first  the number of the first light curve, for tables without ids
  std::string id_of(std::size_t curve, std::size_t first = 0) const;
};

/// Binds the columns of the plan that are read or watched, by find(number), and those of `where`, by
/// find_named(name).
template <typename Find, typename FindNamed>
void bind_columns(LightCurveTable::State& state, std::vector<Condition> where, const Find& find,
                  const FindNamed& find_named) {
  const std::vector<ColumnUse> uses = uses_of_columns(state.plan);
  state.columns.resize(uses.size());
  for (std::size_t i = 0; i < uses.size(); ++i) {
    if (uses[i].is_read || uses[i].is_watched) state.columns[i] = find(i);
  }
  for (Condition& condition : where) {
    MemoryColumn column = find_named(condition.column);
    check_condition(condition, column.leaf);
    state.where.push_back({std::move(condition), std::move(column)});
  }
}

}  // namespace astrom3
