// SPDX-License-Identifier: MIT
//
// Times on a regular grid, on which a frequency and its images are one function.
#include <gtest/gtest.h>

#include "features/sampling.h"
#include "kernels/dispatch.h"
#include "tests/features/simulated_star.h"

namespace astrom3 {
namespace {

/// The grid found in `time`, whose magnitudes do not matter.
Sampling sampling_of(const std::vector<double>& time, double highest = 20) {
  Draws draws(1);
  const SimulatedStar observed = observe(time, 7, 0.1, 0.1, sine, draws);
  Star star;
  EXPECT_EQ(make_star(observed.time, observed.mag, observed.mag_err, {}, 0, star), Status::ok);
  return find_sampling(star, highest, kernels::periodogram_kernels(default_isa()));
}

TEST(Sampling, OfDaysHoursAndBinsIsTheirStep) {
  Draws draws(3);
  for (const double step : {0.1, 1 / 24.0, 1.0, 2.0, 10.0}) {
    const Sampling found = sampling_of(regular_times(150, 500, step, draws));
    EXPECT_TRUE(found.is_exact()) << step;
    EXPECT_NEAR(found.frequency * step, 1, 1e-9);
  }
}

TEST(Sampling, IsTheCommonDivisorOfTheSteps) {
  std::vector<double> time;
  for (int i = 0; i < 60; ++i) time.push_back(2457000 + (i % 2 == 0 ? 5 * (i / 2) : 5 * (i / 2) + 2));
  EXPECT_NEAR(sampling_of(time).frequency, 1, 1e-9);  // steps of two and of three days
}

TEST(Sampling, OfAFewRepeatedObservationsIsThatOfTheOthers) {
  Draws draws(3);
  std::vector<double> time = regular_times(300, 900, 1, draws);
  time.push_back(time.back() + 0.01);
  const Sampling found = sampling_of(time);
  EXPECT_NEAR(found.frequency, 1, 1e-6);
  EXPECT_FALSE(found.window == 1);
}

TEST(Sampling, IsNoneWhereObservationsAreFasterOrIrregular) {
  Draws draws(3);
  EXPECT_FALSE(sampling_of(regular_times(900, 1000, 1 / 48.0, draws)).is_regular());  // beyond 2 * 20 a day
  EXPECT_TRUE(sampling_of(regular_times(900, 1000, 1 / 48.0, draws), 40).is_exact());
  EXPECT_FALSE(sampling_of(nightly_times(200, 900, 0.3, draws)).is_regular());
  std::vector<double> jittered = regular_times(200, 900, 1, draws);
  for (double& t : jittered) t += 0.005 * draws.normal();
  EXPECT_TRUE(sampling_of(jittered).is_regular());
  EXPECT_FALSE(sampling_of(jittered).is_exact());
  for (double& t : jittered) t += 0.1 * draws.normal();
  EXPECT_FALSE(sampling_of(jittered).is_regular());
}

TEST(Sampling, NeedsFourStepsAndAtMostSixtyFourBetweenNeighbours) {
  std::vector<double> time;
  for (const double day : {0.0, 1.0, 3.0, 4.0, 7.0}) time.push_back(2457000 + day);
  EXPECT_TRUE(sampling_of(time).is_exact());
  time.pop_back();
  EXPECT_FALSE(sampling_of(time).is_regular());
  for (const int shortest : {63, 65}) {  // hours
    Draws draws(1);
    time = {2457000};
    for (int i = 0; i < 100; ++i)
      time.push_back(time.back() + (draws.uniform() < 0.5 ? shortest : 89) / 24.0);
    EXPECT_EQ(sampling_of(time).is_exact(), shortest == 63) << shortest;
  }
}

TEST(Sampling, ImagesAreTheDistancesToTheNearestMultiple) {
  const Sampling days{.frequency = 1, .window = 1};
  EXPECT_NEAR(days.lowest_image(0.9), 0.1, 1e-12);
  EXPECT_NEAR(days.lowest_image(17.25), 0.25, 1e-12);
  EXPECT_NEAR(days.lowest_image(0.3), 0.3, 1e-12);
}

TEST(FindPeriod, OnARegularGridIsTheLongestThatFits) {
  struct Grid {
    double step, jitter, shortest, longest;
  };
  for (const auto& [step, jitter, shortest, longest] :
       {Grid{1, 0, 2.3, 300}, Grid{1, 0.002, 2.3, 300}, Grid{1, 0.01, 5, 300}, Grid{1, 0.03, 5, 300},
        Grid{2, 0, 4.6, 500}, Grid{1 / 24.0, 0, 0.1, 9}, Grid{10, 0, 25, 2000}}) {
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
      Draws draws(seed);
      std::vector<double> time = regular_times(200, 700, step, draws);
      for (double& t : time) t += jitter * draws.normal();
      const double period = draws.log_uniform(shortest, longest);
      const PeriodResult found = search(observe(time, period, 0.3, 0.04, sine, draws));
      EXPECT_TRUE(is_near(found.period, period, 0.05))
          << step << ' ' << jitter << ' ' << seed << ' ' << period;
      const bool has_image = 1 / step - 1 / period < 20;
      if (jitter == 0) {
        EXPECT_EQ(found.flags.has(Flag::sampling_alias), has_image) << step << ' ' << period;
      }
    }
  }
}

TEST(FindPeriod, OfBandsOnGridsOfTheirOwnIsTheLongestThatFitsToo) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    Draws draws(seed);
    const double period = draws.log_uniform(2.3, 200);
    SimulatedStar star = observe(regular_times(100, 500, 1, draws), period, 0.3, 0.03, sine, draws);
    SimulatedStar other = observe(regular_times(100, 500, 1, draws), period, 0.2, 0.03, sine, draws);
    star.band.assign(star.time.size(), 0);
    for (std::size_t i = 0; i < other.time.size(); ++i) {
      star.time.push_back(other.time[i] + 0.013);
      star.mag.push_back(other.mag[i]);
      star.mag_err.push_back(other.mag_err[i]);
      star.band.push_back(1);
    }
    const PeriodResult found = search(star);
    EXPECT_TRUE(is_near(found.period, period, 0.05)) << period << ' ' << found.period;
    EXPECT_TRUE(found.flags.has(Flag::sampling_alias));
  }
}

// Sloan's nights: the same hours every night, but not the same minutes.
TEST(FindPeriod, OfNightsOfAFewHoursKeepsShortPeriods) {
  int right = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Draws draws(seed);
    const double period = draws.uniform(0.4, 0.8);
    right += is_near(
        search(observe(nightly_times(60, 1500, 0.1, draws), period, 0.3, 0.02, pulsator, draws)).period,
        period);
  }
  EXPECT_GE(right, 19);
}

TEST(FindPeriod, AboveTheLimitOfPiecesOnGridsOfTheirOwnIsAnAlias) {
  int n_short = 0;
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    Draws draws(seed);
    std::vector<double> time;
    for (const double start : {0.0, 60.31, 735.17}) {
      for (int i = 0; i < 300; ++i) time.push_back(2457000 + start + i / 12.0);
    }
    const double period = draws.uniform(0.06, 0.3);
    const PeriodResult found = search(observe(time, period, 0.2, 0.05, pulsator, draws));
    n_short += found.period < 1 / 6.0;  // the limit of two hours
    EXPECT_EQ(found.flags.has(Flag::sampling_alias), found.period < 1 / 6.0) << found.period;
  }
  EXPECT_GT(n_short, 0);
}

}  // namespace
}  // namespace astrom3
