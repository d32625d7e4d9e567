// SPDX-License-Identifier: MIT
#include "source/object_builder.h"

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
#include "astrom3/base/flags.h"
#include "astrom3/light_curve.h"
#include "astrom3/source/source.h"
#include "base/joined.h"
#include "base/median.h"
#include "formats/table_header.h"
#include "source/columns.h"
#include "source/levels.h"
#include "source/photometry.h"
#include "source/row_blocks.h"
#include "source/sentinels.h"
#include "source/table_plan.h"

namespace astrom3 {
namespace {

constexpr double kLeastErrorSpread = 0.1;  // of the median error: errors may all be equal
// Of magnitudes of photon noise, d log10(error) / d value is 0.2 to 0.4; of fluxes of 5 or more it is below
// 0.05.
constexpr double kLeastErrorSlope = 0.1;
// Of all bands, the flux density of magnitude 0 lies between these, in Jy; mid-infrared ones aside.
constexpr double kLeastZeroPointJy = 300, kMostZeroPointJy = 10000;

/// The slope of log10(error) over the value, by least squares; 0 where errors hardly differ.
double error_slope(const std::vector<double>& values, const std::vector<double>& errors) {
  const auto n = static_cast<double>(values.size());
  double x = 0, y = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!(errors[i] > 0)) return 0;
    x += values[i] / n;
    y += std::log10(errors[i]) / n;
  }
  double xx = 0, xy = 0, yy = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double dx = values[i] - x, dy = std::log10(errors[i]) - y;
    xx += dx * dx;
    xy += dx * dy;
    yy += dy * dy;
  }
  constexpr double kHardlyDiffers = 0.02;  // in log10
  return xx > 0 && std::sqrt(yy / n) > kHardlyDiffers ? xy / xx : 0;
}

/// The hint for a column that splits a light curve. One with yes and no may mark detections, or good rows.
Hint hint_for_levels(const std::string& name, const WatchedColumn& column, const TablePlan& plan) {
  const auto& band = plan.columns().band;
  const std::string other = band.has_value() ? plan.name_of(*band) : std::string(kNoColumn);
  Hint hint{band.has_value() ? "say that it holds the bands with {}, or that the other column does with {}"
                             : "say that it holds the bands with {}, or that no column does with {}",
            {{"columns", "band=" + name}, {"columns", "band=" + other}}};
  if (!is_yes_or_no(column.values())) return hint;
  const auto n_second = std::count(column.codes().begin(), column.codes().end(), 1);
  const bool is_second = 2 * n_second > static_cast<std::ptrdiff_t>(column.codes().size());
  hint.text += "; if it tells measurements from others, keep one kind with {}";
  hint.remedies.push_back({"where", fmt::format("{}={}", name, column.values()[is_second ? 1 : 0])});
  return hint;
}

/// Whether a column whose name is that of bands has several values.
bool has_several_bands(std::string_view name, const WatchedColumn& column) {
  // As a name of fluxes, F holds numbers.
  return column.values().size() > 1 && (column.has_words() || folded_name(name) != "f");
}

}  // namespace

void ObjectBuilder::add(double time, double value, double error, FluxWithError converted) {
  if (light_curve_.size() == kMaxPoints) {
    reject({.code = Status::too_many_points, .message = "more than 10^7 observations"});
    return;
  }
  light_curve_.time.push_back(time);
  light_curve_.flux.push_back(converted.flux);
  light_curve_.flux_err.push_back(converted.flux_err);
  if (is_sentinel(value) || is_sentinel(error)) {
    suspects_.push_back({light_curve_.size() - 1, value, error});
  }
  if (reference_flux_ == 0 && !is_sentinel(value)) {
    reference_value_ = value;
    reference_flux_ = converted.flux;
  }
  if (error < 0 && negative_error_ == 0) negative_error_ = error;
  n_negative_errors_ += error < 0 && error == negative_error_ ? 1 : 0;
  is_in_range_of_magnitudes_ = is_in_range_of_magnitudes_ && value >= 5 && value <= 25 && error < 1;
}

void ObjectBuilder::watch(std::size_t number, std::string_view value) {
  if (is_rejected()) return;
  if (watched_.size() <= number) watched_.resize(number + 1);
  watched_[number].add(value);
}

