// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "training/copies.h"

namespace astrom3::training {
namespace {

LightCurve uneven(std::size_t n) {
  LightCurve curve;
  Random random(5);
  double t = 100;
  for (std::size_t i = 0; i < n; ++i) {
    t += 0.1 + random.uniform();
    curve.time.push_back(t);
    curve.flux.push_back(50 + random.normal());
    curve.flux_err.push_back(0.5);
  }
  return curve;
}

constexpr Copies kNothing{.n = 1, .drop = 0, .span = 1, .noise = 0, .outliers = 0, .period = 0};

LightCurve copy_of(const LightCurve& curve, const Copies& copies, std::uint64_t seed) {
  Random random(seed);
  return disturb(curve, copies, random);
}

/// `check` of 200 copies, each of numbers of its own.
template <typename Check>
void of_many(const LightCurve& curve, const Copies& copies, const Check& check) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) check(copy_of(curve, copies, seed));
}

TEST(Disturb, ChangesNothingWhereEveryStrengthIsZero) {
  const LightCurve curve = uneven(60);
  of_many(curve, kNothing, [&](const LightCurve& copy) {
    ASSERT_EQ(copy.time, curve.time);
    ASSERT_EQ(copy.flux, curve.flux);
    ASSERT_EQ(copy.flux_err, curve.flux_err);
  });
}

TEST(Disturb, ThinsInTimesOrderAndNeverBelowTenObservations) {
  const LightCurve curve = uneven(300);
  Copies copies = kNothing;
  copies.drop = 0.9;
  std::size_t fewest = 300, most = 0;
  of_many(curve, copies, [&](const LightCurve& copy) {
    ASSERT_TRUE(std::is_sorted(copy.time.begin(), copy.time.end()));
    ASSERT_TRUE(std::includes(curve.time.begin(), curve.time.end(), copy.time.begin(), copy.time.end()));
    ASSERT_GE(copy.size(), 10u);
    fewest = std::min(fewest, copy.size());
    most = std::max(most, copy.size());
  });
  EXPECT_LT(fewest, 60u);
  EXPECT_GT(most, 250u);
  const LightCurve short_one = uneven(8);
  of_many(short_one, copies, [&](const LightCurve& copy) { ASSERT_EQ(copy.time, short_one.time); });
}

TEST(Disturb, EverySecondCopyIsAStretchOfTime) {
  const LightCurve curve = uneven(300);
  Copies copies = kNothing;
  copies.span = 0.3;
  const double all = curve.time.back() - curve.time.front();
  std::size_t n_whole = 0;
  of_many(curve, copies, [&](const LightCurve& copy) {
    const double span = copy.time.back() - copy.time.front();
    ASSERT_GT(span, 0.28 * all);  // less the gaps at both ends
    const auto first = std::find(curve.time.begin(), curve.time.end(), copy.time.front());
    ASSERT_TRUE(std::equal(copy.time.begin(), copy.time.end(), first));  // nothing is missing within
    n_whole += copy.size() == curve.size() ? 1u : 0u;
  });
  EXPECT_NEAR(static_cast<double>(n_whole), 100, 40);
}

TEST(Disturb, NoiseIsInFluxAndErrorAlike) {
  const LightCurve curve = uneven(2000);  // the MAD of a normal of deviation 1 is 0.6745
  Copies copies = kNothing;
  copies.noise = 0.5;
  double largest = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const LightCurve copy = copy_of(curve, copies, seed);
    double square = 0;
    for (std::size_t i = 0; i < 2000; ++i) square += std::pow(copy.flux[i] - curve.flux[i], 2);
    const double noise = std::sqrt(square / 2000);
    for (const double error : copy.flux_err)
      ASSERT_NEAR(error, std::hypot(0.5, noise), 0.1 * noise + 1e-12);  // noise to 5 sigma of 2000 normals
    largest = std::max(largest, noise);
  }
  EXPECT_GT(largest, 0.2);
  EXPECT_LT(largest, 0.37);
}

TEST(Disturb, OutliersAreFewAndFarOff) {
  const LightCurve curve = uneven(1000);
  Copies copies = kNothing;
  copies.outliers = 0.1;
  std::size_t most = 0, above = 0, all = 0;
  of_many(curve, copies, [&](const LightCurve& copy) {
    std::size_t n = 0;
    for (std::size_t i = 0; i < 1000; ++i) {
      const double off = std::abs(copy.flux[i] - curve.flux[i]);
      if (off == 0) continue;
      ++n;
      above += copy.flux[i] > curve.flux[i] ? 1u : 0u;
      ASSERT_GT(off, 3 * 0.6);
      ASSERT_LT(off, 10 * 0.75);
    }
    most = std::max(most, n);
    all += n;
  });
  EXPECT_GT(most, 80u);
  EXPECT_LT(most, 150u);
  EXPECT_NEAR(static_cast<double>(above) / static_cast<double>(all), 0.5, 0.03);
}

TEST(Disturb, DependsOnSeedObjectAndCopyAlone) {
  const LightCurve curve = uneven(100);
  const Copies copies{.n = 2};
  const auto draw = [&](std::uint64_t seed, const char* id, std::size_t copy) {
    Random random = copy_random(seed, id, copy);
    return disturb(curve, copies, random).flux;
  };
  EXPECT_EQ(draw(1, "a", 0), draw(1, "a", 0));
  EXPECT_NE(draw(1, "a", 0), draw(2, "a", 0));
  EXPECT_NE(draw(1, "a", 0), draw(1, "b", 0));
  EXPECT_NE(draw(1, "a", 0), draw(1, "a", 1));
}

TEST(WrongPeriod, IsDoubledHalvedOrAnAliasOfOneDay) {
  std::set<double> found;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Random random(seed);
    found.insert(wrong_period(0.5, random));
  }
  EXPECT_EQ(found, (std::set<double>{1, 0.25, 1 / 3.0}));  // 1 / (2 - 1) is 1, too
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Random random(seed);
    ASSERT_LE(wrong_period(1, random), 1000);  // the alias of one day itself has no end
  }
}

}  // namespace
}  // namespace astrom3::training
