// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
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

/// A cloud of `n` rows about one direction, then three rows far from it in different ways.
std::vector<float> cloud_with_outliers(std::size_t n) {
  constexpr std::size_t kWidth = 8;
  std::mt19937 random(7);
  std::normal_distribution<float> normal;
  std::vector<float> rows;
  for (std::size_t i = 0; i < n * kWidth; ++i)
    rows.push_back((i % kWidth < 2 ? 1.0f : 0.0f) + 0.1f * normal(random));
  for (std::size_t outlier = 0; outlier < 3; ++outlier)
    for (std::size_t d = 0; d < kWidth; ++d)
      rows.push_back((d < 2 ? 1.0f : 0.0f) + (d == 3 + outlier ? 2.0f : 0.0f));
  return rows;
}

/// The rows of `rows` [n, 8] and `copies` more of row `i`, each number moved by up to `change` of itself.
void repeat_row(std::vector<float>& rows, std::size_t i, int copies, float change) {
  const std::vector<float> row(rows.begin() + static_cast<std::ptrdiff_t>(8 * i),
                               rows.begin() + static_cast<std::ptrdiff_t>(8 * i + 8));
  for (int c = 0; c < copies; ++c)
    for (std::size_t d = 0; d < row.size(); ++d)
      rows.push_back(row[d] * (1 + change * std::sin(static_cast<float>(8 * c) + static_cast<float>(d))));
}

/// Whether the rows 100, 101 and 102 and those after `first_copy` stand out from all others.
void expect_outliers_first(const std::vector<float>& rows, std::size_t first_copy, const char* what) {
  const NeighbourScores scores = score_by_neighbours(rows, 8, 10, 2);
  double least = INFINITY, most = 0;
  for (std::size_t i = 0; i < rows.size() / 8; ++i) {
    const bool is_out = (i >= 100 && i < 103) || i >= first_copy;
    const double factor = scores.local_outlier_factor[i];
    ASSERT_TRUE(std::isfinite(factor)) << what << ' ' << i;
    is_out ? least = std::min(least, factor) : most = std::max(most, factor);
  }
  EXPECT_GT(least, most) << what;
}

TEST(Outliers, StandOutWhateverIsRepeatedMoreOftenThanK) {
  constexpr std::size_t kNone = SIZE_MAX;
  for (const float change : {0.0f, 1e-7f}) {
    std::vector<float> rows = cloud_with_outliers(100);
    repeat_row(rows, 17, 30, change);
    expect_outliers_first(rows, kNone, "one group");
    for (std::size_t i = 0; i < 20; ++i) repeat_row(rows, 3 * i, 11, change);
    expect_outliers_first(rows, kNone, "many groups");
    rows = cloud_with_outliers(100);
    repeat_row(rows, 101, 25, change);
    expect_outliers_first(rows, 103, "an outlier repeated");
    rows = cloud_with_outliers(100);
    repeat_row(rows, 5, 3000, change);
    expect_outliers_first(rows, kNone, "nearly all rows are one");
  }
}

TEST(Outliers, EqualRowsHaveEqualScoresWhichAreThoseWithoutTheRepetition) {
  std::vector<float> rows = cloud_with_outliers(100);
  const NeighbourScores once = score_by_neighbours(rows, 8, 10, 1);
  repeat_row(rows, 17, 30, 0);
  const NeighbourScores often = score_by_neighbours(rows, 8, 10, 3);
  EXPECT_EQ(once.n_places, 103u);
  EXPECT_EQ(often.n_places, 103u);
  for (std::size_t i = 0; i < 133; ++i) {
    EXPECT_EQ(often.local_outlier_factor[i], once.local_outlier_factor[i < 103 ? i : 17]) << i;
    EXPECT_EQ(often.kth_distance[i], once.kth_distance[i < 103 ? i : 17]) << i;
  }
}

TEST(Outliers, OfOnePlaceOrOfFewerPlacesThanKHaveScores) {
  std::vector<float> rows{1, 2, 3, 4, 5, 6, 7, 8};
  repeat_row(rows, 0, 40, 0);
  for (const std::size_t k : {1u, 39u, 40u, 41u, 1000u}) {
    const NeighbourScores one = score_by_neighbours(rows, 8, k, 2);
    EXPECT_EQ(one.n_places, 1u);
    EXPECT_EQ(one.local_outlier_factor, std::vector<double>(41, 1.0));
    EXPECT_EQ(one.kth_distance, std::vector<double>(41, 0.0));
  }
  std::vector<float> few = cloud_with_outliers(6);
  repeat_row(few, 2, 50, 0);
  const NeighbourScores scores = score_by_neighbours(few, 8, 20, 2);
  EXPECT_EQ(scores.k, 8u);
  for (std::size_t i = 0; i < scores.kth_distance.size(); ++i) {
    EXPECT_TRUE(std::isfinite(scores.local_outlier_factor[i]));
    EXPECT_GT(scores.kth_distance[i], 0);
  }
}

TEST(Outliers, OfRepeatedRowsDoNotDependOnTheOrderOfTheRows) {
  std::vector<float> rows = cloud_with_outliers(100);
  for (std::size_t i = 0; i < 10; ++i) repeat_row(rows, 7 * i, 15, 1e-7f);
  const std::size_t n = rows.size() / 8;
  std::vector<float> backwards;
  for (std::size_t i = n; i-- > 0;)
    backwards.insert(backwards.end(), rows.begin() + static_cast<std::ptrdiff_t>(8 * i),
                     rows.begin() + static_cast<std::ptrdiff_t>(8 * i + 8));
  const NeighbourScores one = score_by_neighbours(rows, 8, 10, 1),
                        other = score_by_neighbours(backwards, 8, 10, 4);
  for (std::size_t i = 0; i < n; ++i)
    EXPECT_NEAR(one.local_outlier_factor[i], other.local_outlier_factor[n - 1 - i], 1e-12) << i;
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