void ObjectBuilder::watch_blocks(std::size_t number, std::string_view value) {
  if (is_rejected()) return;
  if (blocks_.size() <= number) blocks_.resize(number + 1);
  blocks_[number].add(value, light_curve_.time.back());
}

void ObjectBuilder::count_drop(std::size_t number) {
  if (dropped_by_.size() <= number) dropped_by_.resize(number + 1);
  ++dropped_by_[number];
}

void ObjectBuilder::compare(double flux_mjy, double mag) noexcept {
  const double jy_at_zero = 1e-3 * flux_mjy * std::pow(10.0, 0.4 * mag);
  ++n_compared_;
  if (!(jy_at_zero >= kLeastZeroPointJy && jy_at_zero <= kMostZeroPointJy)) ++n_disagreeing_;
}

void ObjectBuilder::reserve(std::size_t n) {
  light_curve_.time.reserve(n);
  light_curve_.flux.reserve(n);
  light_curve_.flux_err.reserve(n);
}

ObjectBuilder& ObjectBuilder::part(std::uint32_t number, std::string_view name) {
  const auto found =
      std::find_if(parts_.begin(), parts_.end(), [&](const ObjectBuilder& p) { return p.band == number; });
  if (found != parts_.end()) return *found;
  parts_.emplace_back(id_ + ":" + std::string(name));
  parts_.back().band = number;
  parts_.back().flags_ = flags_;
  return parts_.back();
}

bool ObjectBuilder::take_parts(std::string_view file, const TablePlan& plan, const SourceOptions& options,
                               std::vector<SourceObject>& parts) {
  if (parts_.empty() || is_rejected()) return false;
  for (auto part = parts_.rbegin(); part != parts_.rend(); ++part) {
    part->flags_.set(flags_);
    parts.push_back(part->finish(file, plan, options));
  }
  return true;
}

void ObjectBuilder::reject(Diagnostic rejection) {
  if (is_rejected()) return;
  rejection.object_id = id_;
  rejection_ = std::make_unique<Diagnostic>(std::move(rejection));
  light_curve_ = {};
  suspects_ = {};
  watched_ = {};
  blocks_ = {};
  for (const ObjectBuilder& part : parts_) n_raw_ += part.n_raw_;
  parts_.clear();
}

/// Magnitudes, on the scale of the table, or fluxes in mJy. [N]
std::vector<double> ObjectBuilder::measured(bool is_magnitude) const {
  std::vector<double> values = light_curve_.flux;
  if (!is_magnitude) return values;
  for (double& v : values) v = reference_value_ - 2.5 * std::log10(v / reference_flux_);
  return values;
}

/// Errors of magnitudes, or of fluxes in mJy. [N]
std::vector<double> ObjectBuilder::measured_errors(bool is_magnitude) const {
  std::vector<double> errors = light_curve_.flux_err;
  if (!is_magnitude) return errors;
  for (std::size_t i = 0; i < errors.size(); ++i) errors[i] /= kFluxPerMagnitude * light_curve_.flux[i];
  return errors;
}

/// Whether values or errors cannot have been measured: magnitudes of 50, errors of 9 mag, or a number far
/// from the others that is there several times.
bool ObjectBuilder::has_impossible_values(bool is_magnitude) const {
  const bool may_repeat =
      has_repeated_extreme(light_curve_.flux) || has_repeated_extreme(light_curve_.flux_err);
  if (!is_magnitude && !may_repeat) return false;
  const std::vector<double> values = measured(is_magnitude), errors = measured_errors(is_magnitude);
  constexpr double kFaintest = 40, kLargestError = 9;  // mag
  const auto is_faint = [](double mag) { return mag > kFaintest; };
  const auto is_large = [](double error) { return error >= kLargestError; };
  if (is_magnitude && (std::any_of(values.begin(), values.end(), is_faint) ||
                       std::any_of(errors.begin(), errors.end(), is_large)))
    return true;
  if (has_repeated_outlier(values)) return true;
  std::vector<double> for_median = errors;
  const double least = kLeastErrorSpread * std::fabs(median_in_place(for_median));
  return has_repeated_extreme(errors) && has_repeated_outlier(errors, least);
}

