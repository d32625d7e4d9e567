// SPDX-License-Identifier: MIT
//
// Makes observations of the cells of a row: bands, rules, numbers, units.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/source/source.h"
#include "base/number.h"
#include "formats/table_header.h"
#include "source/object_builder.h"
#include "source/photometry.h"
#include "source/quality_tally.h"
#include "source/row_units.h"
#include "source/table_plan.h"

namespace astrom3 {

/// A row of any kind of table. bits() is flag_bits() of a cell; at() names the place of a cell.
template <typename T>
concept RowCells = requires(const T& cells, std::size_t column) {
  { cells.number(column) } -> std::convertible_to<ParsedNumber>;
  { cells.text(column) } -> std::convertible_to<std::string_view>;
  { cells.bits(column) } -> std::convertible_to<std::optional<std::uint64_t>>;
  { cells.at(column, Status::ok, std::string(), std::string()) } -> std::convertible_to<Diagnostic>;
};

class ObservationIntake {
 public:
  /// `options` must outlive this.
  explicit ObservationIntake(const SourceOptions& options) : options_(options) {}
  ObservationIntake(const ObservationIntake&) = delete;
  ObservationIntake& operator=(const ObservationIntake&) = delete;

  /// `plan` must outlive this. Throws Error no_zero_point if magnitudes have no zero point.
  void start(const TablePlan& plan);

  /// Takes every measurement of a row. An error in it rejects `object`, or, with
  /// SourceOptions::split_bands, only its part in the band of the measurement. Throws Error mixed_bands
  /// beyond 1000 bands.
  template <RowCells Cells>
  void take(ObjectBuilder& object, const Cells& cells) {
    for (const Measurement& measurement : plan_->measurements) take(object, measurement, cells);
  }

  /// Whether nothing but time, value and error of a row decides about it: no band, rule, condition or other
  /// column.
  bool is_plain() const noexcept { return is_plain_; }
  /// take() of rows that are plain and hold finite numbers [N].
  void take_plain(ObjectBuilder& object, std::span<const double> time, std::span<const double> value,
                  std::span<const double> error);

  /// The finished object, or one for each of its bands, the last one first. Without any row it is rejected:
  /// no_points.
  void finish(ObjectBuilder object, std::string_view file, std::vector<SourceObject>& finished) const;

  /// The plan in words, with the bands met and the observations dropped so far. `layout` is how the
  /// table is written, e.g. "separated by commas".
  TableDescription describe(const std::string& layout) const;
  /// The remark about columns of quality that are not used, once their values are known.
  std::optional<Diagnostic> remark_on_quality() const;

 private:
  struct Band {
    std::string name;
    std::optional<double> zero_point_jy;
    double mjy_per_unit = 1;
    bool is_selected = true;
    std::size_t n = 0;
  };
  struct Numbers {
    double time = 0, value = 0, error = 0;
    bool error_assumed = false;
  };

  template <RowCells Cells>
  void take(ObjectBuilder& object, const Measurement& measurement, const Cells& cells);
  template <RowCells Cells>
  void take_numbers(ObjectBuilder& object, const Measurement& measurement, const Cells& cells);
  /// The object, or the part of it, that the observation belongs to by its band; null: to none, and that is
  /// counted.
  template <RowCells Cells>
  ObjectBuilder* find_target(ObjectBuilder& object, const Measurement& measurement, const Cells& cells);
  template <RowCells Cells>
  bool is_dropped(ObjectBuilder& object, const std::vector<BoundRule>& rules, std::size_t first_count,
                  const Cells& cells);
  template <RowCells Cells>
  bool applies(const BoundRule& bound, const std::optional<std::uint64_t>& mask, const Cells& cells) const;
  /// Whether a chi2/N is larger than that of a good fit to a source so bright.
  template <RowCells Cells>
  bool is_poor_fit(double chi2_per_n, double limit, const Cells& cells) const;
  template <RowCells Cells>
  bool separates(ObjectBuilder& object, const Cells& cells);
  template <RowCells Cells>
  bool fulfils_conditions(const Cells& cells) const;
  /// False when the object is rejected; `keep` becomes false when the observation is to be dropped.
  template <RowCells Cells>
  bool take_number(ObjectBuilder& object, const Cells& cells, std::size_t column, double& value, bool& keep);
  /// The counter of observations that are left out because of such a cell; null: it rejects its object.
  std::size_t* drop_count(NumberKind kind, DropCounts& dropped) const noexcept;
  template <RowCells Cells>
  void store(ObjectBuilder& object, const Measurement& measurement, const Numbers& m, const Cells& cells);
  template <RowCells Cells>
  void store_converted(ObjectBuilder& object, const Measurement& measurement, Numbers m, const Cells& cells);
  template <RowCells Cells>
  bool take_zero_point(ObjectBuilder& object, const Cells& cells, double& scale);
  template <RowCells Cells>
  bool take_row_unit(ObjectBuilder& object, const Cells& cells, RowUnit& row);
  template <RowCells Cells>
  bool take_system(ObjectBuilder& object, const Measurement& measurement, MagnitudeSystem system,
                   const Cells& cells, std::optional<double>& zero_point);
  template <RowCells Cells>
  bool take_position(ObjectBuilder& object, const Cells& cells);

