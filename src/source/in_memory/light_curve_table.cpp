// SPDX-License-Identifier: MIT
//
// One light curve of a table in memory: its cells go through the same intake as those of files.
#include "astrom3/source/light_curve_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/source/source.h"
#include "base/number.h"
#include "source/in_memory/condition.h"
#include "source/in_memory/row_groups.h"
#include "source/in_memory/table_state.h"
#include "source/nested_plan.h"
#include "source/object_builder.h"
#include "source/observation_intake.h"
#include "source/table_remarks.h"

namespace astrom3 {
namespace {

/// Elements of one light curve in one column.
struct RowRange {
  std::int64_t begin = 0, end = 0;
  std::int64_t size() const { return end - begin; }
};

/// One light curve's rows as the intake asks for them.
class CurveReader {
 public:
  CurveReader(const LightCurveTable::State& state, std::size_t curve)
      : state_(state), curve_(static_cast<std::int64_t>(curve)) {}

  /// Takes every observation into `object`, or rejects it.
  void read(ObservationIntake& intake, ObjectBuilder& object) {
    if (state_.layout == NestedLayout::rows) return read_rows(intake, object);
    if (auto problem = find_lists()) return object.reject(*std::move(problem));
    const std::int64_t n = first_[state_.plan.columns().time].size();
    object.reserve(static_cast<std::size_t>(n));
    for (std::int64_t element = 0; element < n; ++element) {
      if (is_kept(element)) intake.take(object, Cells{*this, element});
    }
  }

 private:
  /// The cells of one observation: an element of the lists, or a row of a long table.
  struct Cells {
    const CurveReader& reader;
    std::int64_t element;
    mutable std::string buffer{};  ///< of the last text()

    ParsedNumber number(std::size_t column) const { return leaf(column).number(at_of(column)); }
    std::string_view text(std::size_t column) const { return leaf(column).text_of(at_of(column), buffer); }
    std::optional<std::uint64_t> bits(std::size_t column) const {
      return leaf(column).is_text() ? flag_bits(text(column)) : flag_bits(number(column));
    }
    Diagnostic at(std::size_t column, Status code, const std::string& message, const Hint& hint) const {
      const bool is_row = reader.state_.layout == NestedLayout::rows;
      Diagnostic diagnostic{
          .code = code,
          .column = reader.state_.plan.names[column],
          .message = fmt::format("{} {}: {}", is_row ? "row" : "observation", element, message),
          .hint = hint};
      diagnostic.value = std::string(text(column).substr(0, 80));
      if (!leaf(column).is_present(at_of(column))) diagnostic.value = "null";
      return diagnostic;
    }

    const Leaf& leaf(std::size_t column) const { return reader.state_.columns[column].leaf; }
    std::int64_t at_of(std::size_t column) const {
      return reader.index(reader.state_.columns[column], column, element);
    }
  };

  std::int64_t index(const MemoryColumn& column, std::size_t number, std::int64_t element) const {
    if (!column.lists.has_value()) return state_.layout == NestedLayout::rows ? element : curve_;
    const std::int64_t i = first_[number].begin + element;
    return column.inner.has_value() ? column.inner->begin(i) + static_cast<std::int64_t>(number) : i;
  }

  void read_rows(ObservationIntake& intake, ObjectBuilder& object) {
    const RowGroups::Group& group = state_.rows.groups[static_cast<std::size_t>(curve_)];
    if (!group.has_id) {
      const std::string_view id = object.id();
      object.reject(
          {.code = Status::bad_id, .message = id.empty() ? "the id is empty" : "the id is not text"});
    }
    object.reserve(object.is_rejected() ? 0 : static_cast<std::size_t>(group.end - group.begin));
    for (std::int64_t k = group.begin; k < group.end; ++k) {
      const std::int64_t row = state_.rows.row(k);
      if (!is_kept(row)) continue;
      if (object.is_rejected()) {
        object.count_row();
      } else {
        intake.take(object, Cells{*this, row});
      }
    }
  }

