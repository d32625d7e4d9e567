// SPDX-License-Identifier: MIT
#include "source/table_remarks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/light_curve.h"
#include "astrom3/source/source.h"
#include "base/median.h"
#include "base/number.h"
#include "source/column_names.h"
#include "source/columns.h"
#include "source/flux_doubts.h"
#include "source/header_notes.h"
#include "source/photometry.h"
#include "source/unused_columns.h"

namespace astrom3 {
namespace {

bool has_unit(const TablePlan& plan, std::optional<std::size_t> column) {
  return column.has_value() && *column < plan.units.size() && !plan.units[*column].empty();
}

/// Whether fluxes are read of which only the documentation says that they are in mJy.
bool has_plain_fluxes(const TablePlan& plan, const SourceOptions& options) {
  return plan.survey == nullptr && !plan.columns().is_magnitude && !has_unit(plan, plan.columns().value) &&
         !plan.zero_point.has_value() && !plan.row_unit.has_value() && !options.flux_unit.has_value();
}

/// Whether magnitudes are read of which nothing but the band says the zero point.
bool has_plain_magnitudes(const TablePlan& plan, const SourceOptions& options) {
  return plan.survey == nullptr && plan.columns().is_magnitude && plan.system == MagnitudeSystem::of_band &&
         plan.mag_per_unit == 1 && !plan.zero_point_system.has_value() && !plan.row_unit.has_value() &&
         !options.zero_point_jy.has_value();
}

/// The zero point of magnitudes, as far as no column says the band.
std::optional<double> zero_point_of(const TablePlan& plan, const SourceOptions& options) {
  return default_zero_point_jy(options.band.empty() ? plan.band : options.band);
}

Diagnostic remark_of_survey(const TablePlan& plan) {
  const SurveyFormat& survey = *plan.survey;
  Diagnostic note{.column = plan.name_of(plan.columns().value), .message = std::string(survey.note)};
  if (!survey.other_flux.empty())
    note.hint = {"{} reads the flux before that", {{"columns", std::string(survey.other_flux)}}};
  if (!survey.other_unit.empty())
    note.hint = {"{} reads them in that unit", {{"flux-unit", std::string(survey.other_unit)}}};
  return note;
}

constexpr std::size_t kFewestToDoubt = 20;
constexpr double kBrightestStar = 0;  // mag; four stars of the night sky are brighter

/// Whether `times` fill the range from 0 to 1 or from -0.5 to 0.5, of which nothing but phases has both ends.
bool may_be_phases(const std::vector<double>& times) {
  constexpr double kLeastRange = 0.8;
  if (times.front() > 1) return false;  // as most are
  const auto [first, last] = std::minmax_element(times.begin(), times.end());
  const bool is_in_range = (*first >= 0 && *last <= 1) || (*first >= -0.5 && *last <= 0.5);
  return is_in_range && *last - *first >= kLeastRange;
}

/// A column that light curves of Kepler and TESS have, whose fluxes are electrons per second.
std::optional<std::string> cadence_column(const TablePlan& plan) {
  constexpr std::array<std::string_view, 5> kNames{"cadenceno", "timecorr", "centroidcol", "momcentr1",
                                                   "sapflux"};
  for (const std::string& name : plan.names)
    if (std::find(kNames.begin(), kNames.end(), squeezed_name(name)) != kNames.end()) return name;
  return std::nullopt;
}

/// The AB magnitude of a flux in mJy.
double magnitude_of(double mjy) {
  return -2.5 * std::log10(mjy / (1e3 * kAbZeroPointJy));
}

std::string text_of(FluxDoubt doubt, const SourceObject& object) {
  switch (doubt) {
    case FluxDoubt::magnitudes:
      return "these numbers could be magnitudes";
    case FluxDoubt::relative:
      return "their median is 1: they seem to be divided by it";
    case FluxDoubt::counts:
      return "they are whole numbers, as counts are";
    default:
      break;
  }
  std::vector<double> sizes = object.light_curve.flux;
  for (double& size : sizes) size = std::fabs(size);
  return fmt::format("they would be those of a star of magnitude {:.1f}: are they {}?",
                     magnitude_of(median_in_place(sizes)),
                     doubt == FluxDoubt::bright ? "counts" : "in another unit");
}

}  // namespace

std::vector<Diagnostic> remarks_on_plan(const TablePlan& plan, const SourceOptions& options) {
  std::vector<Diagnostic> found;
  const ColumnMap& columns = plan.columns();
  if (plan.survey != nullptr) {
    const bool is_of_unit = !plan.survey->other_unit.empty();
    const bool is_chosen = is_of_unit ? options.flux_unit.has_value() || options.format == plan.survey->name
                                      : !options.columns.empty();
    if (!plan.survey->note.empty() && !is_chosen) found.push_back(remark_of_survey(plan));
    return found;
  }
  if (auto unused = remark_on_unused(plan, options)) found.push_back(std::move(*unused));
  if (columns.is_magnitude && columns.has_fluxes && !options.magnitudes && !options.columns.contains("mag")) {
    found.push_back({.message = "the magnitudes are read, not the fluxes, whose unit the table does not say",
                     .hint = {"{} reads the fluxes", {{"flux-unit", "mJy"}}}});
  }
  if (const auto column = cadence_column(plan); column.has_value() && has_plain_fluxes(plan, options)) {
    found.push_back(
        {.column = plan.name_of(columns.value),
         .message = fmt::format("taken as mJy, although tables with a column {} usually hold electrons "
                                "per second, or fluxes that were divided by their median",
                                escaped(*column, 40)),
         .hint = {"{} says that they are", {{"flux-unit", "mJy"}}}});
  }
  if (plan.zero_point.has_value()) {
    found.push_back({.message = fmt::format("fluxes are counts by the zero point in {}, taken as AB",
                                            escaped(plan.name_of(*plan.zero_point))),
                     .hint = {"{} takes them in a unit", {{"flux-unit"}}}});
  }
  return found;
}

std::vector<Diagnostic> remarks_on_header(const TablePlan& plan, const SourceOptions& options,
                                          std::string_view header) {
  std::vector<Diagnostic> found;
  const ColumnMap& columns = plan.columns();
  const auto add = [&](NoteOn what, std::size_t column, std::string_view taken, Hint hint) {
    const auto note = find_note(header, what);
    if (!note.has_value()) return;
    found.push_back(
        {.column = plan.name_of(column),
         .message = fmt::format("{}, although the header says \"{}\"", taken, escaped(*note, 100)),
         .hint = std::move(hint)});
  };
  if (has_plain_fluxes(plan, options))
    add(NoteOn::fluxes, columns.value, "taken as mJy", {"say the unit with {}", {{"flux-unit"}}});
  if (has_plain_magnitudes(plan, options)) {
    const Hint hint{"say in Jy what magnitude 0 is with {}", {{"zero-point"}}};
    const auto zero_point = zero_point_of(plan, options);
    add(NoteOn::uncalibrated_magnitudes, columns.value, "taken as calibrated magnitudes in mag", hint);
    if (!zero_point.has_value() || *zero_point == kAbZeroPointJy)
      add(NoteOn::vega_magnitudes, columns.value, "taken by the zero point of the band", hint);
    if (zero_point.has_value() && *zero_point != kAbZeroPointJy)
      add(NoteOn::ab_magnitudes, columns.value, fmt::format("taken with {} Jy at magnitude 0", *zero_point),
          hint);
  }
  if (plan.survey != nullptr) return found;
  if (!has_unit(plan, columns.time) && !options.time_unit.has_value())
    add(NoteOn::times, columns.time, "taken as days", {"say the unit with {}", {{"time-unit"}}});
  if (columns.error.has_value())
    add(NoteOn::errors, *columns.error, "taken as standard deviations in the unit of the values", {});
  return found;
}

std::optional<Diagnostic> remark_on_fluxes(const TablePlan& plan, const SourceOptions& options,
                                           const SourceObject& object) {
  if (object.rejection.has_value() || !has_plain_fluxes(plan, options)) return std::nullopt;
  const FluxDoubt doubt = doubt_of_fluxes(object.light_curve.flux, object.light_curve.flux_err);
  if (doubt == FluxDoubt::none) return std::nullopt;
  const std::string value = plan.name_of(plan.columns().value);
  std::string as_magnitudes = "mag=" + value;
  if (const auto& error = plan.columns().error) as_magnitudes += ",mag_err=" + plan.name_of(*error);
  Hint hint{"{} says that they are", {{"flux-unit", "mJy"}}};
  if (doubt == FluxDoubt::magnitudes)
    hint = {"{} reads magnitudes; {} says that they are fluxes",
            {{"columns", std::move(as_magnitudes)}, {"flux-unit", "mJy"}}};
  return Diagnostic{.object_id = object.object_id,
                    .column = value,
                    .message = fmt::format("read as fluxes in mJy, but {}", text_of(doubt, object)),
                    .hint = std::move(hint)};
}

std::vector<Diagnostic> remarks_on_object(const TablePlan& plan, const SourceOptions& options,
                                          const SourceObject& object) {
  std::vector<Diagnostic> found;
  const LightCurve& curve = object.light_curve;
  if (object.rejection.has_value() || plan.survey != nullptr || curve.size() < kFewestToDoubt) return found;
  if (may_be_phases(curve.time)) {
    found.push_back(
        {.object_id = object.object_id,
         .column = plan.name_of(plan.columns().time),
         .message = "times that fill the range of a phase, 0 to 1 or -0.5 to 0.5: are they phases?",
         .hint = "give the times before the light curve was folded"});
  }
  if (!object.is_magnitude || options.zero_point_jy.has_value()) return found;
  const double brightest = 1e3 * object.zero_point_jy * std::pow(10.0, -0.4 * kBrightestStar);
  const auto n_bright =
      std::count_if(curve.flux.begin(), curve.flux.end(), [&](double flux) { return flux > brightest; });
  if (2 * n_bright <= std::ssize(curve.flux)) return found;
  std::vector<double> sizes = curve.flux;
  const double median =
      magnitude_of(median_in_place(sizes)) + 2.5 * std::log10(object.zero_point_jy / kAbZeroPointJy);
  found.push_back(
      {.object_id = object.object_id,
       .column = plan.name_of(plan.columns().value),
       .message = fmt::format("taken as calibrated, but few stars are of magnitude {:.1f}: are these "
                              "instrumental or differential magnitudes?",
                              median),
       .hint = {"say in Jy what magnitude 0 is with {}",
                {{"zero-point", fmt::format("{}", object.zero_point_jy)}}}});
  return found;
}

std::optional<Diagnostic> remark_on_id(const TablePlan& plan, const SourceOptions& options,
                                       std::string_view id) {
  const auto& column = plan.columns().object_id;
  if (!column.has_value()) return std::nullopt;
  const ParsedNumber number = parse_number(id);
  if (number.kind != NumberKind::number) return std::nullopt;
  constexpr double kLargestExact = 0x1p53;
  const bool is_real = plan.has_real_ids || id.find_first_of(".eE") != std::string_view::npos;
  const std::string name = plan.name_of(*column);
  if (std::fabs(number.value) >= kLargestExact && is_real)
    return Diagnostic{.object_id = std::string(id),
                      .column = name,
                      .message =
                          "ids of so many digits were rounded as floating-point numbers: different objects "
                          "may have become one",
                      .hint = "write them as whole numbers or as texts"};
  if (number.value == std::floor(number.value) || options.id_column == name) return std::nullopt;
  return Diagnostic{.object_id = std::string(id),
                    .column = name,
                    .message = "taken for ids, although they are numbers with a fraction",
                    .hint = {"{} says that they are ids, and {} that the table is one object",
                             {{"id-column", name}, {"id-column", std::string(kNoColumn)}}}};
}

}  // namespace astrom3
