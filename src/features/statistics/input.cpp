// SPDX-License-Identifier: MIT
//
// Checks the observations and frequencies of a period statistic, and divides the observations into bands.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/features/period_statistics.h"
#include "astrom3/light_curve.h"
#include "features/gls_stream.h"
#include "features/harmonic_sums.h"
#include "features/statistics/statistic.h"

namespace astrom3 {
namespace {

[[noreturn]] void refuse(Status code, std::string option, std::string message, std::string value = {}) {
  throw Error(Diagnostic{
      .code = code, .option = std::move(option), .value = std::move(value), .message = std::move(message)});
}

void check_columns(const StarObservations& star) {
  const std::size_t n = star.time.size();
  const auto check = [n](const char* name, std::size_t size) {
    if (size != n)
      throw Error(Status::usage,
                  fmt::format("{}: expected {} values, one for each time, found {}", name, n, size));
  };
  check("y", star.y.size());
  if (!star.y_err.empty()) check("y_err", star.y_err.size());
  if (!star.band.empty()) check("band", star.band.size());
}

void check_frequencies(std::span<const double> frequency) {
  if (frequency.empty()) refuse(Status::usage, "frequencies", "expected at least one frequency");
  if (static_cast<double>(frequency.size()) > kMostFrequencies)
    refuse(Status::grid_too_fine, "frequencies",
           fmt::format("{} frequencies; at most {:g} can be searched", frequency.size(), kMostFrequencies));
  double before = 0;
  for (std::size_t i = 0; i < frequency.size(); ++i) {
    const double f = frequency[i];
    if (!std::isfinite(f) || !(f > 0))
      refuse(Status::usage, "frequencies",
             fmt::format("expected finite values above 0, found {} at place {}", f, i + 1));
    if (!(f > before))
      refuse(Status::usage, "frequencies",
             fmt::format("expected increasing values, found {} after {} at place {}", f, before, i + 1));
    before = f;
  }
}

/// Throws where the times are rounded so coarsely that the phases would be noise, which looks like a
/// measurement.
void check_precision(std::span<const double> time, double highest) {
  constexpr double kLargestPhaseError = 0.1;  // turns
  std::vector<double> sorted(time.begin(), time.end());
  std::sort(sorted.begin(), sorted.end());
  const double largest = std::max(std::fabs(sorted.front()), std::fabs(sorted.back()));
  double step = largest * std::numeric_limits<double>::epsilon();
  const char* type = "double";
  if (has_float32_times(sorted)) {
    step = largest * static_cast<double>(std::numeric_limits<float>::epsilon());
    type = "float32";
  }
  if (!(step * highest > kLargestPhaseError)) return;
  refuse(
      Status::usage, "frequencies",
      fmt::format(
          "the times are exact to {:.2g} d, as {} numbers of their size are: at {:.6g} / d there is no phase",
          step, type, highest),
      fmt::format("{:g}", highest));
}

Status status_of(const StarObservations& star, const StatisticMethod& method) {
  const auto all_finite = [](std::span<const double> values) {
    return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
  };
  if (star.time.size() < 3) return Status::too_few_points;
  if (!all_finite(star.time)) return Status::nonfinite_time;
  if (method.needs_variation && !all_finite(star.y)) return Status::nonfinite_flux;
  if (!all_finite(star.y_err)) return Status::nonfinite_flux_err;
  const auto [first, last] = std::minmax_element(star.time.begin(), star.time.end());
  if (!(*last > *first)) return Status::zero_time_span;
  if (!std::isfinite(*last - *first)) return Status::nonfinite_time;
  const auto [low, high] = std::minmax_element(star.y.begin(), star.y.end());
  return method.needs_variation && *low == *high ? Status::mad_zero : Status::ok;
}

/// The sum of 1 / sigma^2, computed from one observation and its share of the sum.
double inverse_variance_of(std::span<const double> y_err, const std::vector<double>& weight) {
  std::size_t at = 0;
  for (std::size_t j = 0; j < y_err.size(); ++j) {
    if (y_err[j] > 0 && (!(y_err[at] > 0) || y_err[j] < y_err[at])) at = j;
  }
  if (y_err.empty() || !(y_err[at] > 0)) return static_cast<double>(weight.size());
  return 1 / (y_err[at] * y_err[at] * weight[at]);
}

/// Adds the observations of the band with this number, or all observations, as one band.
void add_band(const StarObservations& star, const StatisticMethod& method, int number, double middle,
              StatisticInput& input, Status& problem) {
  std::vector<double> time, y, y_err;
  for (std::size_t j = 0; j < star.time.size(); ++j) {
    if (number >= 0 && star.band[j] != number) continue;
    time.push_back(star.time[j]);
    // The window function does not depend on y, so that y may not cause an error either.
    y.push_back(!method.needs_variation                                      ? star.time[j]
                : star.is_magnitude && method.method == PeriodStatistic::bls ? -star.y[j]
                                                                             : star.y[j]);
    if (!star.y_err.empty()) y_err.push_back(star.y_err[j]);
  }
  StatisticInput::OfBand band;
  if (const Status status = prepare_gls(time, y, y_err, band.data); status != Status::ok) {
    problem = status;
    return;
  }
  for (double& t : band.data.time) t += band.data.mid_time - middle;
  band.inverse_variance = inverse_variance_of(y_err, band.data.weight);
  band.chi2 = band.inverse_variance * band.data.scale * band.data.scale;
  if (!std::isfinite(band.chi2) || !(band.chi2 > 0))
    throw Error(Status::nonfinite_flux,
                "chi2 about the mean is beyond the range of numbers: values or errors are "
                "in the wrong unit");
  input.chi2 += band.chi2;
  input.bands.push_back(std::move(band));
}

bool has_several_bands(std::span<const std::uint8_t> band) {
  return std::any_of(band.begin(), band.end(), [&](std::uint8_t b) { return b != band.front(); });
}

void check_bands(const StarObservations& star, const StatisticMethod& method,
                 const PeriodStatisticOptions& options) {
  if (has_several_bands(star.band) && !method.takes_bands && method.needs_variation)
    refuse(Status::usage, "method",
           fmt::format("{} takes one band, found several; gls takes several", method.word), method.word);
  if (options.base_terms > 0 && !has_several_bands(star.band))
    refuse(Status::usage, "base-terms", "expected observations of several bands, found one",
           fmt::format("{}", options.base_terms));
}

}  // namespace

StatisticInput make_input(const StarObservations& star, std::span<const double> frequency,
                          const PeriodStatisticOptions& options) {
  check_columns(star);
  check_together(options);
  check_frequencies(frequency);
  const StatisticMethod& method = method_of(options.method);
  if (const Status status = status_of(star, method); status != Status::ok)
    throw Error(status, std::string(status_meaning(status)));
  check_precision(star.time, frequency.back());
  check_bands(star, method, options);

  StatisticInput input{.frequencies = list_frequencies(frequency)};
  const auto [first, last] = std::minmax_element(star.time.begin(), star.time.end());
  input.first_time = *first;
  for (const double t : star.time) input.time.push_back(t - *first);
  input.y.assign(star.y.begin(), star.y.end());
  Status problem = Status::ok;
  const double middle = *first + (*last - *first) / 2;
  const bool splits = has_several_bands(star.band) && method.takes_bands;
  for (int number = splits ? 0 : -1; number < (splits ? 256 : 0); ++number)
    add_band(star, method, number, middle, input, problem);
  if (input.bands.empty()) throw Error(problem, std::string(status_meaning(problem)));

  std::size_t most = 0;
  for (const auto& band : input.bands) most = std::max(most, band.data.time.size());
  const std::size_t fewest = method.fewest_observations != nullptr ? method.fewest_observations(options) : 3;
  if (most < fewest)
    refuse(Status::too_few_points, options.base_terms > options.terms ? "base-terms" : "terms",
           fmt::format("{} observations do not determine so many terms; they need {}", most, fewest),
           fmt::format("{}", std::max(options.terms, options.base_terms)));
  return input;
}

}  // namespace astrom3
