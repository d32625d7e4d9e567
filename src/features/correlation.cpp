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

constexpr double kChance = 2;     // standard deviations of a correlation of N values, 1 / sqrt(N)
constexpr std::size_t kLags = 5;  // N over the longest lag looked at

}  // namespace

double correlation_at(double frequency, std::span<const double> time, std::span<const double> value) {
  const std::size_t n = value.size();
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return time[a] < time[b]; });
  double mean = 0, square = 0;
  for (const double v : value) mean += v / static_cast<double>(n);
  for (const double v : value) square += (v - mean) * (v - mean);
  double sum = 1;
  const double least = kChance / std::sqrt(static_cast<double>(n));
  for (std::size_t lag = 1; lag <= n / kLags && square > 0; ++lag) {
    double product = 0, in_phase = 0;
    for (std::size_t i = lag; i < n; ++i) {
      const std::size_t a = order[i], b = order[i - lag];
      const double both = (value[a] - mean) * (value[b] - mean);
      product += both;
      in_phase += both * std::cos(2 * std::numbers::pi * frequency * (time[a] - time[b]));
    }
    if (!(product > least * square)) break;
    sum += 2 * in_phase / square;
  }
  return std::max(1.0, sum);
}

}  // namespace astrom3
