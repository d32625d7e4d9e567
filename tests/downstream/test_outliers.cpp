// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/downstream/outliers.h"
#include "tests/downstream/downstream_rows.h"

namespace astrom3 {
namespace {

TEST(Outliers, DistanceToACentroidIsThatOfAnglesInAPlane) {
  // Class 0 points along x with one at 60 degrees; class 1 along y. Lengths do not matter.
  const double s = std::sqrt(3.0) / 2;
  const std::vector<float> rows{3, 0, 1, 0, 0.5f, static_cast<float>(s), 0, 2, 0, 7};
  const std::vector<std::int32_t> classes{0, 0, 0, 1, -1};
  const ClassDistances found = measure_class_distances(rows, 2, classes, 2);
  const double angle = std::atan2(s, 2.5);  // of (1 + 1 + 1/2, s)
  EXPECT_NEAR(found.own[0], 1 - std::cos(angle), 1e-7);
  EXPECT_NEAR(found.own[2], 1 - std::cos(M_PI / 3 - angle), 1e-7);
  EXPECT_NEAR(found.relative[0], 1, 1e-12);
  EXPECT_NEAR(found.relative[2], found.own[2] / found.own[0], 1e-12);
  EXPECT_NEAR(found.own[3], 0, 1e-12);
  EXPECT_TRUE(std::isnan(found.own[4]));
  EXPECT_EQ(found.nearest[4], 1);
  EXPECT_EQ(found.nearest[2], 1);  // 30 degrees from y, 41 from the centroid of its own class
}

TEST(Outliers, LocalOutlierFactorIsScikitLearns) {
  // tests/golden/downstream/make.py, scikit-learn 1.9.1
  const double expected[] = {1.02029130007, 1.01263244244, 0.995091382078,
                             1.02802678769, 1.0249826391,  1.01163609281};
  const NeighbourScores scores = score_by_neighbours(formula_rows(), kFormulaWidth, 7, 2);
  for (std::size_t i = 0; i < std::size(expected); ++i)
    EXPECT_NEAR(scores.local_outlier_factor[i], expected[i], 1e-10) << i;
}

TEST(Outliers, ARowOnItsOwnStandsOutAndEqualRowsStayFinite) {
  std::vector<float> rows;
  for (int i = 0; i < 20; ++i) rows.insert(rows.end(), {1.0f, 0.001f * static_cast<float>(i / 2), 0.0f});
  rows.insert(rows.end(), {0, 0, 1});
  const NeighbourScores scores = score_by_neighbours(rows, 3, 4, 1);
  for (std::size_t i = 0; i < 20; ++i) {
    EXPECT_TRUE(std::isfinite(scores.local_outlier_factor[i]));
    EXPECT_LT(scores.local_outlier_factor[i], 3);
  }
  EXPECT_GT(scores.local_outlier_factor[20], 100);
  EXPECT_NEAR(scores.kth_distance[20], std::sqrt(2.0), 1e-4);
}

TEST(Outliers, AreTheSameBitsForAnyThreadCount) {
  const NeighbourScores one = score_by_neighbours(formula_rows(), kFormulaWidth, 7, 1);
  const NeighbourScores four = score_by_neighbours(formula_rows(), kFormulaWidth, 7, 4);
  EXPECT_EQ(one.local_outlier_factor, four.local_outlier_factor);
  EXPECT_EQ(one.kth_distance, four.kth_distance);
}

TEST(Outliers, NeedTwoRowsAndAClass) {
  const std::vector<float> row{1, 2};
  const std::vector<std::int32_t> none{-1};
  EXPECT_THROW(score_by_neighbours(row, 2, 3), Error);
  EXPECT_THROW(measure_class_distances(row, 2, none, 1), Error);
}

}  // namespace
}  // namespace astrom3