  bool needs_only_numbers() const;
  void convert_time(double& time) const noexcept;
  /// Adds a flux that is `mjy` mJy a unit.
  void add_flux(ObjectBuilder& object, const Numbers& m, double mjy) const;
  void add_magnitude(ObjectBuilder& object, Numbers m, double zero_point_jy) const;
  const std::string& band_of_file() const noexcept {
    return options_.band.empty() ? plan_->band : options_.band;
  }

  std::uint32_t band_number(std::string_view code);  ///< kNoBand: too many
  Band make_band(std::string_view code) const;
  std::string describe_units() const;
  void add_rules(TableDescription& description) const;
  std::vector<ColumnDescription> describe_columns() const;
  Diagnostic without_observations(const SourceObject& object) const;
  /// The zero point of the band `name`: as given, or that of the survey, or that of the name.
  std::optional<double> zero_point_of(std::string_view name) const;
  bool is_null(const Numbers& m) const;
  Diagnostic not_measured(NumberKind kind, Diagnostic place) const;
  static Diagnostic separated(Diagnostic place);
  static Diagnostic elsewhere(Diagnostic place);

  static constexpr std::size_t kMaxBands = 1000;

  const SourceOptions& options_;
  const TablePlan* plan_ = nullptr;
  double mjy_per_unit_ = 1;
  std::optional<double> zero_point_jy_;  ///< of magnitudes without a band of their own
  bool is_plain_ = false;
  std::vector<Band> bands_;
  std::vector<std::string> codes_;        ///< of bands_, as in the file
  std::vector<std::size_t> rule_counts_;  ///< of the plan's rules, then of each measurement's
  RowUnits row_units_;
  QualityTally quality_;           ///< of the first column of quality that is not used
  std::size_t n_unfulfilled_ = 0;  ///< rows that a condition left out
};

/// The code for a cell that holds no number.
Status status_of(NumberKind kind) noexcept;
/// Whether `word`, without case, is one of `words`, which are in lower case and separated by blanks.
bool is_one_of(std::string_view word, std::string_view words) noexcept;
/// Whether a cell holds the value of a condition: the same text, the same number, or the same answer (yes,
/// true and 1 are one; no, false and 0 another).
bool is_same_value(std::string_view cell, std::string_view value) noexcept;
/// "12", "12.0", "0x0c", "true" as flags, an empty cell as none of them; nothing for anything else.
std::optional<std::uint64_t> flag_bits(std::string_view text) noexcept;
/// The same for a number; a missing number has no flags.
std::optional<std::uint64_t> flag_bits(ParsedNumber number) noexcept;

template <RowCells Cells>
bool ObservationIntake::is_poor_fit(double chi2_per_n, double limit, const Cells& cells) const {
  const ColumnMap& columns = plan_->columns();
  const ParsedNumber value = cells.number(columns.value);
  const ParsedNumber error =
      columns.error.has_value() ? cells.number(*columns.error) : ParsedNumber{.kind = NumberKind::missing};
  double ratio = 0;  // of the signal to its noise
  if (value.kind == NumberKind::number && error.kind == NumberKind::number && error.value > 0)
    ratio = value.value / error.value;
  constexpr double kBrightRatio = 50;
  return chi2_per_n >= limit * (1 + ratio * ratio / (kBrightRatio * kBrightRatio));
}

template <RowCells Cells>
bool ObservationIntake::fulfils_conditions(const Cells& cells) const {
  for (const RowCondition& condition : plan_->conditions) {
    const std::string text(trimmed(cells.text(condition.column)));
    const bool is_one = std::any_of(condition.values.begin(), condition.values.end(),
                                    [&](const std::string& value) { return is_same_value(text, value); });
    if (!is_one) return false;
  }
  return true;
}

template <RowCells Cells>
bool ObservationIntake::applies(const BoundRule& bound, const std::optional<std::uint64_t>& mask,
                                const Cells& cells) const {
  const DropRule& rule = *bound.rule;
  switch (rule.test) {
    case DropTest::at_least:
    case DropTest::poor_fit:
    case DropTest::separator:
    case DropTest::equals: {
      const ParsedNumber number = cells.number(bound.column);
      if (number.kind != NumberKind::number) return false;
      if (rule.test == DropTest::at_least) return number.value >= rule.limit;
      if (rule.test == DropTest::poor_fit) return is_poor_fit(number.value, rule.limit, cells);
      return number.value == rule.limit;
    }
    case DropTest::any_bit: {
      // A value that is not an integer does not say that the observation is good.
      const std::optional<std::uint64_t> bits = cells.bits(bound.column);
      return !bits.has_value() || (*bits & mask.value_or(static_cast<std::uint64_t>(rule.limit))) != 0;
    }
    case DropTest::is_word:
      return is_one_of(trimmed(cells.text(bound.column)), rule.words);
    case DropTest::is_no_word:
      return !is_one_of(trimmed(cells.text(bound.column)), rule.words);
    case DropTest::marked_limit: {
      const std::string_view text = trimmed(cells.text(bound.column));
      return text.starts_with('>') || text.starts_with('<');
    }
  }
  return false;
}

template <RowCells Cells>
bool ObservationIntake::is_dropped(ObjectBuilder& object, const std::vector<BoundRule>& rules,
                                   std::size_t first_count, const Cells& cells) {
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const DropRule& rule = *rules[i].rule;
    if (rule.reason == DropReason::quality && options_.quality_mask == 0) continue;
    if (!applies(rules[i], options_.quality_mask, cells)) continue;
    ++rule_counts_[first_count + i];
    object.dropped().count(rule.reason);
    if (rule.reason == DropReason::quality) object.count_drop(first_count + i);
    return true;
  }
  return false;
}