  bool is_kept(std::int64_t element) const {
    for (std::size_t i = 0; i < state_.where.size(); ++i) {
      const BoundCondition& bound = state_.where[i];
      const std::int64_t at = index(bound.column, state_.columns.size() + i, element);
      if (!fulfils(bound.column.leaf, at, bound.condition)) return false;
    }
    return true;
  }

  /// The ranges of every list; or what is wrong with them.
  std::optional<Diagnostic> find_lists() {
    first_.resize(state_.columns.size() + state_.where.size());
    std::vector<ListLength> lengths;
    for (std::size_t i = 0; i < first_.size(); ++i) {
      const bool is_condition = i >= state_.columns.size();
      const MemoryColumn& column =
          is_condition ? state_.where[i - state_.columns.size()].column : state_.columns[i];
      if (!column.lists.has_value()) continue;
      ListLength length{.column = column.leaf.name};
      if (column.lists->is_valid(curve_)) {
        if (auto problem = find_range(column, first_[i])) return problem;
        length.n = first_[i].size();
        length.is_ragged = column.inner.has_value() && !holds_triples(column, first_[i]);
      }
      const bool is_time = i == state_.plan.columns().time;
      lengths.insert(is_time ? lengths.begin() : lengths.end(), length);
    }
    return fault_of_lists(lengths);
  }

  std::optional<Diagnostic> find_range(const MemoryColumn& column, RowRange& range) const {
    range = {column.lists->begin(curve_), column.lists->end(curve_)};
    const std::int64_t n = column.inner.has_value() ? column.inner->length : column.leaf.length;
    if (range.begin >= 0 && range.end >= range.begin && range.end <= n) return std::nullopt;
    return Diagnostic{
        .code = Status::usage,
        .column = column.leaf.name,
        .message = fmt::format("a list of elements {} to {} among {}", range.begin, range.end, n)};
  }

  static bool holds_triples(const MemoryColumn& column, const RowRange& range) {
    for (std::int64_t i = range.begin; i < range.end; ++i) {
      if (!column.inner->is_valid(i)) return false;
      const RowRange triple{column.inner->begin(i), column.inner->end(i)};
      if (triple.begin < 0 || triple.end < triple.begin || triple.end > column.leaf.length ||
          triple.size() != static_cast<std::int64_t>(kTriple))
        return false;
    }
    return true;
  }

