// SPDX-License-Identifier: MIT
//
// Noise that lasts against a period, and what it does to the probability of the period.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include "features/red_noise.h"
#include "tests/features/simulated_star.h"

namespace astrom3 {
namespace {

using Observation = RedNoise::Observation;

/// log N(y; 0, C) of a mean and a height of the curve that maximise it, by Cholesky: the likelihood by its
/// definition.
double slow_log_likelihood(const std::vector<Observation>& o, bool is_least, double a2, double memory,
                           bool has_curve) {
  const std::size_t n = o.size();
  std::vector<std::vector<double>> L(n, std::vector<double>(n));
  double log_determinant = 0;
  std::array<std::vector<double>, 3> z{std::vector<double>(n), std::vector<double>(n),
                                       std::vector<double>(n)};
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k <= i; ++k) {
      L[i][k] = a2 > 0 ? a2 * std::exp(-std::fabs(o[i].time - o[k].time) / memory) : 0;
      if (i == k) L[i][k] += is_least ? o[i].least : o[i].variance;
      for (std::size_t m = 0; m < k; ++m) L[i][k] -= L[i][m] * L[k][m];
      L[i][k] = k < i ? L[i][k] / L[k][k] : std::sqrt(L[i][i]);
    }
    const std::array<double, 3> row{o[i].value, 1, o[i].curve};
    for (std::size_t c = 0; c < 3; ++c) {
      z[c][i] = row[c];
      for (std::size_t k = 0; k < i; ++k) z[c][i] -= L[i][k] * z[c][k];
      z[c][i] /= L[i][i];
    }
    log_determinant += 2 * std::log(L[i][i]);
  }
  const auto dot = [&](std::size_t a, std::size_t b) {
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) sum += z[a][i] * z[b][i];
    return sum;
  };
  double chi2 = dot(0, 0) - dot(0, 1) * dot(0, 1) / dot(1, 1);
  if (has_curve) {
    const double both = dot(0, 2) - dot(0, 1) * dot(1, 2) / dot(1, 1);
    chi2 -= both * both / (dot(2, 2) - dot(1, 2) * dot(1, 2) / dot(1, 1));
  }
  return -0.5 * (chi2 + log_determinant);
}

double log_mean_exp(const std::vector<double>& values) {
  double sum = 0;
  for (const double v : values) sum += std::exp(v - values[0]);
  return values[0] + std::log(sum / static_cast<double>(values.size()));
}

TEST(RedNoise, IsTheRatioOfTheLikelihoodsOfItsModel) {
  constexpr double kSpan = 40;
  Draws draws(1);
  std::vector<Observation> observations;
  double time = 0;
  for (int i = 0; i < 60; ++i) {
    time += draws.log_uniform(0.01, 1.5);
    observations.push_back({time, draws.normal(), std::sin(time), draws.uniform(0.1, 0.5), 0.02});
  }
  std::vector<double> without, with;
  const auto add = [&](bool is_least, double a2, double memory) {
    without.push_back(slow_log_likelihood(observations, is_least, a2, memory, false));
    with.push_back(slow_log_likelihood(observations, is_least, a2, memory, true));
  };
  add(false, 0, 1);
  for (int m = 0; m < 7; ++m) {
    for (const double a2 : {0.05, 0.2, 0.8}) {
      const double memory = 0.02 * std::pow(kSpan / 0.02, m / 6.0);
      add(false, a2, memory);
      add(true, a2, memory);
    }
  }
  RedNoise noise(kSpan);
  noise.add(observations);
  EXPECT_NEAR(noise.gain(), log_mean_exp(with) - log_mean_exp(without), 1e-8);
}

TEST(RedNoise, OfAWalkExplainsItAndAWaveIsNotExplained) {
  Draws draws(2);
  RedNoise of_walk(1000), of_wave(1000);
  std::vector<Observation> walk, wave;
  double level = 0;
  for (int i = 0; i < 500; ++i) {
    level = 0.98 * level + 0.2 * draws.normal();
    const double t = 2 * i + draws.uniform(), curve = std::sin(2 * std::numbers::pi * t / 300);
    walk.push_back({t, level + 0.1 * draws.normal(), curve, 0.5, 0.01});
    wave.push_back({t, curve + 0.1 * draws.normal(), curve, 0.01, 0.01});
  }
  of_walk.add(walk);
  of_wave.add(wave);
  EXPECT_LT(of_walk.gain(), 10);
  EXPECT_GT(of_wave.gain(), 50);
}

