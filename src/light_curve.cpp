// SPDX-License-Identifier: MIT
#include "astrom3/light_curve.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/flags.h"
#include "astrom3/base/option.h"
#include "base/mean.h"
#include "base/median.h"

namespace astrom3 {
namespace {

constexpr std::size_t kMaxPoints = 10'000'000;
constexpr std::size_t kFewPoints = 10;
constexpr double kMaxSpanDays = 200 * 365.25;  // photometry is younger: the time systems are mixed
constexpr double kShortSpanDays = 0.1;
// Dividing by a MAD this small can overflow double only for values that would not fit float32 anyway.
constexpr double kSmallestMad = std::numeric_limits<double>::min() * 0x1p60;
constexpr double kFillValue = 1e15;
// Of ASAS; the ends of integers of 16 and 32 bits.
constexpr std::array kOthers{29.999, 32767.0, 32768.0, 65535.0, 2147483647.0, 2147483648.0};
constexpr double kSentinelDistance = 20;  // in MAD from the median
constexpr double kMinuteDays = 1 / 1440.0;
constexpr int kFinestGrid = 16;           // 2^-16 d is a second: as fine as any light curve needs
constexpr double kPlainFraction = 0.125;  // days; a precise time may well be a multiple of it
constexpr std::size_t kFewestFloat32 = 3, kFewestMovedFloat32 = 10;
constexpr double kCenturyDays = 36525;
constexpr std::array kMissingTimes{0.0, -1.0, -9.0, -99.0, -999.0, -9999.0};
constexpr double kMissingTimeGapDays = 900, kMissingTimeGapRatio = 3;
constexpr double kPartsRatio = 5;  // how much longer than either part the gap between two systems is

/// Two time systems whose difference is shorter than a century, by the times that the earlier one can have.
struct TimeSystems {
  double difference_days, earliest, latest;
};
// TESS (JD - 2457000) has observed since 2018, Kepler (JD - 2454833) since 2009. The other is JD - 2450000.
constexpr std::array kNearSystems{TimeSystems{7000, 1300, 6000}, TimeSystems{4833, 100, 6000}};

constexpr Word<NonfinitePolicy> kNonfiniteWords[] = {{"reject", NonfinitePolicy::reject},
                                                     {"drop", NonfinitePolicy::drop}};
constexpr Word<MadZeroPolicy> kMadZeroWords[] = {{"reject", MadZeroPolicy::reject},
                                                 {"std", MadZeroPolicy::standard_deviation},
                                                 {"meanad", MadZeroPolicy::mean_absolute_deviation}};

/// Whether the decimal digits of `n` are all the same, and how many there are.
struct Digits {
  bool all_equal = true;
  int first = 0, count = 0;  ///< where they differ, the count goes up to the first that does
};

Digits digits_of(std::uint64_t n) {
  Digits digits{.first = static_cast<int>(n % 10)};
  for (; n > 0 && digits.all_equal; n /= 10) {
    digits.all_equal = static_cast<int>(n % 10) == digits.first;
    ++digits.count;
  }
  return digits;
}

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
    return v != 0 && is_sentinel(v) && std::fabs(v - spread.median) > kSentinelDistance * spread.mad;
  });
}

bool is_multiple(double value, double unit) {
  const double quotient = value / unit;
  return quotient == std::floor(quotient);
}

/// The coarsest 2^-j d, j = 0 .. 16, of which all times since the first are multiples; 0: of none.
double binary_grid(std::span<const double> time) {
  double grid = 1;
  for (const double t : time) {
    while (!is_multiple(t - time.front(), grid)) {
      grid /= 2;
      if (grid < std::ldexp(1.0, -kFinestGrid)) return 0;
    }
  }
  return grid;
}

/// The spacing of float32 at the largest time where all times are float32 values and an eighth of them at
/// least needs the last bit; 0 otherwise.
double float32_spacing(std::span<const double> time) {
  const double largest = std::max(std::fabs(time.front()), std::fabs(time.back()));
  if (!(largest < static_cast<double>(std::numeric_limits<float>::max()))) return 0;
  std::size_t n_last_bit = 0;
  for (const double t : time) {
    const auto narrow = static_cast<float>(t);
    if (static_cast<double>(narrow) != t) return 0;
    n_last_bit += std::bit_cast<std::uint32_t>(narrow) & 1u;
  }
  if (8 * n_last_bit < time.size()) return 0;
  return std::ldexp(1.0, std::ilogb(largest) - (std::numeric_limits<float>::digits - 1));
}

/// Whether an eighth of the times at least, and not nearly all, are odd multiples of the grid.
bool is_last_bit_used(std::span<const double> time, double grid) {
  const auto n_even = static_cast<std::size_t>(std::count_if(
      time.begin(), time.end(), [&](double t) { return is_multiple(t - time.front(), 2 * grid); }));
  return 8 * std::min(n_even, time.size() - n_even) >= time.size();
}

/// Whether the times, all different, are multiples of a step of their own: the shortest between two of them,
/// where that is longer than the grid, or the only one.
bool is_even_sampling(std::span<const double> step, double grid) {
  const auto range = std::minmax_element(step.begin(), step.end());
  const double shortest = *range.first;
  if (!(shortest > 0)) return false;
  if (shortest == *range.second) return true;
  return shortest > grid &&
         std::all_of(step.begin(), step.end(), [&](double s) { return is_multiple(s, shortest); });
}

