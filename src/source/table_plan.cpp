// SPDX-License-Identifier: MIT
#include "source/table_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "formats/table_header.h"
#include "source/column_names.h"
#include "source/photometry.h"

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

/// Fluxes whose name has a unit, "flux(uJy)", are in that unit. Throws Error bad_header for one of which
/// nobody knows what it is in mJy.
void take_unit_of_name(TablePlan& plan, const SourceOptions& options) {
  const ColumnMap& columns = plan.columns();
  if (columns.is_magnitude || options.flux_unit.has_value() || columns.value >= plan.names.size()) return;
  const std::string& name = plan.names[columns.value];
  const std::string unit = parse_column_name(name).unit;
  if (unit.empty()) return;
  if (const auto known = flux_unit_called(unit)) {
    plan.mjy_per_unit = mjy_per_unit(*known);
  } else if (plan.survey == nullptr) {
    throw Error(Diagnostic{.code = Status::bad_header,
                           .column = name,
                           .message = fmt::format("fluxes in {}: how much is that?", escaped(unit)),
                           .hint = {"say it with {}; mJy takes them as they are", {{"flux-unit"}}}});
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

/// Times of the survey's own column are in its unit; another column that was named is in days.
void take_unit_of_time(TablePlan& plan) {
  if (plan.survey->time_units_per_day == 1) return;
  if (find_column(plan.survey->time, plan.names) == plan.columns().time)
    plan.time_units_per_day = plan.survey->time_units_per_day;
}

constexpr DropRule kRejected{.column = {}, .test = DropTest::is_word, .words = "true 1"};

Measurement plan_wide_band(const WideBand& wide, const ColumnMap& common, Names names,
                           const SourceOptions& options) {
  SourceOptions of_band = options;
  of_band.columns = {{"time", std::string(wide.time)},
                     {"flux", std::string(wide.flux)},
                     {"flux_err", std::string(wide.flux_err)}};
  Measurement measurement{.columns = map_columns(names, of_band), .band = std::string(wide.band)};
  measurement.columns.object_id = common.object_id;
  measurement.columns.has_magnitudes = true;
  for (const std::string_view rejection : wide.rejections) {
    if (rejection.empty()) continue;
    if (const auto column = find_column(rejection, names)) measurement.rules.push_back({&kRejected, *column});
  }
  return measurement;
}

void plan_wide_bands(TablePlan& plan, const SourceOptions& options) {
  const ColumnMap common = plan.columns();
  plan.measurements.clear();
  std::string known;
  for (const WideBand& wide : plan.survey->wide) {
    known += fmt::format("{}{}", known.empty() ? "" : ", ", wide.band);
    if (!options.split_bands && options.band != wide.band) continue;
    plan.measurements.push_back(plan_wide_band(wide, common, plan.names, options));
  }
  if (!plan.measurements.empty()) return;
  if (options.band.empty())
    throw Error(Status::mixed_bands, fmt::format("every row holds the bands {}", known),
                {"choose one with {}, or take each by itself with {}", {{"band"}, {"band", "split"}}});
  throw Error(Status::no_points,
              fmt::format("no band \"{}\" in a table of {}", escaped(options.band), known));
}

}  // namespace

TablePlan plan_table(std::vector<std::string> names, const SurveyFormat* survey, const SourceOptions& options,
                     const HeaderCard& card) {
  TablePlan plan;
  plan.survey = survey;
  plan.names = std::move(names);
  plan.missing_error = options.missing_error;
  if (survey == nullptr) {
    plan.measurements.push_back({.columns = map_columns(plan.names, options)});
    take_unit_of_name(plan, options);
    return plan;
  }
  SourceOptions known = with_columns_of(*survey, options);
  if (!survey->band.empty() && !options.columns.contains("band") && find_column(survey->band, plan.names))
    known.columns["band"] = survey->band;
  const bool is_numbered = survey->signature.empty();
  if (!survey->object_id.empty() && options.id_column.empty() &&
      (is_numbered || find_column(survey->object_id, plan.names)))
    known.id_column = survey->object_id;
  plan.format = survey->name;
  plan.mjy_per_unit = survey->mjy_per_unit;
  plan.measurements.push_back({.columns = map_columns(plan.names, known)});
  take_unit_of_name(plan, options);
  take_magnitude_of_header(plan, options, card);
  take_unit_of_time(plan);
  plan.band = survey->default_band;
  bind_rules(survey->rules, plan, plan.rules);
  if (!survey->zero_point_column.empty())
    plan.zero_point = find_column(survey->zero_point_column, plan.names);
  // Columns named by hand choose one measurement by themselves.
  if (!survey->wide.empty() && options.columns.empty()) plan_wide_bands(plan, options);
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
  return plan;
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
  for (const Measurement& measurement : plan.measurements) {
    const ColumnMap& columns = measurement.columns;
    use(columns.time, false);
    use(columns.value, false);
    use(columns.error, false);
    use(columns.band, true);
    use(columns.object_id, true);
    use_rules(measurement.rules);
  }
  return uses;
}

}  // namespace astrom3
