// SPDX-License-Identifier: MIT
#include "astrom3/light_curve.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>

#include "astrom3/base/option.h"
#include "base/median.h"

namespace astrom3 {
namespace {

constexpr std::size_t kMaxPoints = 10'000'000;
constexpr std::size_t kFewPoints = 10;
constexpr double kMaxSpanDays = 200 * 365.25;  // photometry is younger: the time systems are mixed
constexpr double kShortSpanDays = 0.1;
// Dividing by a MAD this small can overflow double only for values that would not fit float32 anyway.
constexpr double kSmallestMad = std::numeric_limits<double>::min() * 0x1p60;
constexpr double kLn10Over2p5 = 0.9210340371976183;  // |dF / F| for one magnitude
constexpr std::array kSentinels{29.999, 99.0, 99.9, 99.99, 99.999, 999.0, 9999.0};
constexpr double kSentinelDistance = 20;  // in MAD from the median
// Days beyond which float32 cannot hold minutes. JD and HJD are larger; MJD, about 6e4, is not.
constexpr double kCoarseFloatTime = 1e5;

constexpr Word<NonfinitePolicy> kNonfiniteWords[] = {{"reject", NonfinitePolicy::reject},
                                                     {"drop", NonfinitePolicy::drop}};
constexpr Word<MadZeroPolicy> kMadZeroWords[] = {{"reject", MadZeroPolicy::reject},
                                                 {"std", MadZeroPolicy::standard_deviation},
                                                 {"meanad", MadZeroPolicy::mean_absolute_deviation}};

struct Observation {
  double time, flux, flux_err;
  friend bool operator==(const Observation&, const Observation&) = default;
  friend auto operator<=>(const Observation&, const Observation&) = default;
};

bool all_finite(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

void drop_nonfinite(LightCurve& lc, LightCurveSummary& summary) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < lc.size(); ++i) {
    if (!std::isfinite(lc.time[i]) || !std::isfinite(lc.flux[i]) || !std::isfinite(lc.flux_err[i])) continue;
    lc.time[kept] = lc.time[i];
    lc.flux[kept] = lc.flux[i];
    lc.flux_err[kept] = lc.flux_err[i];
    ++kept;
  }
  summary.n_nonfinite = lc.size() - kept;
  if (summary.n_nonfinite > 0) summary.flags.set(Flag::points_dropped);
  lc.time.resize(kept);
  lc.flux.resize(kept);
  lc.flux_err.resize(kept);
}

/// Sorts by (time, flux, error) and drops repeated rows. Adding 0.0 turns -0.0 into 0.0, so that
/// equal rows have equal bits and the result does not depend on the order of the input.
void sort_unique(LightCurve& lc, LightCurveSummary& summary) {
  std::vector<Observation> rows(lc.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i] = {lc.time[i] + 0.0, lc.flux[i] + 0.0, lc.flux_err[i] + 0.0};
  }
  if (!std::is_sorted(rows.begin(), rows.end())) std::sort(rows.begin(), rows.end());
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());

  summary.n_duplicates = lc.size() - rows.size();
  if (summary.n_duplicates > 0) summary.flags.set(Flag::duplicates_removed);
  lc.time.resize(rows.size());
  lc.flux.resize(rows.size());
  lc.flux_err.resize(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    lc.time[i] = rows[i].time;
    lc.flux[i] = rows[i].flux;
    lc.flux_err[i] = rows[i].flux_err;
  }
}

struct Spread {
  double median = 0;
  double mad = 0;  ///< median(|v - median|)
};

Spread median_and_mad(std::span<const double> values, std::vector<double>& scratch) {
  scratch.assign(values.begin(), values.end());
  Spread spread;
  spread.median = median_in_place(scratch);
  for (double& v : scratch) v = std::fabs(v - spread.median);
  spread.mad = median_in_place(scratch);
  return spread;
}

/// Compensated (Neumaier) mean: at least as accurate as numpy's pairwise sum, in a fixed order.
double mean_of(std::span<const double> values) {
  double sum = 0, lost = 0;
  for (const double v : values) {
    const double next = sum + v;
    lost += std::fabs(sum) >= std::fabs(v) ? (sum - next) + v : (v - next) + sum;
    sum = next;
  }
  const auto n = static_cast<double>(values.size());
  if (std::isfinite(sum + lost)) return (sum + lost) / n;
  double scaled = 0;  // the sum has overflowed, but the mean fits double
  for (const double v : values) scaled += v / n;
  return scaled;
}

/// What --on-mad-zero puts in place of a zero MAD. Zero when every flux is the same.
double replacement_scale(std::span<const double> flux, const Spread& spread, double mean,
                         MadZeroPolicy policy) {
  const auto [low, high] = std::minmax_element(flux.begin(), flux.end());
  if (*low == *high || policy == MadZeroPolicy::reject) return 0;
  double sum = 0;
  for (const double f : flux) {
    sum +=
        policy == MadZeroPolicy::standard_deviation ? (f - mean) * (f - mean) : std::fabs(f - spread.median);
  }
  const double average = sum / static_cast<double>(flux.size());
  return policy == MadZeroPolicy::standard_deviation ? std::sqrt(average) : average;
}