void ObjectBuilder::reject_sentinel(const SentinelVerdict& verdict, std::string_view what) {
  const std::string value = fmt::format("{}", verdict.value);
  reject(
      {.code = Status::missing_value,
       .value = value,
       .message = fmt::format("the {} {} is there {} times, more than 30 robust standard deviations from the "
                              "others: it seems to stand for \"not measured\"",
                              what, value, verdict.n),
       .hint = {"leave such observations out with {}, or keep them with {}",
                {{"null-value", value}, {"keep-sentinels"}}}});
}

void ObjectBuilder::judge_sentinels(const TablePlan& plan, const SourceOptions& options) {
  if (reference_flux_ == 0) return;
  if (plan.survey == nullptr && has_impossible_values(plan.columns().is_magnitude))
    flags_.set(Flag::sentinel_suspected);
  if (suspects_.empty()) return;
  const bool is_magnitude = plan.columns().is_magnitude;
  const std::vector<double> values = measured(is_magnitude);
  const std::vector<double> errors = measured_errors(is_magnitude);
  std::vector<Suspect> bad_values, bad_errors;
  std::vector<double> other_values, other_errors;
  std::size_t next = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool is_suspect = next < suspects_.size() && suspects_[next].row == i;
    const SuspectRow row = is_suspect ? suspects_[next++] : SuspectRow{};
    if (is_suspect && is_sentinel(row.value)) {
      bad_values.push_back({row.value, is_magnitude ? row.value : values[i]});
    } else {
      other_values.push_back(values[i]);
    }
    // An error of zero or below has a remark or a rejection of its own.
    if (is_suspect && row.error > 0 && is_sentinel(row.error)) {
      bad_errors.push_back({row.error, is_magnitude ? row.error : errors[i]});
    } else {
      other_errors.push_back(errors[i]);
    }
  }
  const SentinelVerdict value = astrom3::judge_sentinels(bad_values, std::move(other_values), 0);
  std::vector<double> for_median = other_errors;
  const double least = for_median.empty() ? 0 : kLeastErrorSpread * std::fabs(median_in_place(for_median));
  const SentinelVerdict error = astrom3::judge_sentinels(bad_errors, std::move(other_errors), least);
  if (value.is_suspected || error.is_suspected) flags_.set(Flag::sentinel_suspected);
  if (options.keep_sentinels || plan.survey != nullptr) return;
  if (value.is_certain) return reject_sentinel(value, is_magnitude ? "magnitude" : "flux");
  if (error.is_certain) reject_sentinel(error, "error");
}

void ObjectBuilder::judge_levels(const TablePlan& plan) {
  if (watched_.empty()) return;
  const std::vector<double> values = measured(plan.columns().is_magnitude);
  for (std::size_t i = 0; i < watched_.size() && !is_rejected(); ++i) {
    const WatchedColumn& column = watched_[i];
    if (column.is_given_up()) continue;
    const std::size_t number = plan.watched[i];
    const std::string name = plan.names.empty() ? std::to_string(number + 1) : plan.names[number];
    const bool is_likely =
        std::find(plan.likely_bands.begin(), plan.likely_bands.end(), number) != plan.likely_bands.end();
    const bool is_named = is_likely && has_several_bands(name, column);
    const bool splits = !plan.columns().band.has_value() && !column.has_fractions() &&
                        splits_into_levels(light_curve_.time, values, column.codes(), column.values());
    if (!is_named && !splits) continue;
    std::vector<std::string> shown;
    for (const std::string& value : column.values()) shown.push_back(escaped(value, 20));
    reject({.code = Status::mixed_bands,
            .column = plan.name_of(number),
            .message = fmt::format("its values {} {}", joined(shown, ", "),
                                   splits ? "split the light curve into levels, as bands do"
                                          : "seem to be several bands, by the name of the column"),
            .hint = hint_for_levels(name, column, plan)});
  }
}

/// A column that may say whose a row is: several objects are never taken for one without a word.
void ObjectBuilder::judge_blocks(const TablePlan& plan) {
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    const RowBlocks& blocks = blocks_[i];
    const std::size_t number = plan.possible_ids[i];
    const std::string name = plan.names.empty() ? std::to_string(number + 1) : plan.names[number];
    if (blocks.are_objects()) {
      const auto& [first, second] = blocks.examples();
      return reject({.code = Status::not_grouped,
                     .column = plan.name_of(number),
                     .message = fmt::format(
                         "its values {}, {}, ... stand in blocks of rows that overlap in time, as the "
                         "names of several objects do",
                         escaped(first, 20), escaped(second, 20)),
                     .hint = {"say that it holds the ids with {}, or that all rows are of one object with {}",
                              {{"id-column", name}, {"id-column", std::string(kNoColumn)}}}});
    }
    if (!blocks.take_turns() || !unread_groups_.empty()) continue;
    unread_groups_ = name;
    flags_.set(Flag::unread_groups);
  }
}

