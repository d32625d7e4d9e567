// SPDX-License-Identifier: MIT
#include "source/nested_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/source/source.h"
#include "base/joined.h"
#include "formats/table_header.h"
#include "formats/table_leaf.h"
#include "source/column_names.h"
#include "source/columns.h"
#include "source/survey_formats.h"
#include "source/table_plan.h"

namespace astrom3 {
namespace {

using Shape = TableLeaf::Shape;
using Chosen = std::vector<std::size_t>;

class NestedPlanner {
 public:
  NestedPlanner(std::span<const TableLeaf> leaves, const SourceOptions& options, const NestedKind& kind)
      : leaves_(leaves), options_(options), kind_(kind) {
    for (std::size_t i = 0; i < leaves.size(); ++i) {
      if (leaves[i].shape == Shape::scalar && leaves[i].group.empty()) scalars_.push_back(i);
      if (leaves[i].shape == Shape::series &&
          std::find(groups_.begin(), groups_.end(), leaves[i].group) == groups_.end())
        groups_.push_back(leaves[i].group);
    }
  }

  NestedPlan plan() const {
    if (!options_.nested.empty()) return plan_lists(chosen_group());
    std::vector<std::string> found;
    std::copy_if(groups_.begin(), groups_.end(), std::back_inserter(found),
                 [&](const std::string& group) { return holds_light_curves(group); });
    if (found.size() > 1) {
      std::replace(found.begin(), found.end(), std::string(), std::string("(columns)"));
      throw Error(Status::ambiguous_column,
                  fmt::format("several lists hold light curves: {}", joined(found, ", ")),
                  {"choose one with {}", {{"nested", "NAME"}}});
    }
    if (found.size() == 1) return plan_lists(found.front());
    if (!names_light_curves(names_of(scalars_))) {
      for (std::size_t i = 0; i < leaves_.size(); ++i) {
        if (leaves_[i].shape == Shape::triples && leaves_[i].is_number) return plan_triples(i);
      }
      // These lists are not a light curve: the search for columns says what is missing.
      if (groups_.size() == 1) return plan_lists(groups_.front());
    }
    return plan_columns(scalars_, NestedLayout::rows);
  }

 private:
  std::vector<std::string> names_of(const Chosen& chosen) const {
    std::vector<std::string> names;
    for (const std::size_t i : chosen) names.push_back(leaves_[i].name);
    return names;
  }

  /// Names, units, and which columns may hold bands: whole numbers and texts, beside an observation.
  ColumnLabels labels_of(const Chosen& chosen, NestedLayout layout) const {
    ColumnLabels labels{.names = names_of(chosen)};
    for (const std::size_t i : chosen) {
      const TableLeaf& leaf = leaves_[i];
      labels.units.push_back(leaf.unit);
      // Lists of their own, outside a struct, may have any length.
      const bool is_beside =
          layout == NestedLayout::rows || (leaf.shape == Shape::series && !leaf.group.empty());
      // Bytes may be anything, and a column that is not read must not fail.
      const bool is_binary = leaf.type.find("binary") != std::string::npos;
      labels.may_be_categories.push_back(leaf.is_readable && !leaf.is_real && !leaf.is_time && is_beside &&
                                         !is_binary);
    }
    return labels;
  }

  bool names_light_curves(const std::vector<std::string>& names) const {
    const std::vector<std::string_view> views(names.begin(), names.end());
    return recognise_survey(names) != nullptr || names_a_light_curve(views, options_);
  }

  bool holds_light_curves(const std::string& group) const {
    return names_light_curves(names_of(lists_of(group))) ||
           recognise_survey(names_of(table_of(group))) != nullptr;
  }

  std::string chosen_group() const {
    if (std::find(groups_.begin(), groups_.end(), options_.nested) != groups_.end()) return options_.nested;
    throw Error(Status::missing_column, fmt::format("no list called \"{}\"", escaped(options_.nested)));
  }

  Chosen lists_of(const std::string& group) const {
    Chosen lists;
    for (std::size_t i = 0; i < leaves_.size(); ++i) {
      if (leaves_[i].shape == Shape::series && leaves_[i].group == group) lists.push_back(i);
    }
    return lists;
  }

  /// The lists of a group, and the single values beside them whose names no list has.
  Chosen table_of(const std::string& group) const {
    Chosen table = lists_of(group);
    const std::vector<std::string> lists = names_of(table);
    for (const std::size_t i : scalars_) {
      const bool is_hidden = std::any_of(lists.begin(), lists.end(), [&](const std::string& name) {
        return folded_name(name) == folded_name(leaves_[i].name);
      });
      if (!is_hidden) table.push_back(i);
    }
    return table;
  }

