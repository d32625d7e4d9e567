// SPDX-License-Identifier: MIT
#include "source/observation_intake.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

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

std::optional<std::uint64_t> flag_bits(ParsedNumber number) noexcept {
  if (number.kind == NumberKind::missing) return 0;
  const double value = number.value;
  const bool is_integer =
      number.kind == NumberKind::number && value >= 0 && value < 0x1p53 && value == std::floor(value);
  return is_integer ? std::optional(static_cast<std::uint64_t>(value)) : std::nullopt;
}

std::optional<std::uint64_t> flag_bits(std::string_view text) noexcept {
  text = trimmed(text);
  if (text.empty()) return 0;
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
  // Magnitudes without a zero point are useless for every object of the file.
  const ColumnMap& columns = plan.columns();
  if (!columns.is_magnitude || columns.band.has_value() || options_.zero_point_jy.has_value()) return;
  if (zero_point_jy_.has_value()) return;
  const std::string what = band.empty()
                               ? "magnitudes of an unknown band have no flux"
                               : fmt::format("no zero point is known for band \"{}\"", escaped(band));
  throw Error(Diagnostic{.code = Status::no_zero_point,
                         .message = what,
                         .hint = {"declare the band with {}, or give {} in Jy", {{"band"}, {"zero-point"}}}});
}

ObservationIntake::Band ObservationIntake::make_band(std::string_view code) const {
  Band band;
  band.name = code;
  band.mjy_per_unit = mjy_per_unit_;
  for (const BandCode& known :
       plan_->survey != nullptr ? plan_->survey->bands : std::span<const BandCode>{}) {
    if (known.code != code) continue;
    band.name = known.name;
    if (known.mjy_per_unit > 0 && !options_.flux_unit.has_value()) band.mjy_per_unit = known.mjy_per_unit;
  }
  band.zero_point_jy = zero_point_of(band.name);
  band.is_selected = options_.band.empty() || options_.band == band.name;
  return band;
}

std::optional<double> ObservationIntake::zero_point_of(std::string_view name) const {
  if (options_.zero_point_jy.has_value()) return options_.zero_point_jy;
  for (const BandCode& known :
       plan_->survey != nullptr ? plan_->survey->bands : std::span<const BandCode>{}) {
    if (known.name == name && known.zero_point_jy > 0) return known.zero_point_jy;
  }
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
  if (object.take_parts(file, plan_->columns(), finished)) return;
  SourceObject& whole = finished.emplace_back(object.finish(file, plan_->columns()));
  if (whole.n_raw > 0 || whole.rejection.has_value()) return;
  whole.rejection = Diagnostic{.code = Status::no_points,
                               .file = whole.file,
                               .object_id = whole.object_id,
                               .message = options_.band.empty() ? std::string("no observation is left")
                                                                : fmt::format("no observation in band \"{}\"",
                                                                              escaped(options_.band))};
}

TableDescription ObservationIntake::describe(const std::string& layout) const {
  TableDescription description;
  if (plan_ == nullptr) return description;
  const SurveyFormat* const survey = plan_->survey;
  description.format = plan_->format;
  description.title =
      fmt::format("{}, {}", survey != nullptr ? survey->title : "a table of no known survey", layout);
  const auto name_of = [&](std::size_t column) {
    return column < plan_->names.size() ? plan_->names[column] : fmt::format("field {}", column + 1);
  };
  const auto text_of = [&](const BoundRule& bound) {
    const bool has_mask = bound.rule->test == DropTest::any_bit;
    const auto mask = has_mask ? static_cast<std::uint64_t>(bound.rule->limit) : 0;
    return rule_text(*bound.rule, name_of(bound.column), options_.quality_mask.value_or(mask));
  };
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
    for (const BoundRule& bound : measurement.rules) description.rules.emplace_back(text_of(bound), 0);
  }
  std::vector<std::pair<std::string, std::size_t>> common;
  for (const BoundRule& bound : plan_->rules) common.emplace_back(text_of(bound), 0);
  description.rules.insert(description.rules.begin(), common.begin(), common.end());
  for (std::size_t i = 0; i < description.rules.size(); ++i) description.rules[i].second = rule_counts_[i];
  const bool names_time = survey != nullptr && !survey->time_system.empty();
  description.time_system = names_time ? std::string(survey->time_system) : name_of(plan_->columns().time);
  description.units = describe_units();
  for (const Band& band : bands_) description.bands.emplace_back(band.name, band.n);
  if (bands_.empty() && !plan_->band.empty()) description.bands.emplace_back(plan_->band, 0);
  return description;
}

std::string ObservationIntake::describe_units() const {
  if (plan_->columns().is_magnitude) {
    const std::string& band = options_.band.empty() ? plan_->band : options_.band;
    const auto zero_point = zero_point_of(band);
    if (!zero_point.has_value()) return "magnitudes, to mJy by the zero point of their band";
    return fmt::format("magnitudes, to mJy by {:g} Jy at magnitude 0", *zero_point);
  }
  if (plan_->zero_point.has_value()) return "counts, to mJy by the AB zero point of their row";
  for (const BandCode& band : plan_->survey != nullptr ? plan_->survey->bands : std::span<const BandCode>{}) {
    if (band.mjy_per_unit > 0 && !options_.flux_unit.has_value())
      return "electrons/s, to mJy by AB zero points";
  }
  return fmt::format("flux, 1 is {:g} mJy", mjy_per_unit_);
}

std::size_t* ObservationIntake::drop_count(NumberKind kind, DropCounts& dropped) const noexcept {
  // What a survey leaves empty or marks as a limit was not measured; elsewhere it may be a mistake.
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

Diagnostic ObservationIntake::not_measured(NumberKind kind, Diagnostic place) {
  place.message += fmt::format("expected a number, found \"{}\"", escaped(place.value));
  place.hint = hint_for(kind, place.value);
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
