// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>
#include <vector>

#include "features/fold.h"
#include "features/lafler_kinman.h"

namespace astrom3 {
namespace {

double string_length(const std::vector<double>& mag) {
  double T = -1;
  EXPECT_EQ(lafler_kinman(mag, T), Status::ok);
  return T;
}

TEST(LaflerKinman, LinearRampHasItsClosedForm) {
  // Steps: N-1 of 1 and the closing one of N-1; variance N (N^2 - 1) / 12.
  for (const int n : {2, 3, 10, 200}) {
    std::vector<double> mag;
    for (int i = 0; i < n; ++i) mag.push_back(15 + i);
    const double N = n;
    const double expected = ((N - 1) + (N - 1) * (N - 1)) / (N * (N * N - 1) / 12) * (N - 1) / (2 * N);
    EXPECT_NEAR(string_length(mag), expected, 1e-12 * expected) << n;
  }
}

TEST(LaflerKinman, SineWaveHasItsClosedForm) {
  // Over equal phases: sum (step)^2 = 2 N sin^2(pi/N), variance N/2.
  const int n = 100;
  std::vector<double> mag;
  for (int i = 0; i < n; ++i) mag.push_back(12 + 0.3 * std::sin(2 * std::numbers::pi * i / n));
  const double s = std::sin(std::numbers::pi / n);
  EXPECT_NEAR(string_length(mag), 4 * s * s * (n - 1) / (2.0 * n), 1e-12);
}

TEST(LaflerKinman, NoiseIsAboutOne) {
  std::mt19937_64 rng(7);
  std::normal_distribution<double> normal(14, 0.1);
  std::vector<double> mag(20000);
  for (double& m : mag) m = normal(rng);
  EXPECT_NEAR(string_length(mag), 1, 0.04);  // the standard deviation is about 1 / sqrt(N)
}

TEST(LaflerKinman, DoesNotChangeUnderShiftAndScale) {
  const std::vector<double> mag{3, 1, 4, 1, 5, 9, 2, 6};
  std::vector<double> other = mag;
  for (double& m : other) m = 100 - 0.25 * m;
  EXPECT_NEAR(string_length(other), string_length(mag), 1e-12);
}

TEST(LaflerKinman, TooFewOrEqualMagnitudesHaveAStatusAndLeaveTheResultAlone) {
  double T = 42;
  EXPECT_EQ(lafler_kinman(std::vector<double>{}, T), Status::too_few_points);
  EXPECT_EQ(lafler_kinman(std::vector<double>{1}, T), Status::too_few_points);
  EXPECT_EQ(lafler_kinman(std::vector<double>(7, 0.1), T), Status::mad_zero);
  EXPECT_EQ(T, 42);
}

TEST(Fold, OrdersByPhaseAlsoBeforeTheEpochAndWithTies) {
  const std::vector<double> time{10.0, 10.7, 11.4, 9.9, 12.0}, mag{0, 1, 2, 3, 4};
  FoldedLightCurve folded;
  fold(time, mag, 1.0, folded);
  EXPECT_EQ(folded.mag, (std::vector<double>{0, 4, 2, 1, 3}));
  EXPECT_TRUE(std::is_sorted(folded.phase.begin(), folded.phase.end()));
  for (const double p : folded.phase) EXPECT_TRUE(p >= 0 && p < 1);
}

TEST(Fold, KeepsItsDigitsAtFullJulianDates) {
  // 2.457e6 / 0.05 is 5e7 cycles; without the subtraction a phase would be good to 1e-8 only.
  FoldedLightCurve folded;
  fold(std::vector<double>{2457000.0, 2457000.0 + 0.0625}, std::vector<double>{0, 1}, 0.25, folded);
  EXPECT_EQ(folded.phase[1], 0.25);
}

}  // namespace
}  // namespace astrom3