  const LightCurveTable::State& state_;
  std::int64_t curve_;
  std::vector<RowRange> first_;  ///< elements of each list: of the columns, then of the conditions
};

}  // namespace

void LightCurveTable::State::complete(std::size_t n_rows) {
  n_curves = n_rows;
  if (const auto ids = plan.columns().object_id; ids.has_value()) {
    const Leaf& leaf = columns[*ids].leaf;
    const bool is_real = leaf.type >= NumberType::float16 && leaf.type <= NumberType::float64;
    plan.has_real_ids = is_real && !leaf.is_text();
  }
  if (layout == NestedLayout::rows) {
    const auto ids = plan.columns().object_id;
    rows = group_rows(ids.has_value() ? &columns[*ids].leaf : nullptr, static_cast<std::int64_t>(n_rows));
    n_curves = rows.groups.size();
  }
  ObservationIntake(options).start(plan);
  if (!options.split_bands) return;
  parts.emplace();
  std::vector<SourceObject> objects;
  for (std::size_t curve = 0; curve < n_curves; ++curve) {
    objects.clear();
    read(curve, objects);
    const std::string id = id_of(curve);
    for (std::size_t i = 0; i < objects.size(); ++i) {
      const std::string& part_id = objects[objects.size() - 1 - i].object_id;
      parts->push_back({curve, i, part_id.starts_with(id) ? part_id.substr(id.size()) : std::string{}});
    }
  }
}

std::string LightCurveTable::State::id_of(std::size_t curve, std::size_t first) const {
  const auto ids = plan.columns().object_id;
  if (!ids.has_value()) return std::to_string(first + curve);
  std::string buffer;
  const auto row =
      layout == NestedLayout::rows ? rows.row(rows.groups[curve].begin) : static_cast<std::int64_t>(curve);
  return std::string(columns[*ids].leaf.text_of(row, buffer));
}

void LightCurveTable::State::read(std::size_t curve, std::vector<SourceObject>& objects) const {
  ObservationIntake intake(options);
  intake.start(plan);
  ObjectBuilder object(id_of(curve));
  if (layout != NestedLayout::rows && !is_id(object.id()))
    object.reject({.code = Status::bad_id,
                   .message = object.id().empty() ? "the id is null or empty" : "the id is not text"});
  try {
    CurveReader(*this, curve).read(intake, object);
  } catch (const Error& error) {  // in a file this error rejects the file; here, one light curve
    object.reject(error.diagnostic());
  }
  intake.finish(std::move(object), "", objects);
}

LightCurveTable::LightCurveTable(std::unique_ptr<State> state) : state_(std::move(state)) {}
LightCurveTable::LightCurveTable(LightCurveTable&&) noexcept = default;
LightCurveTable& LightCurveTable::operator=(LightCurveTable&&) noexcept = default;
LightCurveTable::~LightCurveTable() = default;

std::size_t LightCurveTable::size() const noexcept {
  return state_->parts.has_value() ? state_->parts->size() : state_->n_curves;
}

void LightCurveTable::read(std::size_t i, SourceObject& object) const {
  std::vector<SourceObject> objects;
  std::size_t number = 0;
  if (state_->parts.has_value()) number = (*state_->parts)[i].number;
  state_->read(state_->parts.has_value() ? (*state_->parts)[i].curve : i, objects);
  object = std::move(objects[objects.size() - 1 - number]);
}

std::string LightCurveTable::object_id(std::size_t i, std::size_t first) const {
  if (!state_->parts.has_value()) return state_->id_of(i, first);
  const State::Part& part = (*state_->parts)[i];
  return state_->id_of(part.curve, first) + part.suffix;
}

std::vector<Diagnostic> LightCurveTable::warnings(std::string_view header) const {
  constexpr std::size_t kLookedAt = 64;
  const TablePlan& plan = state_->plan;
  std::vector<Diagnostic> found = remarks_on_plan(plan, state_->options);
  for (Diagnostic& remark : remarks_on_header(plan, state_->options, header))
    found.push_back(std::move(remark));
  std::optional<Diagnostic> on_fluxes, on_ids;
  std::vector<Diagnostic> on_object;
  for (std::size_t curve = 0; curve < std::min(state_->n_curves, kLookedAt); ++curve) {
    if (!on_ids.has_value()) on_ids = remark_on_id(plan, state_->options, state_->id_of(curve));
    std::vector<SourceObject> objects;
    if (plan.survey == nullptr) state_->read(curve, objects);
    for (const SourceObject& object : objects) {
      if (!on_fluxes.has_value()) on_fluxes = remark_on_fluxes(plan, state_->options, object);
      if (on_object.empty()) on_object = remarks_on_object(plan, state_->options, object);
    }
  }
  if (on_ids.has_value()) found.push_back(*std::move(on_ids));
  if (on_fluxes.has_value()) found.push_back(*std::move(on_fluxes));
  for (Diagnostic& remark : on_object) found.push_back(std::move(remark));
  for (Diagnostic& remark : found) remark.object_id.clear();  // the same for all tables of a call
  return found;
}

TableDescription LightCurveTable::describe() const {
  ObservationIntake intake(state_->options);
  intake.start(state_->plan);
  switch (state_->layout) {
    case NestedLayout::rows:
      return intake.describe("in memory, an observation a row");
    case NestedLayout::lists:
      return intake.describe("in memory, a light curve a row");
    case NestedLayout::triples:
      return intake.describe("in memory, a light curve a row with a list of triples");
  }
  return {};
}

}  // namespace astrom3