bool has_far_sentinel(std::span<const double> values, const Spread& spread) {
  return std::any_of(values.begin(), values.end(), [&](double v) {
    return is_sentinel(v) && std::fabs(v - spread.median) > kSentinelDistance * spread.mad;
  });
}

/// The flags that are decided by the cleaned observations.
Flags remark(const LightCurve& lc, const Spread& flux_spread, std::vector<double>& scratch) {
  Flags flags;
  if (lc.size() < kFewPoints) flags.set(Flag::few_points);
  if (std::adjacent_find(lc.time.begin(), lc.time.end()) != lc.time.end()) flags.set(Flag::tied_times);
  if (std::find(lc.flux_err.begin(), lc.flux_err.end(), 0.0) != lc.flux_err.end())
    flags.set(Flag::zero_errors);
  if (lc.time.back() - lc.time.front() < kShortSpanDays) flags.set(Flag::short_span);
  if (has_far_sentinel(lc.flux, flux_spread) ||
      has_far_sentinel(lc.flux_err, median_and_mad(lc.flux_err, scratch))) {
    flags.set(Flag::sentinel_suspected);
  }
  const bool coarse = std::all_of(lc.time.begin(), lc.time.end(), [](double t) {
    return std::fabs(t) > kCoarseFloatTime && static_cast<double>(static_cast<float>(t)) == t;
  });
  if (coarse && lc.size() > 2) flags.set(Flag::time_precision);
  return flags;
}

void add_error_floor(LightCurve& lc, double floor_mag) {
  for (std::size_t i = 0; i < lc.size(); ++i) {
    lc.flux_err[i] = std::hypot(lc.flux_err[i], kLn10Over2p5 * lc.flux[i] * floor_mag);
  }
}

/// The checks of single observations, in the documented order.
Status check_observations(LightCurve& lc, const CleaningOptions& options, LightCurveSummary& summary) {
  if (lc.time.size() != lc.flux.size() || lc.time.size() != lc.flux_err.size())
    return Status::length_mismatch;
  if (lc.size() == 0) return Status::no_points;
  if (lc.size() > kMaxPoints) return Status::too_many_points;
  if (options.nonfinite == NonfinitePolicy::drop) drop_nonfinite(lc, summary);
  if (lc.size() == 0) return Status::no_points;
  if (!all_finite(lc.time)) return Status::nonfinite_time;
  if (!all_finite(lc.flux)) return Status::nonfinite_flux;
  if (!all_finite(lc.flux_err)) return Status::nonfinite_flux_err;
  const bool any_negative =
      std::any_of(lc.flux_err.begin(), lc.flux_err.end(), [](double e) { return e < 0; });
  return any_negative && !options.allow_negative_error ? Status::negative_error : Status::ok;
}

}  // namespace

bool is_sentinel(double value) noexcept {
  const double size = std::fabs(value);
  // One comparison decides for nearly every measurement.
  return size >= kSentinels.front() &&
         std::find(kSentinels.begin(), kSentinels.end(), size) != kSentinels.end();
}

Status clean(LightCurve& light_curve, const CleaningOptions& options, LightCurveSummary& summary) {
  summary = {};
  summary.n_raw = light_curve.size();
  if (const Status status = check_observations(light_curve, options, summary); status != Status::ok)
    return status;

  sort_unique(light_curve, summary);
  summary.n_clean = light_curve.size();
  if (light_curve.size() < std::max<std::size_t>(options.min_points, 2)) return Status::too_few_points;

  summary.time_min = light_curve.time.front();
  summary.time_max = light_curve.time.back();
  const double span_days = summary.time_max - summary.time_min;
  if (!(span_days > 0)) return Status::zero_time_span;
  if (!(span_days <= kMaxSpanDays)) return Status::implausible_time_span;

  std::vector<double> scratch;
  const Spread spread = median_and_mad(light_curve.flux, scratch);
  summary.mean_flux = mean_of(light_curve.flux);
  summary.mad_flux = spread.mad;
  summary.flags.set(remark(light_curve, spread, scratch));
  if (spread.mad == 0) {
    summary.mad_flux = replacement_scale(light_curve.flux, spread, summary.mean_flux, options.on_mad_zero);
    if (summary.mad_flux == 0) return Status::mad_zero;
    summary.flags.set(Flag::nonstandard_scale);
  }
  if (summary.mad_flux < kSmallestMad) return Status::mad_too_small;

  if (options.error_floor_mag > 0) add_error_floor(light_curve, options.error_floor_mag);
  return Status::ok;
}

void declare_options(CleaningOptions& o, OptionTable& table) {
  GroupOfOptions options = table.in(option_groups::kCleaning);
  options.add("min-points", o.min_points, "fewest observations of a light curve").within(2, kMaxPoints);
  options.add("nonfinite", o.nonfinite, kNonfiniteWords, "NaN, infinite and missing values: reject or drop");
  options.add("allow-negative-error", o.allow_negative_error, "accept errors below zero")
      .identified_as("negative_error", "reject", "allow");
  options.add("on-mad-zero", o.on_mad_zero, kMadZeroWords,
              "(nearly) constant flux: reject, or scale by std or meanad");
  options.add("error-floor", o.error_floor_mag, "magnitudes added to the errors in quadrature").at_least(0);
}

}  // namespace astrom3