/// Whether the row belongs to no object, but separates two objects.
template <RowCells Cells>
bool ObservationIntake::separates(ObjectBuilder& object, const Cells& cells) {
  for (std::size_t i = 0; i < plan_->rules.size(); ++i) {
    const BoundRule& bound = plan_->rules[i];
    if (bound.rule->test != DropTest::separator || !applies(bound, {}, cells)) continue;
    ++rule_counts_[i];
    if (!plan_->columns().object_id.has_value()) object.separate();
    return true;
  }
  return false;
}

template <RowCells Cells>
ObjectBuilder* ObservationIntake::find_target(ObjectBuilder& object, const Measurement& measurement,
                                              const Cells& cells) {
  const ColumnMap& columns = measurement.columns;
  if (!columns.band.has_value() && measurement.band.empty()) return &object;
  const std::uint32_t number =
      band_number(columns.band.has_value() ? trimmed(cells.text(*columns.band)) : measurement.band);
  if (number == ObjectBuilder::kNoBand) {
    throw Error(
        cells.at(*columns.band, Status::mixed_bands, "more than 1000 different bands",
                 Hint("is this a column of bands? Name the right one with {}", {{"columns", "band=..."}})));
  }
  Band& band = bands_[number];
  ++band.n;
  if (!band.is_selected) {
    ++object.dropped().other_bands;
    return nullptr;
  }
  ObjectBuilder& target = options_.split_bands ? object.part(number, band.name) : object;
  if (options_.split_bands && target.is_rejected()) {
    target.count_row();
    return nullptr;
  }
  if (target.band == ObjectBuilder::kNoBand) target.band = number;
  if (target.band == number) return &target;
  target.count_row();
  target.reject(
      cells.at(*columns.band, Status::mixed_bands,
               fmt::format("band \"{}\" in an object of band \"{}\"", escaped(band.name),
                           escaped(bands_[target.band].name)),
               {"choose one with {}, or take each by itself with {}", {{"band"}, {"band", "split"}}}));
  return nullptr;
}

template <RowCells Cells>
void ObservationIntake::take(ObjectBuilder& object, const Measurement& measurement, const Cells& cells) {
  if (object.is_rejected()) return object.count_row();
  if (separates(object, cells)) return;
  if (object.is_separated()) {
    object.count_row();
    return object.reject(separated(cells.at(measurement.columns.time, Status::not_grouped, {}, {})));
  }
  ObjectBuilder* const target = find_target(object, measurement, cells);
  if (target == nullptr) return;
  target->count_row();
  if (!fulfils_conditions(cells)) {
    ++target->dropped().quality;
    ++n_unfulfilled_;
    return;
  }
  if (is_dropped(*target, plan_->rules, 0, cells)) return;
  const auto index = static_cast<std::size_t>(&measurement - plan_->measurements.data());
  std::size_t first_count = plan_->rules.size();
  for (std::size_t i = 0; i < index; ++i) first_count += plan_->measurements[i].rules.size();
  if (is_dropped(*target, measurement.rules, first_count, cells)) return;

  take_numbers(*target, measurement, cells);
}

