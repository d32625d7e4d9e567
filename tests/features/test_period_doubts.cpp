// SPDX-License-Identifier: MIT
//
// Wrong periods that look right: chance eclipses, noise that lasts, aliases of an eclipsing binary.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <vector>

#include "astrom3/kernels/isa.h"
#include "features/correlation.h"
#include "features/eclipse_evidence.h"
#include "features/eclipse_scan.h"
#include "kernels/dispatch.h"
#include "kernels/periodogram.h"
#include "tests/features/simulated_star.h"

namespace astrom3 {
namespace {

bool is_sure(const PeriodResult& found) {
  return found.period_probability >= 0.9 && !found.flags.has(Flag::uncertain_period);
}

/// Every `one_in`-th magnitude, by chance, is fainter by up to `depth`.
void add_faint_outliers(SimulatedStar& star, std::size_t one_in, double depth, Draws& draws) {
  for (double& m : star.mag) {
    if (draws.below(one_in) == 0) m += depth * draws.uniform(0.3, 1);
  }
}

TEST(PeriodDoubts, FaintOutliersAreNoSureEclipses) {
  int n_sure = 0;
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    Draws draws(seed);
    SimulatedStar star = observe(nightly_times(200, 1000, 0.3, draws), 1, 0, 0.02, sine, draws);
    add_faint_outliers(star, 30, 0.6, draws);
    n_sure += is_sure(search(star));
  }
  EXPECT_LE(n_sure, 3);  // a tenth
}

TEST(PeriodDoubts, FaintOutliersDoNotHideAWaveThatIsSignificant) {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    Draws draws(seed);
    SimulatedStar star = observe(nightly_times(250, 1000, 0.3, draws), 0.1437, 0.03, 0.01, sine, draws);
    add_faint_outliers(star, 40, 0.25, draws);
    EXPECT_NEAR(search(star).period, 0.1437, 0.0002) << seed;
  }
}

TEST(PeriodDoubts, AFewObservationsInEclipseAreNotSure) {
  int n_sure = 0, n_wrong = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    Draws draws(seed);
    const double period = draws.uniform(1.5, 4);
    const PeriodResult found = search(
        observe(nightly_times(100, 1000, 0.3, draws), period, 0.5, 0.02, binary(0, 0.012, 1, 0.2), draws));
    n_sure += is_sure(found);
    n_wrong += is_sure(found) && !is_near(found.period, period);
  }
  EXPECT_LE(n_wrong, 1 + n_sure / 10);
}

TEST(PeriodDoubts, ManyEclipsesAreSure) {
  int n_sure = 0;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    Draws draws(seed);
    const SimulatedStar star = observe(nightly_times(300, 1000, 0.3, draws), draws.uniform(1.5, 4), 0.5, 0.01,
                                       binary(0, 0.015, 1, 0.4), draws);
    n_sure += is_sure(search(star));
  }
  EXPECT_GE(n_sure, 9);
}

TEST(PeriodDoubts, ExposuresOfOneVisitShareTheirNoise) {
  int n_wrong = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Draws draws(seed);
    SimulatedStar star;
    for (int night = 0; night < 90; ++night) {
      const double start = 2457000 + 3 * night + 0.06 * draws.normal(), offset = 0.02 * draws.normal();
      for (int i = 0; i < 8; ++i) {
        star.time.push_back(start + i * 4.4e-4);
        star.mag.push_back(15 + offset + 0.004 * draws.normal());
        star.mag_err.push_back(0.004);
      }
    }
    n_wrong += is_sure(search(star));
  }
  EXPECT_LE(n_wrong, 1);
}

TEST(PeriodDoubts, NoContactBinaryIsFasterThanAFifthOfADay) {
  for (const double orbit : {0.16, 0.3}) {
    Draws draws(3);
    const PeriodResult found = search(
        observe(nightly_times(200, 600, 0.3, draws), orbit, 0.1, 0.005, binary(0.45, 0.06, 1, 1), draws));
    EXPECT_EQ(found.doubled, orbit > 0.2);
    EXPECT_NEAR(found.period, orbit > 0.2 ? orbit : orbit / 2, 1e-4);
  }
}

TEST(Correlation, OfIndependentValuesIsOneAndOfRepeatedOnesTheirNumber) {
  Draws draws(1);
  std::vector<double> time, value, repeated_time, repeated;
  for (int i = 0; i < 400; ++i) {
    time.push_back(i + 0.1 * draws.uniform());
    value.push_back(draws.normal());
    for (int k = 0; k < 4; ++k) {
      repeated_time.push_back(time.back() + 1e-4 * k);
      repeated.push_back(value.back());
    }
  }
  EXPECT_NEAR(correlation_at(0.01, time, value), 1, 0.25);
  // 1 + 2 (3/4 + 2/4 + 1/4), to the noise of the correlation between visits.
  EXPECT_NEAR(correlation_at(0.01, repeated_time, repeated), 4, 0.5);
}

TEST(Correlation, OfNoiseThatLastsLongerThanAPeriodDoesNotCountAgainstIt) {
  Draws draws(2);
  std::vector<double> time, value;
  double level = 0;
  for (int i = 0; i < 1000; ++i) {
    level = 0.95 * level + draws.normal();
    time.push_back(i);
    value.push_back(level);
  }
  // The spectrum of a first-order process: (1 - r^2) / (1 - 2 r cos + r^2).
  EXPECT_GT(correlation_at(0.001, time, value), 15);
  EXPECT_LT(correlation_at(0.2, time, value), 2);
}

TEST(EclipseEvidence, DepthsAreThoseOfTheStar) {
  Draws draws(4);
  Band band;
  for (int i = 0; i < 400; ++i) {
    const double t = draws.uniform(-300, 300), x = t / 2.3;
    band.time.push_back(t);
    band.mag.push_back(0.6 * dip(x, 0.01) + 0.2 * dip(x - 0.5, 0.01) + 0.01 * draws.normal());
    band.mag_err.push_back(0.01);
  }
  EclipseEvidence evidence(band, 0.01, 0.6, kernels::periodogram_kernels(default_isa()));
  const EclipseEvidence::Depths depths = evidence.depths({1 / 2.3, 0, 0.01});
  EXPECT_NEAR(depths.primary, 0.6, 0.02);
  EXPECT_NEAR(depths.secondary, 0.2, 0.02);
  EXPECT_NEAR(depths.log_positive, 2 * std::log(2), 1e-6);  // both are positive beyond doubt
  EXPECT_GT(evidence.over_chance({1 / 2.3, 0, 0.01}), 50);
  EXPECT_LT(evidence.over_chance({1 / 1.7, 0, 0.01}), 5);
}

TEST(SelectDips, TakesOneOfEachVisit) {
  Draws draws(5);
  Band band;
  for (int visit = 0; visit < 60; ++visit) {
    for (int i = 0; i < 5; ++i) {
      band.time.push_back(visit + 0.001 * i);
      band.mag.push_back((visit % 12 == 0 ? 1 : 0) + 0.01 * draws.normal());
      band.mag_err.push_back(0.01);
    }
  }
  const Dips dips = select_dips(band);
  EXPECT_EQ(dips.count, 25u);
  EXPECT_EQ(dips.index.size(), 5u);
}

}  // namespace
}  // namespace astrom3
