// SPDX-License-Identifier: MIT
//
// Light curves of every shape, cadence and noise, near the thresholds of the choice of a period.
#pragma once

#include <fmt/format.h>

#include <string>

#include "tests/features/simulated_star.h"

namespace astrom3 {

struct DecisionCase {
  SimulatedStar star{};
  PeriodOptions options{};
};

namespace decision_cases {

inline Curve curve_of(std::size_t kind, Draws& draws) {
  const double unequal = draws.uniform(0.7, 1), width = draws.log_uniform(0.006, 0.03);
  const double skew = draws.uniform(-0.25, 0.35);
  switch (kind) {
    case 0:
      return sine;
    case 1:
      return pulsator;
    case 2:  // from sawtooth to dips: the skewness decides
      return [skew](double p) { return sine(p) + skew * std::cos(4 * std::numbers::pi * p); };
    case 3:
      return binary(0.45, 0.06, 1, unequal);
    case 4:
      return binary(0, width, 1, unequal * unequal * unequal);
    case 5:
      return binary(0, width, 1, 0);
    default:
      return binary(0.1, 0.04, 1, unequal);
  }
}

inline std::vector<double> times_of(std::size_t kind, Draws& draws) {
  const std::size_t n = 30 + draws.below(120);
  switch (kind) {
    case 0:
      return nightly_times(n, 400, 0.3, draws);
    case 1:
      return nightly_times(n, 400, draws.uniform(0.02, 0.1), draws);
    case 2:
      return regular_times(n, 2 * n, 1, draws);
    case 3: {
      std::vector<double> time = regular_times(n, 2 * n, 1, draws);
      const double jitter = draws.uniform(0, 0.02);
      for (double& t : time) t += jitter * draws.normal();
      return time;
    }
    case 4:
      return regular_times(2 * n, 2 * n + 40, 1 / 24.0, draws);
    case 5:
      return nightly_times(6 + n / 12, 200, 0.3, draws);
    default:
      return nightly_times(2 * n, 60, 0.9, draws);
  }
}

inline void add_bands(SimulatedStar& star, Draws& draws) {
  const SimulatedStar one = star;
  star.band.assign(one.time.size(), 0);
  const double apart = draws.uniform() < 0.5 ? draws.uniform(0.01, 0.03) : 0.2;
  for (std::size_t i = 0; i < one.time.size(); ++i) {
    star.time.push_back(one.time[i] + apart);
    star.mag.push_back(1 + one.mag[i] + one.mag_err[i] * draws.normal());
    star.mag_err.push_back(one.mag_err[i]);
    star.band.push_back(1);
  }
}

}  // namespace decision_cases

/// One of as many cases as there are seeds.
inline DecisionCase decision_case(std::uint64_t seed) {
  Draws draws(seed);
  const std::size_t shape = draws.below(7), cadence = draws.below(7);
  const Curve curve = decision_cases::curve_of(shape, draws);
  std::vector<double> time = decision_cases::times_of(cadence, draws);
  const double span = time.back() - time.front();
  double shortest = shape >= 4 ? 0.5 : 0.15, longest = shape >= 4 ? 6 : 12;
  if (cadence == 2 || cadence == 3) shortest = 2.2, longest = span / 3;
  if (draws.uniform() < 0.12) shortest = span / 3, longest = 2 * span;  // near or beyond the limit
  if (shape == 1 && draws.uniform() < 0.3) shortest = 0.8, longest = 2.8;
  const double period = draws.log_uniform(shortest, longest);
  const double amplitude = shape == 5 ? draws.uniform(0.5, 1.2) : draws.log_uniform(0.002, 0.5);
  const double noise = amplitude / draws.log_uniform(shape >= 4 ? 3 : 0.6, 25);
  DecisionCase made{.star = observe(time, period, amplitude, noise, curve, draws),
                    .options = {.period_min = 0.1}};
  if (draws.uniform() < 0.15) decision_cases::add_bands(made.star, draws);
  if (draws.uniform() < 0.1) {
    for (double& e : made.star.mag_err) e *= 10;  // errors that are too large
  }
  return made;
}

/// What was decided, in the digits that do not hang on the last bits.
inline std::string decision(const DecisionCase& given) {
  const PeriodResult found = search(given.star, given.options);
  return fmt::format("{:.4g},{:.1g},{:.2f},{:.2f},{}", found.period, found.period_err, found.power,
                     found.period_probability, to_string(found.flags));
}

}  // namespace astrom3