template <RowCells Cells>
void ObservationIntake::take_numbers(ObjectBuilder& object, const Measurement& measurement,
                                     const Cells& cells) {
  const ColumnMap& columns = measurement.columns;
  Numbers m;
  bool keep = true;
  if (!take_number(object, cells, columns.time, m.time, keep)) return;
  convert_time(m.time);
  if (!take_number(object, cells, columns.value, m.value, keep)) return;
  if (!columns.error.has_value()) {
    m.error = *plan_->missing_error;
    m.error_assumed = true;
  } else if (plan_->survey != nullptr && plan_->missing_error.has_value() &&
             cells.number(*columns.error).kind == NumberKind::missing) {
    m.error = *plan_->missing_error;
    m.error_assumed = true;
  } else {
    const bool had_all = keep;
    if (!take_number(object, cells, *columns.error, m.error, keep)) return;
    if (had_all && !keep) ++object.dropped().missing_errors;
  }
  if (keep) store(object, measurement, m, cells);
}

template <RowCells Cells>
bool ObservationIntake::take_number(ObjectBuilder& object, const Cells& cells, std::size_t column,
                                    double& value, bool& keep) {
  const ParsedNumber number = cells.number(column);
  if (number.kind == NumberKind::number) [[likely]] {
    value = number.value;
    return true;
  }
  std::size_t* const count = drop_count(number.kind, object.dropped());
  if (count == nullptr) {
    object.reject(not_measured(number.kind, cells.at(column, status_of(number.kind), {}, {})));
    return false;
  }
  *count += keep ? 1 : 0;
  keep = false;
  return true;
}

/// The scale of a flux by the zero point of its row; false if the row has none.
template <RowCells Cells>
bool ObservationIntake::take_zero_point(ObjectBuilder& object, const Cells& cells, double& scale) {
  if (plan_->zero_point_system.has_value()) {
    const std::string_view system = trimmed(cells.text(*plan_->zero_point_system));
    if (!is_ab_system(system)) {
      object.reject(
          cells.at(*plan_->zero_point_system, Status::no_zero_point,
                   fmt::format("zero points of the system \"{}\" are not known, only those of \"ab\"",
                               escaped(system)),
                   Hint("say what one flux unit is with {}", {{"flux-unit"}})));
      return false;
    }
  }
  double zero_point = 0;
  bool keep = true;
  if (!take_number(object, cells, *plan_->zero_point, zero_point, keep) || !keep) return false;
  scale = mjy_per_count(zero_point);
  return true;
}

template <RowCells Cells>
void ObservationIntake::store(ObjectBuilder& object, const Measurement& measurement, const Numbers& m,
                              const Cells& cells) {
  if (!options_.null_values.empty() && is_null(m)) {
    ++object.dropped().null_values;
    return;
  }
  if (m.error_assumed) object.flags().set(Flag::error_assumed);
  const std::size_t n_before = object.size();
  store_converted(object, measurement, m, cells);
  if (object.size() == n_before) return;
  if (const auto column = plan_->remarked_quality(); column.has_value() && !quality_.is_full())
    quality_.add(cells.text(*column));
  for (std::size_t i = 0; i < plan_->watched.size(); ++i) object.watch(i, cells.text(plan_->watched[i]));
  for (std::size_t i = 0; i < plan_->possible_ids.size(); ++i)
    object.watch_blocks(i, cells.text(plan_->possible_ids[i]));
  if (plan_->position.has_value() && !take_position(object, cells)) return;
  if (!plan_->magnitude_beside.has_value()) return;
  const ParsedNumber mag = cells.number(*plan_->magnitude_beside);
  if (mag.kind == NumberKind::number && m.value > 0) object.compare(m.value, mag.value);
}

/// False if the row has another position on the sky than the rows before it.
template <RowCells Cells>
bool ObservationIntake::take_position(ObjectBuilder& object, const Cells& cells) {
  const auto [longitude, latitude] = *plan_->position;
  const std::string first(cells.text(longitude));  // a text may hold until the next is asked for
  const auto position = parse_position(first, cells.text(latitude));
  if (!position.has_value() || object.is_at(*position)) return true;
  object.reject(elsewhere(cells.at(longitude, Status::not_grouped, {}, {})));
  return false;
}