  NestedPlan plan_lists(const std::string& group) const {
    return plan_columns(table_of(group), NestedLayout::lists);
  }

  NestedPlan plan_columns(Chosen chosen, NestedLayout layout) const {
    const std::vector<std::string> names = names_of(chosen);
    const SurveyFormat* const survey = survey_of(names, options_);
    SourceOptions options = options_;
    // Each row is an object: if it has several names, none is needed to tell objects apart.
    if (layout == NestedLayout::lists && options.id_column.empty() && count_id_columns(names) > 1 &&
        (survey == nullptr || survey->object_id.empty()))
      options.id_column = kNoColumn;
    TablePlan plan = plan_table(labels_of(chosen, layout), survey, options);
    NestedPlan nested{layout, std::move(chosen), std::move(plan)};
    if (survey == nullptr) nested.plan.format = kind_.format;
    for (const Measurement& measurement : nested.plan.measurements) check(measurement.columns, nested);
    return nested;
  }

  void check(const ColumnMap& columns, const NestedPlan& nested) const {
    for (const auto column : {std::optional(columns.time), std::optional(columns.value), columns.error}) {
      if (!column.has_value()) continue;
      const TableLeaf& leaf = leaves_[nested.leaf_of[*column]];
      if (nested.layout == NestedLayout::lists && leaf.shape != Shape::series)
        throw Error(Status::missing_column,
                    fmt::format("{} is one value a row, others are lists", leaf.name));
      // Dates are days, and nothing but a time in days.
      const bool is_date = leaf.is_time && (*column != columns.time || nested.plan.time_units_per_day != 1);
      if (!leaf.is_number || is_date)
        throw Error(Diagnostic{.code = kind_.bad_column,
                               .column = leaf.name,
                               .message = is_date ? std::string("holds dates or durations, expected numbers")
                                                  : fmt::format("has type {}, expected numbers", leaf.type),
                               .hint = "times are days, as numbers"});
    }
    if (columns.object_id.has_value() && leaves_[nested.leaf_of[*columns.object_id]].shape != Shape::scalar)
      throw Error(Status::missing_column, "the column of ids is a list",
                  {"one id a row: {}", {{"id-column"}}});
  }

  NestedPlan plan_triples(std::size_t leaf) const {
    SourceOptions named = options_;
    named.columns.clear();
    named.id_column.clear();
    NestedPlan nested{NestedLayout::triples, Chosen(kTriple, leaf),
                      plan_table({.names = {"time", "flux", "flux_err"}}, nullptr, named)};
    nested.plan.format = kind_.format;
    const std::string wanted = options_.id_column.empty() ? "object_id" : options_.id_column;
    for (const std::size_t i : scalars_) {
      if (folded_name(leaves_[i].name) != folded_name(wanted)) continue;
      nested.plan.names.push_back(leaves_[i].name);
      nested.plan.measurements.front().columns.object_id = nested.leaf_of.size();
      nested.leaf_of.push_back(i);
      break;
    }
    return nested;
  }

  std::span<const TableLeaf> leaves_;
  const SourceOptions& options_;
  const NestedKind& kind_;
  Chosen scalars_;                   ///< at the top
  std::vector<std::string> groups_;  ///< of lists
};

}  // namespace

NestedPlan plan_nested_table(std::span<const TableLeaf> leaves, const SourceOptions& options,
                             const NestedKind& kind) {
  return NestedPlanner(leaves, options, kind).plan();
}

std::optional<Diagnostic> fault_of_lists(std::span<const ListLength> lists) {
  const ListLength& times = lists.front();
  if (times.n < 0) return Diagnostic{.code = Status::missing_value, .message = "the list is null"};
  if (times.n == 0) return Diagnostic{.code = Status::no_points, .message = "the list is empty"};
  if (times.is_ragged)
    return Diagnostic{
        .code = Status::length_mismatch,
        .message = "a list that does not hold time, flux and error",
        .hint = "tensors that are standardised already (AstroM3Processed) go to astrom3 encode"};
  for (const ListLength& list : lists.subspan(1)) {
    if (list.n == times.n) continue;
    return Diagnostic{
        .code = Status::length_mismatch,
        .column = std::string(list.column),
        .message = list.n < 0 ? "the list is null" : fmt::format("{} values for {} times", list.n, times.n)};
  }
  return std::nullopt;
}

}  // namespace astrom3
