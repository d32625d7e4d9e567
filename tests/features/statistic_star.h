// SPDX-License-Identifier: MIT
//
// Simulated observations for the tests of the period statistics.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <random>
#include <vector>

#include "astrom3/features/period_statistics.h"

namespace astrom3::testing {

struct Columns {
  std::vector<double> time, y, y_err;
  std::vector<std::uint8_t> band;

  StarObservations view() const { return {.time = time, .y = y, .y_err = y_err}; }
  StarObservations bands() const { return {.time = time, .y = y, .y_err = y_err, .band = band}; }
};

/// Nightly observations over `span_days` of a wave with a harmonic, in three bands.
inline Columns observe(std::size_t n, double span_days = 300, std::uint64_t seed = 24) {
  std::mt19937_64 rng(seed);
  std::uniform_real_distribution<double> uniform(0, 1);
  std::normal_distribution<double> normal(0, 1);
  Columns o;
  for (std::size_t i = 0; i < n; ++i)
    o.time.push_back(2457000 + std::floor(span_days * uniform(rng)) + 0.4 * uniform(rng));
  std::sort(o.time.begin(), o.time.end());
  for (std::size_t i = 0; i < n; ++i) {
    const double angle = 2 * std::numbers::pi * (o.time[i] - 2457000) / 0.61;
    o.band.push_back(static_cast<std::uint8_t>(i % 3));
    o.y_err.push_back(0.02 + 0.04 * uniform(rng));
    o.y.push_back(15 + 0.3 * std::sin(angle) + 0.1 * std::cos(2 * angle) + 0.2 * o.band.back() +
                  o.y_err.back() * normal(rng));
  }
  return o;
}

/// minimum, minimum + step, ...
inline std::vector<double> regular(double minimum, double step, std::size_t count) {
  std::vector<double> frequency;
  for (std::size_t k = 0; k < count; ++k) frequency.push_back(minimum + static_cast<double>(k) * step);
  return frequency;
}

inline std::vector<double> statistic_of(const StarObservations& star, const std::vector<double>& frequency,
                                        const PeriodStatisticOptions& options) {
  std::vector<double> value(frequency.size(), -7);
  compute_period_statistic(star, frequency, options, value);
  return value;
}

}  // namespace astrom3::testing
