// SPDX-License-Identifier: MIT
#include "source/observation_intake.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/light_curve.h"
#include "astrom3/source/source.h"
#include "base/joined.h"
#include "base/number.h"
#include "source/columns.h"
#include "source/object_builder.h"
#include "source/photometry.h"
#include "source/survey_formats.h"
#include "source/table_plan.h"

namespace astrom3 {
namespace {

Hint hint_for(NumberKind kind, std::string_view value) {
  switch (kind) {
    case NumberKind::missing:
    case NumberKind::nonfinite:
      return {"leave such observations out with {}", {{"nonfinite", "drop"}}};
    case NumberKind::upper_limit:
      return {"leave upper limits out with {}", {{"upper-limits", "drop"}}};
    default:
      if (value.find(',') != std::string_view::npos) return {"a decimal comma? {}", {{"decimal", ","}}};
      return {};
  }
}

/// "true 1" as "true or 1".
std::string any_of_words(std::string_view words) {
  std::string text(words);
  for (std::size_t at = 0; (at = text.find(' ', at)) != std::string::npos; at += 4)
    text.replace(at, 1, " or ");
  return text;
}

/// `mask` are the bits that drop.
std::string rule_text(const DropRule& rule, const std::string& column, std::uint64_t mask) {
  switch (rule.test) {
    case DropTest::at_least:
      return fmt::format("{} >= {:g}", column, rule.limit);
    case DropTest::equals:
      return fmt::format("{} = {:g}", column, rule.limit);
    case DropTest::any_bit:
      if (mask == 0) return fmt::format("{} is no integer", column);
      return fmt::format("{} has a bit of {:#x}", column, mask);
    case DropTest::is_word:
      return fmt::format("{} is {}", column, any_of_words(rule.words));
    case DropTest::is_no_word:
      return fmt::format("{} is not {}", column, any_of_words(rule.words));
    case DropTest::marked_limit:
      return fmt::format("{} is a limit (> or <)", column);
    case DropTest::poor_fit:
      return fmt::format("{} >= {:g}, and more for bright sources", column, rule.limit);
    case DropTest::separator:
      return fmt::format("{} = {:g}, between two objects", column, rule.limit);
  }
  return column;
}

}  // namespace

bool is_one_of(std::string_view word, std::string_view words) noexcept {
  const auto equal_folded = [](char a, char b) {  // b is in lower case already
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  };
  while (!words.empty()) {
    const std::string_view next = words.substr(0, words.find(' '));
    if (std::equal(word.begin(), word.end(), next.begin(), next.end(), equal_folded)) return true;
    words.remove_prefix(std::min(words.size(), next.size() + 1));
  }
  return false;
}

bool is_same_value(std::string_view cell, std::string_view value) noexcept {
  if (cell == value) return true;
  constexpr std::string_view kTrue = "true yes 1", kFalse = "false no 0";
  for (const std::string_view words : {kTrue, kFalse}) {
    if (is_one_of(cell, words) && is_one_of(value, words)) return true;
  }
  const ParsedNumber a = parse_number(cell), b = parse_number(value);
  return a.kind == NumberKind::number && b.kind == NumberKind::number && a.value == b.value;
}

std::optional<std::uint64_t> flag_bits(ParsedNumber number) noexcept {
  if (number.kind == NumberKind::missing) return 0;
  const double value = number.value;
  const bool is_integer =
      number.kind == NumberKind::number && value >= 0 && value < 0x1p53 && value == std::floor(value);
  return is_integer ? std::optional(static_cast<std::uint64_t>(value)) : std::nullopt;
}

std::optional<std::uint64_t> flag_bits(std::string_view text) noexcept {
  text = trimmed(text);
  if (text.empty() || is_one_of(text, "false f")) return 0;
  if (is_one_of(text, "true t")) return 1;
  const bool is_hexadecimal = text.starts_with("0x") || text.starts_with("0X");
  if (is_hexadecimal) text.remove_prefix(2);
  const char* const end = text.data() + text.size();
  std::uint64_t bits = 0;
  const auto [stop, error] = std::from_chars(text.data(), end, bits, is_hexadecimal ? 16 : 10);
  if (error == std::errc{} && stop == end) return bits;
  if (is_hexadecimal) return std::nullopt;
  // A column of integers with gaps is one of floating numbers to many writers.
  const ParsedNumber number = parse_number(text);
  return number.kind == NumberKind::number ? flag_bits(number) : std::nullopt;
}

bool ObservationIntake::needs_only_numbers() const {
  const TablePlan& plan = *plan_;
  const Measurement& m = plan.measurements.front();
  const bool has_one = plan.measurements.size() == 1 && m.columns.error.has_value();
  const bool has_bands = m.columns.band.has_value() || !m.band.empty();
  const bool has_rules = !plan.rules.empty() || !m.rules.empty() || !plan.conditions.empty();
  const bool has_others = plan.zero_point.has_value() || plan.zero_point_system.has_value() ||
                          plan.row_unit.has_value() || plan.magnitude_beside.has_value() ||
                          plan.position.has_value() || !plan.watched.empty() || !plan.possible_ids.empty() ||
                          plan.remarked_quality().has_value();
  const bool is_known = !m.columns.is_magnitude || zero_point_jy_.has_value();
  return has_one && is_known && !has_bands && !has_rules && !has_others && options_.null_values.empty();
}

void ObservationIntake::take_plain(ObjectBuilder& object, std::span<const double> time,
                                   std::span<const double> value, std::span<const double> error) {
  const bool is_magnitude = plan_->columns().is_magnitude;
  if (object.band_name.empty() && !time.empty() && !object.is_rejected()) object.band_name = band_of_file();
  for (std::size_t i = 0; i < time.size(); ++i) {
    object.count_row();
    if (object.is_rejected()) continue;
    Numbers m{.time = time[i], .value = value[i], .error = error[i]};
    convert_time(m.time);
    is_magnitude ? add_magnitude(object, m, *zero_point_jy_) : add_flux(object, m, mjy_per_unit_);
  }
}

void ObservationIntake::start(const TablePlan& plan) {
  plan_ = &plan;
  const FluxUnit of_survey = plan.survey != nullptr ? plan.survey->flux_unit : FluxUnit::mJy;
  mjy_per_unit_ = mjy_per_unit(options_.flux_unit.value_or(of_survey));
  if (plan.mjy_per_unit > 0 && !options_.flux_unit.has_value()) mjy_per_unit_ = plan.mjy_per_unit;
  std::size_t n_rules = plan.rules.size();
  for (const Measurement& measurement : plan.measurements) n_rules += measurement.rules.size();
  rule_counts_.assign(n_rules, 0);
  const std::string& band = options_.band.empty() ? plan.band : options_.band;
  zero_point_jy_ = zero_point_of(band);
  is_plain_ = needs_only_numbers();
  // Magnitudes without a zero point are useless for every object of the file.
  const ColumnMap& columns = plan.columns();
  if (!columns.is_magnitude || columns.band.has_value() || options_.zero_point_jy.has_value()) return;
  if (zero_point_jy_.has_value() || plan.zero_point_system.has_value() || plan.row_unit.has_value()) return;
  const std::string_view system = plan.system == MagnitudeSystem::vega ? " of Vega magnitudes" : "";
  const std::string what =
      band.empty() ? "magnitudes of an unknown band have no flux"
                   : fmt::format("no zero point is known for band \"{}\"{}", escaped(band), system);
  Hint hint{"declare the band with {}, or give {} in Jy", {{"band"}, {"zero-point"}}};
  if (columns.has_fluxes) {
    hint.text += "; {} reads the fluxes instead, whose unit the table does not say";
    hint.remedies.push_back({"flux-unit", "mJy"});
  }
  throw Error(Diagnostic{.code = Status::no_zero_point, .message = what, .hint = std::move(hint)});
}

ObservationIntake::Band ObservationIntake::make_band(std::string_view code) const {
  Band band;
  band.name = code;
  // A column of whole numbers with gaps is one of floating numbers to many writers.
  const std::string_view whole = code.ends_with(".0") ? code.substr(0, code.size() - 2) : code;
  band.mjy_per_unit = mjy_per_unit_;
  for (const BandCode& known :
       plan_->survey != nullptr ? plan_->survey->bands : std::span<const BandCode>{}) {
    if (known.code != whole) continue;
    band.name = known.name;
    if (known.mjy_per_unit > 0 && !options_.flux_unit.has_value()) band.mjy_per_unit = known.mjy_per_unit;
  }
  band.zero_point_jy = zero_point_of(band.name);
  band.is_selected = options_.band.empty() || options_.band == band.name;
  return band;
}

std::optional<double> ObservationIntake::zero_point_of(std::string_view name) const {
  if (options_.zero_point_jy.has_value()) return options_.zero_point_jy;
  if (plan_->system == MagnitudeSystem::ab) return kAbZeroPointJy;
  for (const BandCode& known :
       plan_->survey != nullptr ? plan_->survey->bands : std::span<const BandCode>{}) {
    if (known.name == name && known.zero_point_jy > 0) return known.zero_point_jy;
  }
  if (plan_->system == MagnitudeSystem::vega && is_ab_band(name)) return std::nullopt;
  return default_zero_point_jy(name);
}

std::uint32_t ObservationIntake::band_number(std::string_view code) {
  for (std::size_t i = 0; i < codes_.size(); ++i) {
    if (codes_[i] == code) return static_cast<std::uint32_t>(i);
  }
  if (bands_.size() == kMaxBands) return ObjectBuilder::kNoBand;
  codes_.emplace_back(code);
  bands_.push_back(make_band(code));
  return static_cast<std::uint32_t>(bands_.size() - 1);
}

void ObservationIntake::finish(ObjectBuilder object, std::string_view file,
                               std::vector<SourceObject>& finished) const {
  const std::size_t n_before = finished.size();
  if (!object.take_parts(file, *plan_, options_, finished))
    finished.push_back(object.finish(file, *plan_, options_));
  for (std::size_t i = n_before; i < finished.size(); ++i) {
    SourceObject& one = finished[i];
    if (one.light_curve.size() == 0 && !one.rejection.has_value()) one.rejection = without_observations(one);
    if (one.rejection.has_value() && one.rejection->file.empty()) one.rejection->file = one.file;
  }
}

/// Why an object has no observation, and a hint how to change this.
Diagnostic ObservationIntake::without_observations(const SourceObject& object) const {
  Diagnostic rejection{.code = Status::no_points, .file = object.file, .object_id = object.object_id};
  if (object.n_raw == 0 && !options_.band.empty()) {
    std::vector<std::string> there;
    for (const Band& band : bands_) {
      if (there.size() < 12) there.push_back(escaped(band.name, 20));
    }
    rejection.message = fmt::format("no observation in band \"{}\"", escaped(options_.band));
    if (!there.empty()) rejection.message += fmt::format("; the table has {}", joined(there, ", "));
    return rejection;
  }
  const DropCounts& dropped = object.dropped;
  rejection.message = fmt::format("no observation is left of {}", object.n_raw);
  std::vector<std::string> reasons;
  const auto add = [&](std::size_t n, std::string_view reason) {
    if (n > 0) reasons.push_back(fmt::format("{} {}", n, reason));
  };
  add(dropped.quality, "of bad quality");
  add(dropped.upper_limits, "upper limits");
  add(dropped.null_values, "that stand for no measurement");
  add(dropped.missing, "with an empty cell");
  add(dropped.nonfinite, "not finite");
  if (!reasons.empty()) rejection.message += ": " + joined(reasons, ", ");
  const bool lacks_errors = object.n_raw > 0 && dropped.missing_errors == object.n_raw;
  const ColumnMap& columns = plan_->columns();
  if (lacks_errors && columns.error.has_value()) {
    rejection.message = fmt::format("no observation is left: none of {} has a value in {}", object.n_raw,
                                    escaped(plan_->name_of(*columns.error)));
    rejection.hint = {"give all one error with {}", {{"missing-error"}}};
  } else if (dropped.quality == object.n_raw && object.n_raw > 0) {
    rejection.hint = {"{} keeps observations of bad quality", {{"quality-mask", "0"}}};
  }
  return rejection;
}

/// Every rule in words, with how often it left a row out.
void ObservationIntake::add_rules(TableDescription& description) const {
  const auto add = [&](const std::vector<BoundRule>& rules) {
    for (const BoundRule& bound : rules) {
      const bool has_mask = bound.rule->test == DropTest::any_bit;
      const auto mask = has_mask ? static_cast<std::uint64_t>(bound.rule->limit) : 0;
      const std::string text =
          rule_text(*bound.rule, plan_->name_of(bound.column), options_.quality_mask.value_or(mask));
      description.rules.emplace_back(text, rule_counts_[description.rules.size()]);
    }
  };
  add(plan_->rules);
  for (const Measurement& measurement : plan_->measurements) add(measurement.rules);
  for (const RowCondition& condition : plan_->conditions)
    description.rules.emplace_back(
        fmt::format("{} is not {}", plan_->name_of(condition.column), joined(condition.values, " or ")),
        n_unfulfilled_);
}

TableDescription ObservationIntake::describe(const std::string& layout) const {
  TableDescription description;
  if (plan_ == nullptr) return description;
  const SurveyFormat* const survey = plan_->survey;
  description.format = plan_->format;
  description.title =
      fmt::format("{}, {}", survey != nullptr ? survey->title : "a table of no known survey", layout);
  const auto name_of = [&](std::size_t column) { return plan_->name_of(column); };
  for (const Measurement& measurement : plan_->measurements) {
    const ColumnMap& columns = measurement.columns;
    const std::string suffix = measurement.band.empty() ? "" : fmt::format(" {}", measurement.band);
    const auto add = [&](std::string_view role, std::optional<std::size_t> column) {
      if (column.has_value())
        description.columns.emplace_back(fmt::format("{}{}", role, suffix), name_of(*column));
    };
    add("time", columns.time);
    add(columns.is_magnitude ? "mag" : "flux", columns.value);
    add(columns.is_magnitude ? "mag_err" : "flux_err", columns.error);
    add("band", columns.band);
    if (&measurement == plan_->measurements.data()) add("object_id", columns.object_id);
  }
  add_rules(description);
  const bool names_time = survey != nullptr && !survey->time_system.empty();
  description.time_system = names_time ? std::string(survey->time_system) : name_of(plan_->columns().time);
  description.units = describe_units();
  description.all_columns = describe_columns();
  for (const Band& band : bands_) description.bands.emplace_back(band.name, band.n);
  if (bands_.empty() && !plan_->band.empty()) description.bands.emplace_back(plan_->band, 0);
  return description;
}

std::string ObservationIntake::describe_units() const {
  if (plan_->columns().is_magnitude) {
    const std::string& band = options_.band.empty() ? plan_->band : options_.band;
    const auto zero_point = zero_point_of(band);
    const std::string_view what = plan_->mag_per_unit == 1 ? "magnitudes" : "magnitudes in mmag";
    if (plan_->zero_point_system.has_value() || plan_->row_unit.has_value())
      return fmt::format("{}, to mJy by the zero point of their row", what);
    if (!zero_point.has_value()) return fmt::format("{}, to mJy by the zero point of their band", what);
    return fmt::format("{}, to mJy by {:g} Jy at magnitude 0", what, *zero_point);
  }
  if (plan_->zero_point.has_value()) return "counts, to mJy by the AB zero point of their row";
  if (plan_->row_unit.has_value()) return "flux, to mJy by the unit of its row";
  for (const BandCode& band : plan_->survey != nullptr ? plan_->survey->bands : std::span<const BandCode>{}) {
    if (band.mjy_per_unit > 0 && !options_.flux_unit.has_value())
      return plan_->format == "plasticc_short" ? "flux, to mJy by its passband"
                                               : "electrons/s, to mJy by AB zero points";
  }
  return fmt::format("flux, 1 is {:g} mJy", mjy_per_unit_);
}

namespace {

std::string unit_reading(double per_unit, std::string_view unit) {
  return per_unit == 1 ? fmt::format("{}, as they are", unit)
                       : fmt::format("to {}: 1 is {:.6g}", unit, per_unit);
}

}  // namespace

/// How every column is used, how its values are converted, or why it is not used.
std::vector<ColumnDescription> ObservationIntake::describe_columns() const {
  const TablePlan& plan = *plan_;
  std::vector<ColumnDescription> columns(std::max(plan.names.size(), plan.columns().n_columns));
  for (std::size_t i = 0; i < columns.size(); ++i) {
    columns[i].name = plan.name_of(i);
    if (i < plan.units.size()) columns[i].unit = plan.units[i];
  }
  const auto add = [&](std::optional<std::size_t> column, std::string role, const std::string& reading = {}) {
    if (!column.has_value() || *column >= columns.size()) return;
    columns[*column].roles.push_back(std::move(role));
    if (!reading.empty()) columns[*column].reading = reading;
  };
  for (const Measurement& measurement : plan.measurements) {
    const ColumnMap& map = measurement.columns;
    const std::string suffix = measurement.band.empty() ? "" : " " + measurement.band;
    add(map.time, "time" + suffix, unit_reading(1 / plan.time_units_per_day, "d"));
    const std::string value = plan.zero_point.has_value() ? "to mJy, by the zero point of the row"
                              : map.is_magnitude          ? unit_reading(plan.mag_per_unit, "mag")
                                                          : unit_reading(mjy_per_unit_, "mJy");
    add(map.value, (map.is_magnitude ? "mag" : "flux") + suffix, value);
    const double error = plan.error_per_value_unit * (map.is_magnitude ? plan.mag_per_unit : mjy_per_unit_);
    add(map.error, (map.is_magnitude ? "mag_err" : "flux_err") + suffix,
        plan.zero_point.has_value() ? value : unit_reading(error, map.is_magnitude ? "mag" : "mJy"));
    for (const BoundRule& bound : measurement.rules) add(bound.column, "quality rule");
  }
  add(plan.columns().band, "band");
  add(plan.columns().object_id, "object_id");
  add(plan.zero_point, "zero point");
  add(plan.zero_point_system, "zero point system");
  add(plan.row_unit, "unit");
  add(plan.magnitude_beside, "check of the flux");
  for (const BoundRule& bound : plan.rules) {
    if (bound.rule->column.starts_with('@')) continue;
    add(bound.column, "quality rule");
  }
  for (const RowCondition& condition : plan.conditions) add(condition.column, "condition");
  for (const std::size_t column : plan.quality)
    if (column < columns.size()) columns[column].reading = "tells good rows from bad ones";
  return columns;
}

std::optional<Diagnostic> ObservationIntake::remark_on_quality() const {
  if (plan_ == nullptr || !plan_->remarked_quality().has_value()) return std::nullopt;
  std::vector<std::string> names;
  for (const std::size_t column : plan_->quality) names.push_back(escaped(plan_->name_of(column), 40));
  return Diagnostic{
      .message = fmt::format("{} tell{} good rows from bad ones and {} not used", joined(names, ", "),
                             names.size() == 1 ? "s" : "", names.size() == 1 ? "is" : "are"),
      .hint = quality_.hint(plan_->name_of(plan_->quality.front()))};
}

std::size_t* ObservationIntake::drop_count(NumberKind kind, DropCounts& dropped) const noexcept {
  // In a survey, an empty cell or a limit means "not measured"; elsewhere it may be a mistake.
  const bool is_survey = plan_->survey != nullptr;
  const bool drop = options_.nonfinite == NonfinitePolicy::drop;
  if (kind == NumberKind::missing && (drop || is_survey)) return &dropped.missing;
  if (kind == NumberKind::nonfinite && drop) return &dropped.nonfinite;
  if (kind == NumberKind::upper_limit && (is_survey || options_.upper_limits == UpperLimitPolicy::drop))
    return &dropped.upper_limits;
  return nullptr;
}

bool ObservationIntake::is_null(const Numbers& m) const {
  return std::any_of(options_.null_values.begin(), options_.null_values.end(),
                     [&](double null) { return m.time == null || m.value == null || m.error == null; });
}

Diagnostic ObservationIntake::not_measured(NumberKind kind, Diagnostic place) const {
  place.message += fmt::format("expected a number, found \"{}\"", escaped(place.value));
  place.hint = hint_for(kind, place.value);
  const ColumnMap& columns = plan_->columns();
  if (kind == NumberKind::missing && columns.has_magnitudes && !columns.is_magnitude) {
    place.hint.text += "; {} reads the magnitudes";
    place.hint.remedies.push_back({"magnitudes"});
  }
  return place;
}

Diagnostic ObservationIntake::separated(Diagnostic place) {
  place.message += "observations behind a row that separates objects";
  place.hint = {"name the column that says whose they are with {}", {{"id-column"}}};
  return place;
}

Diagnostic ObservationIntake::elsewhere(Diagnostic place) {
  place.message += "more than 1 arcmin from the rows before it, and no column says whose a row is";
  place.hint = {"name the column of ids with {}, or say that all rows are of one object with {}",
                {{"id-column"}, {"id-column", std::string(kNoColumn)}}};
  return place;
}

Status status_of(NumberKind kind) noexcept {
  switch (kind) {
    case NumberKind::missing:
      return Status::missing_value;
    case NumberKind::nonfinite:
      return Status::nonfinite;
    case NumberKind::upper_limit:
      return Status::upper_limit;
    default:
      return Status::not_a_number;
  }
}

}  // namespace astrom3
