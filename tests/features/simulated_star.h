// SPDX-License-Identifier: MIT
//
// Simulated light curves that are the same on every machine.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <numbers>
#include <random>
#include <vector>

#include "astrom3/features/period_search.h"

namespace astrom3 {

/// Uniform and Gaussian numbers of a seed; those of <random> may differ between libraries.
class Draws {
 public:
  explicit Draws(std::uint64_t seed) : bits_(seed) {}
  double uniform() { return static_cast<double>(bits_() >> 11) * 0x1p-53; }
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  double log_uniform(double low, double high) { return low * std::pow(high / low, uniform()); }
  double normal() {
    const double radius = std::sqrt(-2 * std::log(1 - uniform()));
    return radius * std::cos(2 * std::numbers::pi * uniform());
  }
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(uniform() * static_cast<double>(n)); }

 private:
  std::mt19937_64 bits_;
};

using Curve = std::function<double(double phase)>;  ///< magnitudes of phase 0..1

inline double sine(double phase) {
  return std::sin(2 * std::numbers::pi * phase);
}

/// Rises fast and fades slowly: skewness -1, 1.6 mag.
inline double pulsator(double phase) {
  double mag = 0;
  for (int k = 1; k <= 6; ++k)
    mag -= std::pow(0.55, k) * std::sin(2 * std::numbers::pi * k * phase + 0.3 * k + 0.8);
  return mag;
}

inline double dip(double phase, double width) {
  const double distance = (phase - std::round(phase)) / width;
  return std::exp(-0.5 * distance * distance);
}

/// Two dips half a turn apart on an ellipsoidal variation.
inline Curve binary(double ellipsoidal, double width, double primary, double secondary) {
  return [=](double phase) {
    return ellipsoidal * std::cos(4 * std::numbers::pi * phase) + primary * dip(phase, width) +
           secondary * dip(phase - 0.5, width);
  };
}

struct SimulatedStar {
  std::vector<double> time{}, mag{}, mag_err{};
  std::vector<std::uint8_t> band{};  ///< empty: one band
};

inline std::vector<double> nightly_times(std::size_t n, double span_days, double window_days, Draws& draws) {
  std::vector<double> time;
  for (std::size_t i = 0; i < n; ++i) {
    const double night = std::floor(span_days * draws.uniform());
    time.push_back(2457000 + night + window_days * draws.uniform());
  }
  std::sort(time.begin(), time.end());
  return time;
}

/// n of the steps of a regular grid.
inline std::vector<double> regular_times(std::size_t n, std::size_t n_steps, double step_days, Draws& draws) {
  std::vector<double> time;
  std::size_t left = n;
  for (std::size_t i = 0; i < n_steps && left > 0; ++i) {
    if (draws.uniform() * static_cast<double>(n_steps - i) >= static_cast<double>(left)) continue;
    time.push_back(2457000 + step_days * static_cast<double>(i));
    --left;
  }
  return time;
}

inline SimulatedStar observe(std::vector<double> time, double period, double amplitude, double noise,
                             const Curve& curve, Draws& draws) {
  SimulatedStar star{.time = std::move(time)};
  for (const double t : star.time) {
    const double cycles = (t - 2457000) / period;
    star.mag.push_back(12 + amplitude * curve(cycles - std::floor(cycles)) + noise * draws.normal());
    star.mag_err.push_back(noise);
  }
  return star;
}

inline PeriodResult search(const SimulatedStar& star, const PeriodOptions& options = {}) {
  PeriodResult result;
  if (find_period(star.time, star.mag, star.mag_err, star.band, options, result) != Status::ok)
    result.period = 0;
  return result;
}

inline bool is_near(double a, double b, double relative = 1e-3) {
  return std::fabs(a / b - 1) < relative;
}

}  // namespace astrom3
