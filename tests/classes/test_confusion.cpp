// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <vector>

#include "astrom3/classes/confusion.h"

namespace astrom3 {
namespace {

ConfusionMatrix matrix_of(std::initializer_list<std::vector<int>> rows) {
  ConfusionMatrix confusion(rows.size());
  std::size_t truth = 0;
  for (const auto& row : rows) {
    for (std::size_t predicted = 0; predicted < row.size(); ++predicted) {
      for (int i = 0; i < row[predicted]; ++i) confusion.add(truth, predicted);
    }
    ++truth;
  }
  return confusion;
}

/// Class 2 has no objects and one is called so; class 3 is never found; class 4 does not occur at all.
const ConfusionMatrix kMixed =
    matrix_of({{3, 1, 0, 0, 0}, {1, 5, 0, 2, 0}, {0, 0, 0, 0, 0}, {0, 4, 1, 0, 0}, {0, 0, 0, 0, 0}});

TEST(ConfusionMatrix, CountsTruthByRowAndPredictionByColumn) {
  EXPECT_EQ(kMixed.n_objects(), 17u);
  EXPECT_EQ(kMixed.n_objects(1), 8u);
  EXPECT_EQ(kMixed.n_predicted(1), 10u);
  EXPECT_EQ(kMixed.row(1)[3], 2u);
}

TEST(ConfusionMatrix, HasItsClosedForms) {
  EXPECT_DOUBLE_EQ(kMixed.accuracy(), 8.0 / 17);
  EXPECT_DOUBLE_EQ(kMixed.recall(0), 3.0 / 4);
  EXPECT_DOUBLE_EQ(kMixed.precision(1), 5.0 / 10);
  EXPECT_DOUBLE_EQ(kMixed.f1(1), 2 * 5.0 / (8 + 10));
}

// scikit-learn 1.9.1: accuracy_score, balanced_accuracy_score and f1_score with labels=np.unique(y),
// average="macro", zero_division=0, of the objects of kMixed.
TEST(ConfusionMatrix, GivesScikitLearnsMeansWhereClassesAreMissing) {
  EXPECT_NEAR(kMixed.balanced_accuracy(), 0.4583333333333333, 1e-15);
  EXPECT_NEAR(kMixed.macro_f1(), 0.4351851851851852, 1e-15);
}

TEST(ConfusionMatrix, CallsNothingOverNothingZero) {
  for (const std::size_t c : {2u, 3u, 4u}) {
    EXPECT_EQ(kMixed.recall(c), 0) << c;
    EXPECT_EQ(kMixed.precision(c), 0) << c;
    EXPECT_EQ(kMixed.f1(c), 0) << c;
  }
}

TEST(ConfusionMatrix, HasNoScoreWithoutObjects) {
  for (const ConfusionMatrix& none : {ConfusionMatrix(), ConfusionMatrix(3)}) {
    EXPECT_TRUE(std::isnan(none.accuracy()));
    EXPECT_TRUE(std::isnan(none.macro_f1()));
    EXPECT_TRUE(std::isnan(none.balanced_accuracy()));
  }
}

}  // namespace
}  // namespace astrom3