/// Whether the first time, alone or repeated, is a word for "missing" far from the rest.
bool starts_with_missing_time(std::span<const double> time, std::size_t after_gap, double gap) {
  if (gap < kMissingTimeGapDays || time[after_gap - 1] != time.front()) return false;
  if (std::find(kMissingTimes.begin(), kMissingTimes.end(), time.front()) == kMissingTimes.end())
    return false;
  return std::adjacent_find(time.begin() + static_cast<std::ptrdiff_t>(after_gap), time.end(),
                            [&](double a, double b) { return b - a > gap / kMissingTimeGapRatio; }) ==
         time.end();
}

/// Whether the parts cover each other after the later one is moved by the difference of two systems.
bool are_systems(const TimeSystems& systems, std::span<const double> early, std::span<const double> late) {
  if (early.front() < systems.earliest || early.back() > systems.latest) return false;
  const double begin = late.front() - systems.difference_days, end = late.back() - systems.difference_days;
  const double shorter = std::min(early.back() - early.front(), end - begin);
  const double common = std::min(early.back(), end) - std::max(early.front(), begin);
  return common >= 0 && common >= shorter / 2;
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
  if (has_float32_times(lc.time)) flags.set(Flag::time_precision);
  if (has_mixed_time_systems(lc.time)) flags.set(Flag::mixed_time_systems);
  return flags;
}

void add_error_floor(LightCurve& lc, double floor_mag) {
  for (std::size_t i = 0; i < lc.size(); ++i) {
    lc.flux_err[i] = std::hypot(lc.flux_err[i], kFluxPerMagnitude * lc.flux[i] * floor_mag);
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

Hint hint_for_negative_error(double error, std::size_t n) {
  if (error == 0) return {"{} accepts them", {{"allow-negative-error", "true"}}};
  const std::string value = fmt::format("{}", error);
  Hint hint{"if " + value + " stands for no error, leave such observations out with {}",
            {{"null-value", value}}};
  if (n > 1) return hint;
  hint.text += "; {} accepts errors below zero";
  hint.remedies.push_back({"allow-negative-error", "true"});
  return hint;
}

bool is_sentinel(double value) noexcept {
  const double size = std::fabs(value);
  if (value == 0 || value == -1 || value == -9 || size >= kFillValue) return true;
  if (size < 2 || !(size < 1e11)) return false;
  const double scaled = size * 1e4;  // at most four decimals
  const auto whole = static_cast<std::uint64_t>(std::llround(scaled));
  if (std::fabs(scaled - static_cast<double>(whole)) > 1e-7 * scaled) return false;
  std::uint64_t n = whole;
  while (n % 10 == 0) n /= 10;
  const Digits digits = digits_of(n);
  if (digits.all_equal && digits.count >= (digits.first == 9 ? 2 : 3)) return true;
  if (digits.count == 1 && digits.first == 1 && size >= 100) return true;
  return std::find(kOthers.begin(), kOthers.end(), size) != kOthers.end();
}

bool has_float32_times(std::span<const double> time) {
  if (time.size() < kFewestFloat32) return false;
  std::vector<double> step(time.size() - 1);
  for (std::size_t i = 0; i < step.size(); ++i) step[i] = time[i + 1] - time[i];
  double grid = float32_spacing(time);
  if (grid == 0 && time.size() >= kFewestMovedFloat32) {
    grid = binary_grid(time);
    if (grid == 0 || grid >= kPlainFraction) return false;
    if (!is_last_bit_used(time, grid) || is_even_sampling(step, grid)) return false;
  }
  return grid >= kMinuteDays || (grid > 0 && grid >= median_in_place(step) / 4);
}

bool has_mixed_time_systems(std::span<const double> time) {
  if (time.size() < 2) return false;
  std::size_t after_gap = 1;
  for (std::size_t i = 2; i < time.size(); ++i) {
    if (time[i] - time[i - 1] > time[after_gap] - time[after_gap - 1]) after_gap = i;
  }
  const double gap = time[after_gap] - time[after_gap - 1];
  if (gap > kCenturyDays || starts_with_missing_time(time, after_gap, gap)) return true;
  const auto early = time.first(after_gap), late = time.subspan(after_gap);
  const double longer = std::max(early.back() - early.front(), late.back() - late.front());
  return gap >= kPartsRatio * longer &&
         std::any_of(kNearSystems.begin(), kNearSystems.end(),
                     [&](const TimeSystems& systems) { return are_systems(systems, early, late); });
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
  options.add("min-points", o.min_points, "fewest observations that a light curve may have")
      .within(2, kMaxPoints);
  options.add("nonfinite", o.nonfinite, kNonfiniteWords, "NaN, infinite and missing values: reject or drop");
  options.add("allow-negative-error", o.allow_negative_error, "accept errors below zero")
      .identified_as("negative_error", "reject", "allow");
  options.add("on-mad-zero", o.on_mad_zero, kMadZeroWords,
              "constant or nearly constant flux: reject, or scale by std or meanad");
  options.add("error-floor", o.error_floor_mag, "magnitudes added in quadrature to the errors").at_least(0);
}

}  // namespace astrom3
