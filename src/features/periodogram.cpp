// SPDX-License-Identifier: MIT
#include "astrom3/features/periodogram.h"

#include <math.h>  // lgamma_r is POSIX

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <limits>
#include <numbers>
#include <span>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/stop_scope.h"
#include "features/gls_stream.h"

namespace astrom3 {
namespace {

bool all_finite(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

/// The weights 1 / sigma^2, scaled so that their sum is one. Errors of zero or below say nothing about the
/// accuracy and are replaced by the median of the others.
std::vector<double> normalised_weights(std::span<const double> y_err, std::size_t n) {
  std::vector<double> positive;
  std::copy_if(y_err.begin(), y_err.end(), std::back_inserter(positive), [](double e) { return e > 0; });
  if (positive.empty()) return std::vector<double>(n, 1 / static_cast<double>(n));
  const auto middle = positive.begin() + static_cast<std::ptrdiff_t>(positive.size() / 2);
  std::nth_element(positive.begin(), middle, positive.end());
  const double median = *middle;
  const double smallest = *std::min_element(positive.begin(), positive.end());

  std::vector<double> weight(n);
  double sum = 0;
  for (std::size_t j = 0; j < n; ++j) {
    const double ratio = smallest / (y_err[j] > 0 ? y_err[j] : median);
    sum += weight[j] = ratio * ratio;
  }
  for (double& w : weight) w /= sum;
  return weight;
}

template <typename Real>
Status stream_power(std::span<const double> time, std::span<const double> y, std::span<const double> y_err,
                    const FrequencyGrid& grid, const PeriodogramOptions& options, std::span<Real> power) {
  if (y.size() != time.size() || (!y_err.empty() && y_err.size() != time.size())) {
    throw Error(Status::usage, "gls_power: time, y and y_err differ in length");
  }
  if (power.size() != grid.count) throw Error(Status::usage, "gls_power: power must hold grid.count values");
  if (!(grid.minimum >= 0) || !(grid.step > 0) || !std::isfinite(grid.frequency(grid.count))) {
    throw Error(Status::usage, "gls_power: the grid needs minimum >= 0 and step > 0");
  }
  if (options.kernel_width < 4 || options.kernel_width > 16) {
    throw Error(Status::usage, "gls_power: kernel_width must be 4 to 16");
  }
  std::fill(power.begin(), power.end(), Real(0));
  GlsData data;
  if (const Status status = prepare_gls(time, y, y_err, data); status != Status::ok) return status;

  GlsStream<Real> stream(data, grid, options);
  std::vector<Real> block(stream.block_size());
  for (std::size_t b = 0; b < stream.block_count(); ++b) {
    throw_if_stopped();
    stream.compute(b, block);
    const std::size_t first = b * stream.block_size();
    const std::size_t count = std::min(stream.block_size(), grid.count - first);
    std::copy_n(block.begin(), count, power.begin() + static_cast<std::ptrdiff_t>(first));
  }
  return Status::ok;
}

}  // namespace

Status prepare_gls(std::span<const double> time, std::span<const double> y, std::span<const double> y_err,
                   GlsData& data) {
  const std::size_t n = time.size();
  if (n < 3) return Status::too_few_points;
  if (!all_finite(time)) return Status::nonfinite_time;
  if (!all_finite(y)) return Status::nonfinite_flux;
  if (!all_finite(y_err)) return Status::nonfinite_flux_err;
  const auto [first, last] = std::minmax_element(time.begin(), time.end());
  if (!(*last > *first)) return Status::zero_time_span;
  const auto [low, high] = std::minmax_element(y.begin(), y.end());
  if (*low == *high) return Status::mad_zero;

  data.mid_time = *first + (*last - *first) / 2;
  data.time.resize(n);
  for (std::size_t j = 0; j < n; ++j) data.time[j] = time[j] - data.mid_time;
  data.weight = normalised_weights(y_err, n);
  // The values are taken relative to the middle of their range and in units of it, so that neither the mean
  // nor the sum of squares can overflow.
  const double middle = *low / 2 + *high / 2;
  const double range = std::max(*high / 2 - *low / 2, std::numeric_limits<double>::min());
  double mean = 0, variance = 0;
  data.y.resize(n);
  for (std::size_t j = 0; j < n; ++j) {
    data.y[j] = (y[j] - middle) / range;
    mean += data.weight[j] * data.y[j];
  }
  for (double& v : data.y) v -= mean;
  for (std::size_t j = 0; j < n; ++j) variance += data.weight[j] * data.y[j] * data.y[j];
  if (!(variance > 0)) return Status::mad_zero;
  const double deviation = std::sqrt(variance);
  for (double& v : data.y) v /= deviation;
  data.mean = middle + mean * range;
  data.scale = deviation * range;
  return Status::ok;
}

Status gls_power(std::span<const double> time, std::span<const double> y, std::span<const double> y_err,
                 const FrequencyGrid& grid, const PeriodogramOptions& options, std::span<double> power) {
  return stream_power(time, y, y_err, grid, options, power);
}

Status gls_power(std::span<const double> time, std::span<const double> y, std::span<const double> y_err,
                 const FrequencyGrid& grid, const PeriodogramOptions& options, std::span<float> power) {
  return stream_power(time, y, y_err, grid, options, power);
}

double false_alarm_probability(double power, std::size_t n_observations, double time_variance,
                               double frequency_max) {
  const auto n = static_cast<double>(n_observations);
  if (n_observations <= 4 || !(power > 0)) return 1;
  if (power >= 1) return 0;
  // tau: expected up-crossings of the level; the single-frequency tail is (1 - p)^((N-3)/2).
  const double width = frequency_max * std::sqrt(4 * std::numbers::pi * time_variance);
  // std::lgamma writes the global variable signgam, which would be a data race between threads.
  int sign = 0;
  const double log_gamma_ratio = ::lgamma_r((n - 1) / 2, &sign) - ::lgamma_r((n - 2) / 2, &sign);
  const double gamma = std::sqrt(2 / (n - 1)) * std::exp(log_gamma_ratio);
  const double log_tail = (n - 4) / 2 * std::log1p(-power);
  const double tau = gamma * width * std::exp(log_tail) * std::sqrt((n - 1) * power / 2);
  const double single = std::exp((n - 3) / 2 * std::log1p(-power));
  const double probability = -std::expm1(std::log1p(-std::min(single, 1 - 1e-16)) - tau);
  return std::clamp(probability, 0.0, 1.0);
}

}  // namespace astrom3
