// SPDX-License-Identifier: MIT
//
// Light curves of every shape, cadence and noise, near the thresholds of the choice of a period.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <numbers>
#include <string>
#include <vector>

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

/// Seeds from here on are of the rarer kinds below: each is near thresholds that other stars seldom meet.
inline constexpr std::uint64_t kFirstRareSeed = 1'000'000;

namespace decision_cases {

/// Several exposures in each of `n` visits, with an offset that all of a visit share.
inline void repeat_exposures(SimulatedStar& star, double distance_days, double offset, Draws& draws) {
  const SimulatedStar one = star;
  const std::size_t n_exposures = 2 + draws.below(5);
  star = {};
  for (std::size_t i = 0; i < one.time.size(); ++i) {
    const double shared = offset * one.mag_err[i] * draws.normal();
    for (std::size_t k = 0; k < n_exposures; ++k) {
      star.time.push_back(one.time[i] + static_cast<double>(k) * distance_days);
      star.mag.push_back(one.mag[i] + shared + one.mag_err[i] * draws.normal());
      star.mag_err.push_back(one.mag_err[i]);
    }
  }
}

inline void add_outliers(SimulatedStar& star, double share, double depth, Draws& draws) {
  for (double& m : star.mag) {
    if (draws.uniform() < share) m += depth * draws.uniform(0.3, 1);
  }
}

inline SimulatedStar eclipsing(std::size_t n, double width, double secondary, double depth, double noise,
                               Draws& draws) {
  const double period = draws.log_uniform(0.6, 5);
  return observe(nightly_times(n, 300, 0.3, draws), period, depth, noise, binary(0, width, 1, secondary),
                 draws);
}

/// Two waves, the weaker at half or a third of the frequency, but for some of a resolution.
inline SimulatedStar overtones(Draws& draws) {
  const std::vector<double> time = nightly_times(60 + draws.below(60), 300, 0.3, draws);
  const double period = draws.log_uniform(0.2, 2), multiple = draws.uniform() < 0.5 ? 2 : 3;
  const double distance = draws.uniform(0.35, 0.7);
  const double off = distance * (draws.uniform() < 0.5 ? 1 : -1) / 300;
  const double frequency = 1 / period / multiple + off;
  SimulatedStar star = observe(time, period, 0.2, 0.02, sine, draws);
  const double weak = draws.uniform(0.05, 0.12);
  for (std::size_t i = 0; i < time.size(); ++i)
    star.mag[i] += weak * std::sin(2 * std::numbers::pi * frequency * (time[i] - 2457000));
  return star;
}

/// Each number is drawn in a statement of its own: compilers evaluate the arguments of a call in different
/// orders.
inline SimulatedStar rare_star(std::size_t kind, Draws& draws) {
  switch (kind) {
    case 0: {  // eclipses narrower than the model's narrowest
      const double secondary = draws.uniform(), width = draws.log_uniform(0.0008, 0.003);
      return eclipsing(600, width, secondary, 0.5, 0.01, draws);
    }
    case 1: {  // nearly a quarter of the observations in eclipse
      const double secondary = draws.uniform(0.6, 1), width = draws.uniform(0.03, 0.06);
      return eclipsing(80, width, secondary, 0.5, 0.03, draws);
    }
    case 2: {  // some twenty observations with errors that are too large
      const double period = draws.log_uniform(0.3, 20);
      SimulatedStar star =
          observe(nightly_times(16 + draws.below(8), 200, 0.3, draws), period, 0.2, 0.02, pulsator, draws);
      for (double& e : star.mag_err) e *= draws.uniform(5, 50);
      return star;
    }
    case 3:
      return overtones(draws);
    case 4: {  // few dips, of depths on both sides of half the deepest
      const double secondary = draws.uniform(0.3, 0.7), width = draws.uniform(0.01, 0.02);
      return eclipsing(60 + draws.below(60), width, secondary, 0.5, 0.02, draws);
    }
    case 5: {
      const double period = draws.log_uniform(0.2, 20);
      SimulatedStar star =
          observe(nightly_times(40 + draws.below(60), 300, 0.2, draws), period, 0.05, 0.05, sine, draws);
      const double offset = draws.uniform(0, 3);
      repeat_exposures(star, draws.log_uniform(0.002, 0.02), offset, draws);
      return star;
    }
    case 6: {
      const double amplitude = draws.log_uniform(0.01, 0.05), period = draws.log_uniform(0.15, 5);
      SimulatedStar star = observe(nightly_times(150, 500, 0.3, draws), period, amplitude, 0.02, sine, draws);
      add_outliers(star, draws.uniform(0.02, 0.06), 0.4, draws);
      return star;
    }
    case 7: {  // contact binaries near the fastest
      const double period = draws.uniform(0.15, 0.26);
      return observe(nightly_times(120, 400, 0.3, draws), period, 0.1, 0.01, binary(0.45, 0.06, 1, 1), draws);
    }
    case 8: {  // one eclipse or two, near the depth of two equal stars
      const double depth = draws.uniform(0.5, 1.1), secondary = draws.uniform(0, 0.25);
      return eclipsing(120 + draws.below(100), 0.012, secondary, depth, 0.03, draws);
    }
    default: {  // eclipses in visits
      SimulatedStar star = eclipsing(100, 0.015, draws.uniform(), 0.5, 0.05, draws);
      const double offset = draws.uniform(0, 3);
      repeat_exposures(star, draws.log_uniform(0.002, 0.02), offset, draws);
      return star;
    }
  }
}

}  // namespace decision_cases

