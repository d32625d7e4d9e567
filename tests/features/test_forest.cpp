// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <numbers>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "features/forest.h"
#include "features/lafler_kinman.h"
#include "features/rfr_score.h"

namespace astrom3 {
namespace {

FoldedLightCurve noisy_sine(std::size_t n, double noise, std::uint64_t seed) {
  std::mt19937_64 rng(seed);
  std::uniform_real_distribution<double> uniform(0, 1);
  std::normal_distribution<double> normal(0, noise);
  FoldedLightCurve folded;
  for (std::size_t i = 0; i < n; ++i) folded.phase.push_back(uniform(rng));
  std::sort(folded.phase.begin(), folded.phase.end());
  for (const double p : folded.phase)
    folded.mag.push_back(15 + 0.3 * std::sin(2 * std::numbers::pi * p) + normal(rng));
  return folded;
}

TEST(Forest, PredictsAConstantExactly) {
  std::vector<double> prediction;
  forest_predict(std::vector<double>{0.1, 0.2, 0.3, 0.9}, std::vector<double>(4, 17.25), {}, prediction);
  EXPECT_EQ(prediction, std::vector<double>(4, 17.25));
}

TEST(Forest, SeparatesTwoLevels) {
  std::vector<double> phase, mag, prediction;
  for (int i = 0; i < 100; ++i) phase.push_back(i / 100.0), mag.push_back(i < 50 ? 10 : 12);
  forest_predict(phase, mag, {}, prediction);
  for (int i = 0; i < 100; ++i) {
    // A tree's split lies between the observations it drew: only the border itself may blur.
    if (i >= 45 && i <= 54) continue;
    const auto at = static_cast<std::size_t>(i);
    EXPECT_NEAR(prediction[at], mag[at], 1e-12) << i;
  }
}

TEST(Forest, NeverSplitsEqualPhases) {
  const std::vector<double> phase{0.3, 0.3, 0.3, 0.3}, mag{1, 2, 3, 4};
  std::vector<double> prediction;
  forest_predict(phase, mag, {}, prediction);
  for (const double p : prediction) EXPECT_EQ(p, prediction[0]);
}

TEST(Forest, IsTheSameOnEveryCall) {
  const FoldedLightCurve folded = noisy_sine(120, 0.1, 5);
  std::vector<double> a, b;
  forest_predict(folded.phase, folded.mag, {}, a);
  forest_predict(folded.phase, folded.mag, {}, b);
  EXPECT_EQ(a, b);
}

TEST(Forest, SmallInputsHaveAnAnswer) {
  EXPECT_EQ(rfr_score_from_forest({}), 0);
  EXPECT_EQ(rfr_score_from_forest({{0.5}, {3}}), 0);
  EXPECT_EQ(rfr_score_from_forest({{0.1, 0.5, 0.6}, {3, 3, 3}}), 0);
  const double two = rfr_score_from_forest({{0.1, 0.5}, {3, 4}});
  EXPECT_TRUE(std::isfinite(two) && two <= 1);
}

// The relation that the ASAS-SN catalogue's scores follow; leaf 1 would give 0.20, leaf 3 0.62.
TEST(RfrScore, InSampleForestWithLeafTwoFollowsTheStringLength) {
  for (const std::size_t n : {100u, 300u}) {
    std::vector<double> ratios;
    for (std::uint64_t seed = 0; seed < 15; ++seed) {
      const FoldedLightCurve folded = noisy_sine(n, 0.06 + 0.01 * static_cast<double>(seed), seed);
      double T = 0;
      ASSERT_EQ(lafler_kinman(folded.mag, T), Status::ok);
      if (T > 0.08) ratios.push_back((1 - rfr_score_from_forest(folded)) / T);
    }
    ASSERT_GE(ratios.size(), 7u);
    std::nth_element(ratios.begin(), ratios.begin() + static_cast<std::ptrdiff_t>(ratios.size() / 2),
                     ratios.end());
    const double median = ratios[ratios.size() / 2];
    EXPECT_GT(median, 0.46) << n;
    EXPECT_LT(median, 0.52) << n;
  }
}

TEST(RfrScore, TheLineReproducesTheCatalogue) {
  std::ifstream file(std::string(ASTROM3_SHARED_DIR) + "/data/asassn_catalog_rows.csv");
  if (!file) GTEST_SKIP() << "asassn_catalog_rows.csv is not beside the checkout";
  std::string line;
  std::getline(file, line);
  double sum = 0;
  int rows = 0;
  for (; std::getline(file, line); ++rows) {
    std::array<std::string, 5> cells;
    std::istringstream stream(line);
    for (std::string& cell : cells) std::getline(stream, cell, ',');
    const double error = rfr_score_from_lksl(std::stod(cells[3])) - std::stod(cells[4]);
    sum += error * error;
  }
  EXPECT_EQ(rows, 36);
  EXPECT_LT(std::sqrt(sum / rows), 0.01);
}

// Rows of the published ASAS-SN catalogue, rounded to two decimals there.
TEST(RfrScore, TheLineGivesPublishedScoresToTheirRounding) {
  EXPECT_NEAR(rfr_score_from_lksl(0.03), 0.98, 0.011);
  EXPECT_NEAR(rfr_score_from_lksl(0.48), 0.75, 0.011);
  EXPECT_NEAR(rfr_score_from_lksl(0.99), 0.48, 0.022);
}

}  // namespace
}  // namespace astrom3