inline void ObservationIntake::convert_time(double& time) const noexcept {
  if (plan_->time_units_per_day != 1) time /= plan_->time_units_per_day;
  time += plan_->epoch;
}

inline void ObservationIntake::add_flux(ObjectBuilder& object, const Numbers& m, double mjy) const {
  const double error_scale = mjy * (m.error_assumed ? 1 : plan_->error_per_value_unit);
  object.add(m.time, m.value, m.error, {m.value * mjy, m.error * error_scale});
}

inline void ObservationIntake::add_magnitude(ObjectBuilder& object, Numbers m, double zero_point_jy) const {
  m.value *= plan_->mag_per_unit;
  m.error *= plan_->mag_per_unit * (m.error_assumed ? 1 : plan_->error_per_value_unit);
  object.zero_point_jy = zero_point_jy;
  object.add(m.time, m.value, m.error, flux_from_magnitude(m.value, m.error, zero_point_jy));
}

template <RowCells Cells>
void ObservationIntake::store_converted(ObjectBuilder& object, const Measurement& measurement, Numbers m,
                                        const Cells& cells) {
  const Band* const band = object.band != ObjectBuilder::kNoBand ? &bands_[object.band] : nullptr;
  if (object.band_name.empty()) object.band_name = band != nullptr ? band->name : band_of_file();
  std::optional<double> zero_point = band != nullptr ? band->zero_point_jy : zero_point_jy_;
  const bool says_more = plan_->row_unit.has_value() || plan_->zero_point_system.has_value();
  if (measurement.columns.is_magnitude && zero_point.has_value() && !says_more) [[likely]]
    return add_magnitude(object, m, *zero_point);
  RowUnit row;
  if (plan_->row_unit.has_value() && !take_row_unit(object, cells, row)) return;
  if (!measurement.columns.is_magnitude) {
    double scale = band != nullptr ? band->mjy_per_unit : mjy_per_unit_;
    if (plan_->zero_point.has_value() && !take_zero_point(object, cells, scale)) return;
    if (plan_->row_unit.has_value()) scale = row.unit.scale;
    return add_flux(object, m, scale);
  }
  m.value *= row.unit.scale;
  m.error *= m.error_assumed ? 1 : row.unit.scale;
  if (!take_system(object, measurement, row.system, cells, zero_point)) return;
  add_magnitude(object, m, *zero_point);
}

/// False if the unit that the row says is not one of what is read.
template <RowCells Cells>
bool ObservationIntake::take_row_unit(ObjectBuilder& object, const Cells& cells, RowUnit& row) {
  const std::string_view text = trimmed(cells.text(*plan_->row_unit));
  row = row_units_.of(text);
  const UnitKind wanted = plan_->columns().is_magnitude ? UnitKind::magnitude : UnitKind::flux;
  if (row.unit.kind == wanted) return true;
  object.reject(
      not_in_unit(row, std::string(text), *plan_, cells.at(*plan_->row_unit, Status::bad_header, {}, {})));
  return false;
}

/// The zero point of the row, whose system its unit or a column may say; false if it is not known.
template <RowCells Cells>
bool ObservationIntake::take_system(ObjectBuilder& object, const Measurement& measurement,
                                    MagnitudeSystem system, const Cells& cells,
                                    std::optional<double>& zero_point) {
  const ColumnMap& columns = measurement.columns;
  std::size_t place = columns.band.value_or(columns.value);
  bool is_known = true;
  if (const auto column = plan_->zero_point_system) {
    const auto said = system_of_row(trimmed(cells.text(*column)));
    is_known = said.has_value();
    if (said.value_or(MagnitudeSystem::of_band) != MagnitudeSystem::of_band) system = *said;
    if (!is_known || system == MagnitudeSystem::vega) place = *column;
  }
  if (options_.zero_point_jy.has_value()) return true;
  if (system == MagnitudeSystem::ab) zero_point = kAbZeroPointJy;
  const bool is_vega = system == MagnitudeSystem::vega && is_ab_band(object.band_name);
  if (is_known && !is_vega && zero_point.has_value()) return true;
  const std::string_view what = !is_known ? " of such magnitudes" : is_vega ? " of Vega magnitudes" : "";
  object.reject(
      cells.at(place, Status::no_zero_point,
               fmt::format("no zero point is known for band \"{}\"{}", escaped(object.band_name), what),
               Hint("give {} in Jy", {{"zero-point"}})));
  return false;
}

}  // namespace astrom3