inline DecisionCase rare_case(std::uint64_t seed) {
  Draws draws(seed);
  return {.star = decision_cases::rare_star((seed - kFirstRareSeed) % 10, draws),
          .options = {.period_min = 0.06}};
}

/// From here on, seeds are of eccentric orbits: few eclipses, with a secondary near half a turn or near a
/// third.
inline constexpr std::uint64_t kFirstEccentricSeed = 2'000'000;

inline DecisionCase eccentric_case(std::uint64_t seed) {
  Draws draws(seed);
  const double apart = draws.uniform() < 0.5 ? draws.uniform(0.3, 0.36) : draws.uniform(0.44, 0.49);
  const double width = draws.log_uniform(0.008, 0.02), secondary = draws.uniform(0.3, 0.9);
  const Curve curve = [=](double p) { return dip(p, width) + secondary * dip(p - apart, width); };
  const double noise = draws.log_uniform(0.02, 0.15), period = draws.log_uniform(1, 6);
  return {.star = observe(nightly_times(60 + draws.below(120), 300, 0.3, draws), period, 0.5, noise, curve,
                          draws),
          .options = {.period_min = 0.1}};
}

/// From here on, seeds are of times in pieces, each on a grid of its own with gaps.
inline constexpr std::uint64_t kFirstPiecesSeed = 3'000'000;

inline DecisionCase pieces_case(std::uint64_t seed) {
  Draws draws(seed);
  const double share = draws.uniform(0.4, 0.9);
  std::vector<double> time;
  for (int piece = 0; piece < 5; ++piece) {
    const double start = 2457000 + 40 * piece + 0.1 * draws.uniform();
    for (int i = 0; i < 60; ++i) {
      if (draws.uniform() < share) time.push_back(start + 0.1 * i);
    }
  }
  return {.star = observe(time, draws.log_uniform(0.11, 1), 0.2, 0.05, pulsator, draws),
          .options = {.period_min = 0.1}};
}

/// One of as many cases as there are seeds.
inline DecisionCase decision_case(std::uint64_t seed) {
  if (seed >= kFirstPiecesSeed) return pieces_case(seed);
  if (seed >= kFirstEccentricSeed) return eccentric_case(seed);
  if (seed >= kFirstRareSeed) return rare_case(seed);
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
