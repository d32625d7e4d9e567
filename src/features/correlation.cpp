// SPDX-License-Identifier: MIT
#include "features/correlation.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <numeric>
#include <span>
#include <vector>

namespace astrom3 {
namespace {

constexpr double kChance = 2;          // standard deviations of a correlation of N values, 1 / sqrt(N)
constexpr std::size_t kStepShare = 4;  // of a lag to the step to the next one

}  // namespace

double correlation_at(double frequency, std::span<const double> time, std::span<const double> value) {
  const std::size_t n = value.size();
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return time[a] < time[b]; });
  double mean = 0, square = 0;
  for (const double v : value) mean += v / static_cast<double>(n);
  std::vector<double> left(n), re(n), im(n);
  for (std::size_t i = 0; i < n; ++i) {
    left[i] = value[order[i]] - mean;
    const double angle = 2 * std::numbers::pi * frequency * time[order[i]];
    re[i] = left[i] * std::cos(angle);
    im[i] = left[i] * std::sin(angle);
    square += left[i] * left[i];
  }
  double sum = 1;
  const double least = kChance / std::sqrt(static_cast<double>(n));
  // The first lags are all computed, longer lags with growing steps: the correlation is smooth there, and a
  // light curve with many observations has too many lags.
  std::size_t step = 1;
  for (std::size_t lag = 1; lag < n && square > 0; lag += step) {
    double product = 0, in_phase = 0;
    for (std::size_t i = lag; i < n; ++i) {
      product += left[i] * left[i - lag];
      in_phase += re[i] * re[i - lag] + im[i] * im[i - lag];
    }
    if (!(product > least * square)) break;
    step = std::max<std::size_t>(1, lag / kStepShare);
    sum += 2 * static_cast<double>(step) * in_phase / square;
  }
  return std::max(1.0, sum);
}

}  // namespace astrom3