/// Whether one rule of quality took most of the rows.
void ObjectBuilder::judge_drops() {
  const std::size_t most =
      dropped_by_.empty() ? 0 : *std::max_element(dropped_by_.begin(), dropped_by_.end());
  if (2 * most > n_raw_) flags_.set(Flag::mostly_dropped);
}

/// Times such as 20170912, of which the digits are years, months and days, are no days.
void ObjectBuilder::judge_dates(const TablePlan& plan) {
  const auto is_date = [](double time) {
    const auto digits = time >= 1.8e7 && time < 2.2e7 ? static_cast<int>(time) : 0;
    const int month = digits / 100 % 100, day = digits % 100;
    return month >= 1 && month <= 12 && day >= 1 && day <= 31;
  };
  if (plan.time_units_per_day != 1 || light_curve_.size() < 2 ||
      !std::all_of(light_curve_.time.begin(), light_curve_.time.end(), is_date))
    return;
  reject({.code = Status::bad_header,
          .column = plan.name_of(plan.columns().time),
          .value = fmt::format("{}", light_curve_.time.front()),
          .message = "the times are calendar dates, YYYYMMDD, and no days",
          .hint = "write the table with MJD or JD"});
}

/// The flags and the rejections that need all rows.
void ObjectBuilder::judge(const TablePlan& plan, const SourceOptions& options) {
  judge_drops();
  if (is_empty()) return;
  judge_dates(plan);
  if (is_rejected()) return;
  const ColumnMap& columns = plan.columns();
  judge_sentinels(plan, options);
  if (is_rejected()) return;
  judge_levels(plan);
  if (is_rejected()) return;
  judge_blocks(plan);
  if (is_rejected()) return;
  if (n_compared_ > 2 && 2 * n_disagreeing_ > n_compared_) {
    return reject({.code = Status::bad_header,
                   .column = plan.name_of(columns.value),
                   .message = "as mJy these fluxes do not agree with the magnitudes beside them",
                   .hint = {"say their unit with {}, or read the magnitudes with {}",
                            {{"flux-unit"}, {"magnitudes"}}}});
  }
  const bool has_unit = plan.survey != nullptr || plan.zero_point.has_value() ||
                        options.flux_unit.has_value() ||
                        (columns.value < plan.units.size() && !plan.units[columns.value].empty());
  // If the file has magnitudes, too, or names the unit, the flux is not a magnitude by mistake.
  if (!columns.has_magnitudes && !has_unit && is_in_range_of_magnitudes_ &&
      error_slope(light_curve_.flux, light_curve_.flux_err) >= kLeastErrorSlope)
    flags_.set(Flag::looks_like_magnitudes);
}

SourceObject ObjectBuilder::finish(std::string_view file, const TablePlan& plan,
                                   const SourceOptions& options) {
  if (dropped_.total() > 0) flags_.set(Flag::points_dropped);
  if (!is_rejected()) judge(plan, options);
  SourceObject object{.object_id = std::move(id_),
                      .file = std::string(file),
                      .light_curve = std::move(light_curve_),
                      .n_raw = n_raw_,
                      .dropped = dropped_,
                      .flags = flags_,
                      .negative_error = negative_error_,
                      .n_negative_errors = n_negative_errors_,
                      .is_magnitude = zero_point_jy > 0,
                      .zero_point_jy = zero_point_jy,
                      .band = std::move(band_name),
                      .unread_groups = std::move(unread_groups_),
                      .rejection = {}};
  if (!is_rejected()) return object;
  object.rejection = std::move(*rejection_);
  if (object.rejection->code == Status::bad_id) {
    object.object_id = escaped(object.object_id, 4 * object.object_id.size());  // fit for any output
    object.rejection->object_id = object.object_id;
  }
  return object;
}

SourceObject rejected_object(Diagnostic rejection) {
  SourceObject object;
  object.object_id = rejection.object_id;
  object.file = rejection.file;
  object.rejection = std::move(rejection);
  return object;
}

}  // namespace astrom3