/// A damped random walk of 0.3 mag, seen in two months of each of three years.
SimulatedStar irregular(double memory, Draws& draws) {
  std::vector<double> time;
  for (int i = 0; i < 200; ++i) {
    time.push_back(2457000 + 365 * static_cast<double>(draws.below(3)) +
                   static_cast<double>(draws.below(60)) + 0.3 * draws.uniform());
  }
  std::sort(time.begin(), time.end());
  SimulatedStar star = observe(time, 1, 0, 0.03, sine, draws);
  double level = 0.3 * draws.normal(), before = time[0];
  for (std::size_t i = 0; i < time.size(); ++i) {
    const double keep = std::exp(-(time[i] - before) / memory);
    before = time[i];
    level = keep * level + 0.3 * std::sqrt(1 - keep * keep) * draws.normal();
    star.mag[i] += level;
  }
  return star;
}

TEST(PeriodDoubts, AnIrregularStarHasNoSurePeriod) {
  int n_sure = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    Draws draws(seed);
    const PeriodResult found = search(irregular(draws.log_uniform(2, 60), draws));
    n_sure += found.period_probability >= 0.9 && !found.flags.has(Flag::period_at_limit);
  }
  EXPECT_LE(n_sure, 1);
}

TEST(PeriodDoubts, AWaveOfFewCyclesIsSure) {
  int n_sure = 0;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    Draws draws(seed);
    const double period = draws.uniform(100, 300);
    const PeriodResult found =
        search(observe(nightly_times(300, 1500, 0.3, draws), period, 0.3, 0.02, sine, draws));
    n_sure += is_near(found.period, period, 0.05) && found.period_probability >= 0.9;
  }
  EXPECT_EQ(n_sure, 10);
}

TEST(PeriodDoubts, RowsInAnyOrderAreAsProbable) {
  Draws draws(7);
  const SimulatedStar star = irregular(20, draws);
  SimulatedStar reversed;
  reversed.time.assign(star.time.rbegin(), star.time.rend());
  reversed.mag.assign(star.mag.rbegin(), star.mag.rend());
  reversed.mag_err.assign(star.mag_err.rbegin(), star.mag_err.rend());
  EXPECT_NEAR(search(reversed).period_probability, search(star).period_probability, 1e-6);
}

TEST(FindPeriod, OfTwoModesIsNotDoubled) {
  int n_doubled = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Draws draws(seed);
    const double first = draws.uniform(0.33, 0.42);
    std::vector<double> time;
    for (int night = 0; night < 80; ++night) {
      if (draws.uniform() > 0.2) continue;
      for (int i = 0; i < 60; ++i) time.push_back(2457000 + night + 0.0037 * i);
    }
    SimulatedStar star = observe(time, first, 0.2, 0.01, sine, draws);
    for (std::size_t i = 0; i < time.size(); ++i)
      star.mag[i] += 0.12 * std::sin(2 * std::numbers::pi * (time[i] - 2457000) * 0.7445 / first + 1);
    n_doubled += search(star).doubled;
  }
  EXPECT_LE(n_doubled, 2);
}

TEST(FindPeriod, OfEccentricOrbitsIsTheOrbit) {
  int n_right = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Draws draws(seed);
    const double period = draws.uniform(2, 6), apart = draws.uniform(0.3, 0.42);
    const Curve curve = [&](double p) { return dip(p, 0.012) + 0.6 * dip(p - apart, 0.012); };
    const PeriodResult found =
        search(observe(nightly_times(400, 1000, 0.3, draws), period, 0.5, 0.02, curve, draws));
    n_right += is_near(found.period, period);
  }
  EXPECT_GE(n_right, 18);
}

}  // namespace
}  // namespace astrom3
