// SPDX-License-Identifier: MIT
#include "source/table_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/source/source.h"
#include "formats/table_header.h"
#include "source/column_names.h"
#include "source/columns.h"
#include "source/levels.h"
#include "source/photometry.h"
#include "source/row_blocks.h"
#include "source/side_columns.h"
#include "source/survey_formats.h"
#include "source/units.h"

namespace astrom3 {
namespace {

using Names = std::span<const std::string>;

void bind_rules(std::span<const DropRule> rules, const TablePlan& plan, std::vector<BoundRule>& bound) {
  for (const DropRule& rule : rules) {
    std::optional<std::size_t> column;
    if (rule.column == "@value") {
      column = plan.columns().value;
    } else if (rule.column == "@error") {
      column = plan.columns().error;
    } else {
      column = find_column(rule.column, plan.names);
    }
    if (column.has_value()) bound.push_back({&rule, *column});
  }
}

[[noreturn]] void fail_unit(const ColumnLabels& labels, std::size_t column, std::string_view what,
                            Hint hint) {
  throw Error(Diagnostic{
      .code = Status::bad_header,
      .column = labels.names[column],
      .message = fmt::format("{} in {}: how much is that?", what, escaped(labels.unit_text(column))),
      .hint = std::move(hint)});
}

/// Times in hours or seconds become days. Unknown units are accepted in the table of a survey.
void take_unit_of_time(TablePlan& plan, const ColumnLabels& labels, const SourceOptions& options) {
  const std::size_t column = plan.columns().time;
  if (plan.survey != nullptr && find_column(plan.survey->time, plan.names) == column)
    plan.time_units_per_day = plan.survey->time_units_per_day;
  if (options.time_unit.has_value()) {
    plan.time_units_per_day = 1 / days_per_unit(*options.time_unit);
    return;
  }
  const Unit unit = labels.unit(column);
  if (unit.kind == UnitKind::time) plan.time_units_per_day = 1 / unit.scale;
  if (unit.kind == UnitKind::none || unit.kind == UnitKind::time || plan.survey != nullptr) return;
  fail_unit(labels, column, "times", {"say it with {}; d takes them as they are", {{"time-unit"}}});
}

/// Fluxes in a unit that the column says become mJy, and magnitudes in mmag magnitudes.
void take_unit_of_value(TablePlan& plan, const ColumnLabels& labels, const SourceOptions& options) {
  const std::size_t column = plan.columns().value;
  const Unit unit = labels.unit(column);
  const UnitKind expected = plan.columns().is_magnitude ? UnitKind::magnitude : UnitKind::flux;
  const bool is_relative = plan.survey != nullptr && !plan.survey->magnitude_card.empty();
  const bool is_overruled = options.flux_unit.has_value() && !plan.columns().is_magnitude;
  if (unit.kind == UnitKind::none || is_overruled || is_relative) return;
  const auto& error = plan.columns().error;
  if (unit.kind == expected) {
    (plan.columns().is_magnitude ? plan.mag_per_unit : plan.mjy_per_unit) = unit.scale;
    plan.system = system_of(labels.unit_text(column));
  } else if (plan.survey == nullptr && plan.columns().is_magnitude) {
    fail_unit(labels, column, "magnitudes", "name the columns of magnitudes in mag or mmag");
  } else if (plan.survey == nullptr && unit.kind == UnitKind::magnitude) {
    std::string choice = fmt::format("mag={}", labels.names[column]);
    if (error.has_value()) choice += fmt::format(",mag_err={}", labels.names[*error]);
    fail_unit(labels, column, "fluxes",
              {"read them as magnitudes with {}", {{"columns", std::move(choice)}}});
  } else if (plan.survey == nullptr) {
    fail_unit(labels, column, "fluxes", {"say it with {}; mJy takes them as they are", {{"flux-unit"}}});
  }
}

/// Errors in another unit than their values: 0.2 mJy of 0.05 Jy.
void take_unit_of_error(TablePlan& plan, const ColumnLabels& labels, const SourceOptions& options) {
  const ColumnMap& columns = plan.columns();
  const bool is_overruled = options.flux_unit.has_value() && !columns.is_magnitude;
  if (!columns.error.has_value() || is_overruled) return;
  const Unit unit = labels.unit(*columns.error);
  const bool is_same_text = labels.unit_text(*columns.error) == labels.unit_text(columns.value);
  if (unit.kind == UnitKind::none || is_same_text) return;
  const double value_unit = columns.is_magnitude ? plan.mag_per_unit : plan.mjy_per_unit;
  if (unit.kind == (columns.is_magnitude ? UnitKind::magnitude : UnitKind::flux)) {
    // A flux without a unit is in mJy, or as the survey says.
    const double of_survey = mjy_per_unit(plan.survey != nullptr ? plan.survey->flux_unit : FluxUnit::mJy);
    plan.error_per_value_unit = unit.scale / (value_unit > 0 ? value_unit : of_survey);
  } else if (plan.survey == nullptr && plan.missing_error.has_value()) {
    plan.measurements.front().columns.error.reset();  // the one error that was given takes its place
  } else if (plan.survey == nullptr) {
    fail_unit(labels, *columns.error, columns.is_magnitude ? "errors of magnitudes" : "errors of fluxes",
              {"name a column of errors in a unit of the values with {}, or give one error for all with {}",
               {{"columns", columns.is_magnitude ? "mag_err=..." : "flux_err=..."}, {"missing-error"}}});
  }
}

/// Counts whose row says the magnitude of one of them, and magnitudes whose row says their system.
void take_zero_point(TablePlan& plan, const SideColumns& side, const ColumnLabels& labels,
                     const SourceOptions& options) {
  if (plan.columns().is_magnitude && plan.survey == nullptr && !options.zero_point_jy.has_value())
    plan.zero_point_system = side.zero_point_system;
  if (plan.columns().is_magnitude || options.flux_unit.has_value()) return;
  if (plan.survey != nullptr) {
    if (!plan.survey->zero_point_column.empty())
      plan.zero_point = find_column(plan.survey->zero_point_column, plan.names);
    return;
  }
  if (labels.unit(plan.columns().value).kind != UnitKind::none) return;
  plan.zero_point = side.zero_point;
  if (side.zero_point.has_value()) plan.zero_point_system = side.zero_point_system;
}

/// A column that says the unit of every row, if the names of the columns do not say it.
void take_row_unit(TablePlan& plan, const SideColumns& side, const ColumnLabels& labels,
                   const SourceOptions& options) {
  const ColumnMap& columns = plan.columns();
  const bool is_said = plan.survey != nullptr || plan.zero_point.has_value() ||
                       labels.unit(columns.value).kind != UnitKind::none ||
                       (columns.error.has_value() && labels.unit(*columns.error).kind != UnitKind::none);
  const bool is_overruled = options.flux_unit.has_value() && !columns.is_magnitude;
  if (!is_said && !is_overruled) plan.row_unit = side.unit;
}

/// ATLAS calls its bands F, which is also a name of fluxes.
bool may_name_bands(std::string_view name) {
  return names_bands(name) || may_hold_bands(name) || folded_name(name) == "f";
}

/// Columns that no one reads and that might change a number: those of quality are named as not used, and the
/// others are watched, since the columns of bands and of ids may have unexpected names.
void find_unused(TablePlan& plan, const SideColumns& side, const ColumnLabels& labels,
                 const SourceOptions& options) {
  constexpr std::size_t kMostWatched = 24;
  const std::vector<ColumnUse> uses = uses_of_columns(plan);
  for (const std::size_t column : side.quality) {
    if (!uses[column].is_read) plan.quality.push_back(column);
  }
  const bool is_of_any = !plan.columns().object_id.has_value() && options.id_column.empty();
  if (plan.survey == nullptr && is_of_any && side.longitude.has_value()) {
    plan.position = {*side.longitude, *side.latitude};
    plan.watched = {*side.longitude, *side.latitude};
  }
  if (plan.survey != nullptr) return;
  const bool has_band = plan.columns().band.has_value() || options.columns.contains("band");
  std::size_t n_watched = plan.watched.size();
  for (std::size_t i = 0; i < labels.names.size() && n_watched < kMostWatched; ++i) {
    const auto is_in = [i](const std::vector<std::size_t>& columns) {
      return std::find(columns.begin(), columns.end(), i) != columns.end();
    };
    const bool is_read = uses[i].is_read && !(plan.columns().is_magnitude && i == plan.zero_point_system);
    if (is_read || is_in(side.quality) || is_in(plan.watched)) continue;
    if (!options.columns.contains("band") && may_name_bands(labels.names[i])) {
      ++n_watched;
      plan.watched.push_back(i);
      plan.likely_bands.push_back(i);
      continue;
    }
    const bool may_be = labels.may_be_categories.empty() || labels.may_be_categories[i];
    if (is_measurement(labels.names[i], options) || !may_be) continue;
    const bool may_be_id = is_of_any ? !names_a_circumstance(labels.names[i])
                                     : options.id_column.empty() && may_hold_ids(labels.names[i]);
    if (has_band && !may_be_id) continue;
    ++n_watched;
    if (!has_band) plan.watched.push_back(i);
    if (may_be_id) plan.possible_ids.push_back(i);
  }
}

/// Fluxes that are 1 at the magnitude in the header.
void take_magnitude_of_header(TablePlan& plan, const SourceOptions& options, const HeaderCard& card) {
  const std::string_view keyword = plan.survey->magnitude_card;
  if (keyword.empty() || plan.columns().is_magnitude || options.flux_unit.has_value()) return;
  const auto magnitude = card ? card(keyword) : std::nullopt;
  if (!magnitude.has_value()) {
    throw Error(Status::bad_header, fmt::format("fluxes are relative, and {} does not say to what", keyword),
                {"{} takes them as they are", {{"flux-unit", "mJy"}}});
  }
  plan.mjy_per_unit = plan.survey->mjy_per_unit * std::pow(10.0, -0.4 * *magnitude);
}

constexpr DropRule kRejected{.column = {}, .test = DropTest::is_word, .words = "true 1"};

Measurement plan_wide_band(const WideBand& wide, const ColumnMap& common, const ColumnLabels& labels,
                           const SourceOptions& options) {
  SourceOptions of_band = options;
  of_band.columns = {{"time", std::string(wide.time)},
                     {"flux", std::string(wide.flux)},
                     {"flux_err", std::string(wide.flux_err)}};
  Measurement measurement{.columns = map_columns(labels, of_band), .band = std::string(wide.band)};
  measurement.columns.object_id = common.object_id;
  measurement.columns.has_magnitudes = true;
  for (const std::string_view rejection : wide.rejections) {
    if (rejection.empty()) continue;
    if (const auto column = find_column(rejection, labels.names))
      measurement.rules.push_back({&kRejected, *column});
  }
  return measurement;
}

void plan_wide_bands(TablePlan& plan, const ColumnLabels& labels, const SourceOptions& options) {
  const ColumnMap common = plan.columns();
  plan.measurements.clear();
  std::string known;
  for (const WideBand& wide : plan.survey->wide) {
    known += fmt::format("{}{}", known.empty() ? "" : ", ", wide.band);
    if (!options.split_bands && options.band != wide.band) continue;
    plan.measurements.push_back(plan_wide_band(wide, common, labels, options));
  }
  if (!plan.measurements.empty()) return;
  if (options.band.empty())
    throw Error(Status::mixed_bands, fmt::format("every row holds the bands {}", known),
                {"choose one with {}, or take each by itself with {}", {{"band"}, {"band", "split"}}});
  throw Error(Status::no_points,
              fmt::format("no band \"{}\" in a table of {}", escaped(options.band), known));
}

/// `options` with the columns of the survey, as far as the table has them.
SourceOptions options_of_survey(const SurveyFormat& survey, Names names, const SourceOptions& options) {
  SourceOptions known = with_columns_of(survey, options);
  if (!survey.band.empty() && !options.columns.contains("band") && find_column(survey.band, names))
    known.columns["band"] = survey.band;
  const bool is_numbered = survey.signature.empty();
  if (!survey.object_id.empty() && options.id_column.empty() &&
      (is_numbered || find_column(survey.object_id, names)))
    known.id_column = survey.object_id;
  return known;
}

// The rule of --quality-mask for the column of a table of no known survey.
constexpr DropRule kMasked{.column = {}, .test = DropTest::any_bit, .limit = 0};

void bind_quality_mask(const SideColumns& side, TablePlan& plan) {
  for (const std::size_t column : side.quality) {
    if (!marks_good_rows(plan.names[column])) plan.rules.push_back({&kMasked, column});
  }
}

/// Throws Error missing_column.
void bind_conditions(TablePlan& plan, const SourceOptions& options) {
  for (const std::string& condition : options.where) {
    const std::size_t equals = condition.find('=');
    const std::string name = condition.substr(0, equals);
    const auto column = find_column(name, plan.names);
    if (!column.has_value())
      throw Error(Diagnostic{.code = Status::missing_column,
                             .column = name,
                             .option = "where",
                             .message = fmt::format("no such column; found: {}", listed(plan.names))});
    auto bound = std::find_if(plan.conditions.begin(), plan.conditions.end(),
                              [&](const RowCondition& known) { return known.column == *column; });
    if (bound == plan.conditions.end())
      bound = plan.conditions.insert(bound, {.column = *column, .values = {}});
    bound->values.push_back(condition.substr(equals + 1));
  }
}

/// The columns of ASAS-SN's variable star database, if nothing else is known about the table: their flux is
/// in mJy. Returns the magnitudes, with which the flux must agree.
std::optional<std::size_t> take_asassn_columns(ColumnLabels& labels) {
  for (const std::string_view name : {"hjd", "mag", "mag_err", "flux", "flux_err"}) {
    const auto column = find_column(name, labels.names);
    if (!column.has_value() || !labels.unit_text(*column).empty()) return std::nullopt;
  }
  labels.units.resize(labels.names.size());
  for (const std::string_view name : {"flux", "flux_err"})
    labels.units[*find_column(name, labels.names)] = "mJy";
  return find_column("mag", labels.names);
}

}  // namespace

MagnitudeSystem system_of(std::string_view unit) {
  const std::string folded = folded_name(unit);
  if (folded.find("vega") != std::string::npos) return MagnitudeSystem::vega;
  return folded.find("ab") != std::string::npos ? MagnitudeSystem::ab : MagnitudeSystem::of_band;
}

TablePlan plan_table(ColumnLabels labels, const SurveyFormat* survey, const SourceOptions& options,
                     const HeaderCard& card) {
  TablePlan plan;
  plan.survey = survey;
  plan.names = labels.names;
  for (std::size_t i = 0; i < labels.names.size(); ++i) plan.units.push_back(labels.unit_text(i));
  plan.missing_error = options.missing_error;
  const SideColumns side = find_side_columns(labels);
  if (survey == nullptr && options.columns.empty()) plan.magnitude_beside = take_asassn_columns(labels);
  plan.measurements.push_back(
      {.columns = map_columns(
           labels, survey != nullptr ? options_of_survey(*survey, plan.names, options) : options)});
  if (survey != nullptr) {
    plan.format = survey->name;
    plan.mjy_per_unit = survey->mjy_per_unit;
    plan.band = survey->default_band;
    bind_rules(survey->rules, plan, plan.rules);
  }
  if (const auto ids = plan.columns().object_id; ids.has_value() && !labels.may_be_categories.empty())
    plan.has_real_ids = !labels.may_be_categories[*ids];
  if (plan.columns().is_magnitude || options.flux_unit.has_value()) plan.magnitude_beside.reset();
  take_unit_of_time(plan, labels, options);
  take_unit_of_value(plan, labels, options);
  take_unit_of_error(plan, labels, options);
  take_zero_point(plan, side, labels, options);
  take_row_unit(plan, side, labels, options);
  if (survey != nullptr) {
    take_magnitude_of_header(plan, options, card);
    // Columns named by hand choose one measurement by themselves.
    if (!survey->wide.empty() && options.columns.empty()) plan_wide_bands(plan, labels, options);
  }
  const bool names_quality = survey == nullptr || survey->names_quality;
  if (names_quality && options.quality_mask.has_value()) bind_quality_mask(side, plan);
  bind_conditions(plan, options);
  find_unused(plan, side, labels, options);
  return plan;
}

TablePlan plan_numbered_table(std::size_t n_columns, const SurveyFormat* survey,
                              const SourceOptions& options) {
  TablePlan plan;
  plan.survey = survey;
  plan.missing_error = options.missing_error;
  plan.format = survey != nullptr ? survey->name : "csv";
  SourceOptions known = options;
  if (survey != nullptr) {
    plan.band = survey->default_band;
    known = with_columns_of(*survey, std::move(known));
    if (known.id_column.empty()) known.id_column = survey->object_id;
  }
  plan.measurements.push_back({.columns = map_numbered_columns(n_columns, known)});
  if (options.time_unit.has_value()) plan.time_units_per_day = 1 / days_per_unit(*options.time_unit);
  ColumnLabels labels;
  labels.names.resize(n_columns);
  find_unused(plan, {}, labels, options);
  return plan;
}

std::string TablePlan::name_of(std::size_t column) const {
  return column < names.size() ? names[column] : fmt::format("field {}", column + 1);
}

std::vector<ColumnUse> uses_of_columns(const TablePlan& plan) {
  std::vector<ColumnUse> uses(std::max(plan.names.size(), plan.columns().n_columns));
  const auto use = [&](std::optional<std::size_t> column, bool as_text) {
    if (!column.has_value()) return;
    uses[*column].is_read = true;
    uses[*column].as_text = uses[*column].as_text || as_text;
  };
  const auto use_rules = [&](const std::vector<BoundRule>& rules) {
    for (const BoundRule& bound : rules) {
      const DropTest test = bound.rule->test;
      use(bound.column,
          test == DropTest::is_word || test == DropTest::is_no_word || test == DropTest::marked_limit);
    }
  };
  use_rules(plan.rules);
  use(plan.zero_point, false);
  use(plan.zero_point_system, true);
  use(plan.row_unit, true);
  use(plan.magnitude_beside, false);
  for (const RowCondition& condition : plan.conditions) use(condition.column, true);
  for (const Measurement& measurement : plan.measurements) {
    const ColumnMap& columns = measurement.columns;
    use(columns.time, false);
    use(columns.value, false);
    use(columns.error, false);
    use(columns.band, true);
    use(columns.object_id, true);
    use_rules(measurement.rules);
  }
  if (const auto column = plan.remarked_quality()) uses[*column].is_watched = !uses[*column].is_read;
  for (const std::size_t column : plan.watched) uses[column].is_watched = !uses[column].is_read;
  for (const std::size_t column : plan.possible_ids) uses[column].is_watched = !uses[column].is_read;
  return uses;
}

}  // namespace astrom3
