// SPDX-License-Identifier: MIT
//
// The frequencies of a period search, and the remedies where they are too many or none.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/option.h"
#include "astrom3/features/period_search.h"
#include "astrom3/features/periodogram.h"

namespace astrom3 {
namespace {

constexpr int kFewestDigits = 3, kMostDigits = 15;

double count_frequencies(const PeriodOptions& options, double span_days) {
  const double minimum = 1 / longest_period(options, span_days);
  const double step = 1 / (options.oversampling * span_days);
  return (1 / options.period_min - minimum) / step + 1;
}

/// `value`, rounded up or down to so many digits.
double rounded(double value, int digits, bool up) {
  const double unit = std::pow(10.0, std::floor(std::log10(value)) - (digits - 1));
  const double whole = up ? std::ceil(value / unit) : std::floor(value / unit);
  return number_of(fmt::format("{:.{}e}", whole * unit, digits - 1)).value_or(value);
}

/// The value of one option with which the grid is small enough, with as few digits as possible; no value
/// where none makes it small enough.
template <typename Change>
std::optional<double> value_that_works(const PeriodOptions& options, double span_days, double max_frequencies,
                                       double wanted, bool up, const Change& change) {
  if (!(wanted > 0) || !std::isfinite(wanted)) return std::nullopt;
  for (int digits = kFewestDigits; digits <= kMostDigits; ++digits) {
    const double value = rounded(wanted, digits, up);
    PeriodOptions changed = options;
    change(changed, value);
    FrequencyGrid grid;
    if (changed.oversampling >= 1 &&
        make_period_grid(changed, span_days, grid, max_frequencies) == Status::ok)
      return value;
  }
  return std::nullopt;
}

Diagnostic explain_no_period(const PeriodOptions& options, double span_days) {
  Diagnostic said{
      .code = Status::zero_time_span,
      .option = "period-min",
      .message = fmt::format("the observations span {:.6g} d: no period lies between {:.6g} d and {:.6g} d",
                             span_days, options.period_min, longest_period(options, span_days))};
  const auto shorter = value_that_works(options, span_days, kMaxFrequencies, span_days / 20, false,
                                        [](PeriodOptions& o, double days) { o.period_min = days; });
  if (shorter) said.hint = {"{} searches for shorter periods", {{"period-min", fmt::format("{}", *shorter)}}};
  return said;
}

}  // namespace

double longest_period(const PeriodOptions& options, double span_days) noexcept {
  return options.period_max > 0 ? options.period_max : span_days / 2;
}

Status make_period_grid(const PeriodOptions& options, double span_days, FrequencyGrid& grid,
                        double max_frequencies) {
  const double period_max = longest_period(options, span_days);
  if (!(period_max > options.period_min)) return Status::zero_time_span;
  grid = {1 / period_max, 1 / (options.oversampling * span_days), 0};
  if (!std::isfinite(grid.step)) return Status::zero_time_span;  // the span is a denormal number
  const double n_frequencies = count_frequencies(options, span_days);
  if (!(n_frequencies < max_frequencies)) return Status::grid_too_fine;
  grid.count = static_cast<std::size_t>(n_frequencies);
  return Status::ok;
}

Diagnostic explain_period_grid(Status status, const PeriodOptions& options, double span_days,
                               double max_frequencies) {
  if (status == Status::zero_time_span && span_days > 0) return explain_no_period(options, span_days);
  if (status != Status::grid_too_fine)
    return {.code = status, .message = std::string(status_meaning(status))};

  const double minimum = 1 / longest_period(options, span_days);
  const auto period_min =
      value_that_works(options, span_days, max_frequencies,
                       1 / (minimum + (max_frequencies - 1) / (options.oversampling * span_days)), true,
                       [](PeriodOptions& o, double days) { o.period_min = days; });
  const auto oversampling =
      value_that_works(options, span_days, max_frequencies,
                       (max_frequencies - 1) / ((1 / options.period_min - minimum) * span_days), false,
                       [](PeriodOptions& o, double steps) { o.oversampling = steps; });
  // The option that is farther from its default is named first.
  const PeriodOptions standard;
  const bool steps_first =
      oversampling && options.oversampling / standard.oversampling > standard.period_min / options.period_min;
  std::vector<NamedOption> remedies;
  if (period_min) remedies.push_back({"period-min", fmt::format("{}", *period_min)});
  if (oversampling) {
    remedies.insert(steps_first ? remedies.begin() : remedies.end(),
                    {"oversampling", fmt::format("{}", *oversampling)});
  }
  return {.code = status,
          .option = steps_first ? "oversampling" : "period-min",
          .message =
              fmt::format("periods from {:.6g} d on, {:g} frequencies to a peak, over {:.6g} d are {:.6g} "
                          "frequencies; fewer than {:.6g} can be searched",
                          options.period_min, options.oversampling, span_days,
                          std::min(count_frequencies(options, span_days), std::numeric_limits<double>::max()),
                          max_frequencies),
          .hint = {remedies.size() > 1 ? "{} or {} is coarse enough" : "{} is coarse enough", remedies}};
}

}  // namespace astrom3
