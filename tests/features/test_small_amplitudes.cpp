// SPDX-License-Identifier: MIT
//
// Stars of any amplitude: the search scales with the star.
#include <gtest/gtest.h>

#include "tests/features/simulated_star.h"

namespace astrom3 {
namespace {

SimulatedStar times(SimulatedStar star, double factor) {
  for (double& m : star.mag) m *= factor;
  for (double& e : star.mag_err) e *= factor;
  return star;
}

std::vector<SimulatedStar> stars_of_every_shape() {
  std::vector<SimulatedStar> stars;
  const std::vector<std::pair<Curve, double>> shapes{{sine, 4.75},
                                                     {pulsator, 0.537},
                                                     {binary(0.12, 0.06, 0.3, 0.22), 0.41},
                                                     {binary(0, 0.01, 0.5, 0.4), 2.37}};
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    for (const auto& [curve, period] : shapes) {
      Draws draws(seed);
      stars.push_back(observe(nightly_times(150, 800, 0.3, draws), period, 0.2, 0.02, curve, draws));
    }
  }
  return stars;
}

TEST(SmallAmplitudes, OfAPowerOfTwoGiveTheSameBits) {
  for (const SimulatedStar& star : stars_of_every_shape()) {
    const PeriodResult expected = search(star);
    for (const double factor : {0x1p-12, 0x1p-5, 0.5, 2.0}) {
      const PeriodResult found = search(times(star, factor));
      EXPECT_EQ(found.period, expected.period) << factor;
      EXPECT_EQ(found.power, expected.power);
      EXPECT_EQ(found.period_probability, expected.period_probability);
      EXPECT_EQ(found.flags, expected.flags);
    }
  }
}

TEST(SmallAmplitudes, OfAnyFactorGiveTheSamePeriod) {
  for (const SimulatedStar& star : stars_of_every_shape()) {
    const PeriodResult expected = search(star);
    for (const double factor : {1e-9, 3.3e-4, 0.017, 1.0 / 3, 1.7})
      EXPECT_TRUE(is_near(search(times(star, factor)).period, expected.period, 1e-9)) << factor;
    // The same in flux: magnitudes that differ by a constant.
    for (const double brighter : {-25.0, 3.0, 17.5}) {
      SimulatedStar other = star;
      for (double& m : other.mag) m += brighter;
      EXPECT_TRUE(is_near(search(other).period, expected.period, 1e-9)) << brighter;
    }
  }
}

TEST(SmallAmplitudes, OfLessThanAMillimagnitudeAreFound) {
  int right = 0, n = 0;
  for (const double amplitude : {1e-4, 5e-4, 0.01}) {
    for (const double to_noise : {1.0, 10.0}) {
      for (const double period : {0.083, 0.61, 4.75, 9.0}) {
        Draws draws(static_cast<std::uint64_t>(++n));
        const SimulatedStar star = observe(regular_times(900, 1000, 1 / 48.0, draws), period, amplitude,
                                           amplitude / to_noise, sine, draws);
        const PeriodResult found = search(star);
        right += is_near(found.period, period, 0.03);
        EXPECT_LT(found.false_alarm_probability, 1e-10);
      }
    }
  }
  EXPECT_EQ(right, n);
}

// The relative accuracy of the observations is what errors tell; their unit may be wrong.
TEST(SmallAmplitudes, AreFoundWhateverTheSizeOfTheErrors) {
  for (const double wrong_by : {0.0, 1e-6, 0.1, 30.0, 1e6, 1e200}) {
    int right = 0;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      Draws draws(seed);
      SimulatedStar star = observe(nightly_times(200, 800, 0.3, draws), 0.537, 0.01, 0.002, pulsator, draws);
      for (double& e : star.mag_err) e *= wrong_by;
      right += is_near(search(star).period, 0.537);
    }
    EXPECT_EQ(right, 10) << wrong_by;
  }
}

TEST(SmallAmplitudes, KeepTheirPeriodBesideOneErrorOfZero) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Draws draws(seed);
    SimulatedStar star = observe(nightly_times(100, 800, 0.3, draws), 0.537, 0.01, 0.02, pulsator, draws);
    const double period = search(star).period;
    star.mag_err[seed] = 0;
    EXPECT_TRUE(is_near(search(star).period, period, 1e-4));
  }
}

}  // namespace
}  // namespace astrom3
