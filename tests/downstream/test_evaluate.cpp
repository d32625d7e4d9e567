// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/downstream/evaluate.h"
#include "downstream/lbfgs.h"
#include "tests/downstream/downstream_rows.h"

namespace astrom3 {
namespace {

TEST(Lbfgs, FindsTheMinimumOfAQuadraticAndOfRosenbrock) {
  std::vector<double> x(20, 1.0);
  const LbfgsResult quadratic = minimise_lbfgs(
      [](std::span<const double> at, std::span<double> gradient) {
        double value = 0;
        for (std::size_t i = 0; i < at.size(); ++i) {
          const double d = at[i] - static_cast<double>(i), scale = std::pow(1.5, static_cast<double>(i));
          value += scale * d * d / 2;
          gradient[i] = scale * d;
        }
        return value;
      },
      x, {.max_iterations = 500, .tolerance = 1e-9});
  EXPECT_TRUE(quadratic.converged);
  for (std::size_t i = 0; i < x.size(); ++i) EXPECT_NEAR(x[i], static_cast<double>(i), 1e-8);

  std::vector<double> y{-1.2, 1};
  const LbfgsResult valley = minimise_lbfgs(
      [](std::span<const double> at, std::span<double> gradient) {
        const double a = 1 - at[0], b = at[1] - at[0] * at[0];
        gradient[0] = -2 * a - 400 * at[0] * b;
        gradient[1] = 200 * b;
        return a * a + 100 * b * b;
      },
      y, {.max_iterations = 500, .tolerance = 1e-9});
  EXPECT_TRUE(valley.converged);
  EXPECT_NEAR(y[0], 1, 1e-8);
  EXPECT_NEAR(y[1], 1, 1e-8);
}

TEST(Probe, ReachesScikitLearnsMinimum) {
  // tests/golden/downstream/make.py, scikit-learn 1.9.1
  struct Case {
    double penalty;
    bool balanced;
    double loss;
    double p[3];
  };
  const Case cases[] = {{1.0, false, 24.9504244972, {0.8275493627, 0.02969509641, 0.1427555409}},
                        {0.1, false, 15.4975518912, {0.8833749107, 0.006710910404, 0.1099141789}},
                        {1.0, true, 19.7790239987, {0.8247523117, 0.03262144522, 0.1426262431}}};
  const std::vector<float> x = formula_rows();
  const std::vector<std::int32_t> y = formula_labels();
  std::vector<std::uint8_t> use(y.size());
  for (std::size_t i = 0; i < use.size(); ++i) use[i] = i % 5 != 1;
  for (const Case& c : cases) {
    const LogisticModel model =
        fit_logistic({x, kFormulaWidth, y, 3}, c.balanced ? use : std::vector<std::uint8_t>{},
                     {.penalty = c.penalty, .balanced = c.balanced, .tolerance = 1e-10}, 2);
    EXPECT_TRUE(model.converged);
    EXPECT_NEAR(model.loss, c.loss, 1e-8);
    double p[3];
    model.predict(std::span(x).first(kFormulaWidth), p);
    for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(p[k], c.p[k], 1e-7);
  }
}

TEST(Probe, WithoutColumnsThatTellGivesTheSharesOfTheClasses) {
  const std::vector<float> x(10, 1.0f);  // one constant column: only the bias is left
  const std::vector<std::int32_t> y{0, 0, 0, 0, 0, 0, 0, 1, 1, 1};
  const LogisticModel model = fit_logistic({x, 1, y, 2}, {}, {.tolerance = 1e-12});
  double p[2];
  model.predict(std::span(x).first(1), p);
  EXPECT_NEAR(p[0], 0.7, 1e-10);
}

TEST(Probe, ARowOfSeveralClassesSaysNothingAboutWhichOfThem) {
  const std::vector<float> x(20, 1.0f);  // only the bias is left: the shares that are likeliest together
  std::vector<std::vector<std::int32_t>> y(20, {1, 2});
  for (std::size_t i = 0; i < 5; ++i) y[i] = {0};
  for (std::size_t i = 5; i < 8; ++i) y[i] = {1};
  y[8] = {2};
  const LogisticModel model = fit_logistic({x, 1, {}, 3, y}, {}, {.tolerance = 1e-12});
  double p[3];
  model.predict(std::span(x).first(1), p);
  EXPECT_NEAR(p[0], 5.0 / 20, 1e-9);
  EXPECT_NEAR(p[1], 0.75 * 15 / 20, 1e-9);  // three of the four rows that tell
  EXPECT_NEAR(p[2], 0.25 * 15 / 20, 1e-9);
  EXPECT_THROW(fit_logistic({x, 1, {}, 3, y}, {}, {.balanced = true}), Error);
}

TEST(Probe, RowsOfOneClassEachAreTheSameInBothForms) {
  const std::vector<float> x = formula_rows();
  const std::vector<std::int32_t> y = formula_labels();
  std::vector<std::vector<std::int32_t>> sets;
  for (const std::int32_t label : y) sets.push_back({label});
  EXPECT_EQ(fit_logistic({x, kFormulaWidth, y, 3}, {}).weights,
            fit_logistic({x, kFormulaWidth, {}, 3, sets}, {}).weights);
}

TEST(Probe, IsTheSameBitsForAnyThreadCount) {
  std::vector<float> x;
  std::vector<std::int32_t> y;
  for (int i = 0; i < 3000; ++i) {
    x.push_back(static_cast<float>(std::sin(i)));
    x.push_back(static_cast<float>(std::cos(1.7 * i)));
    y.push_back(i % 7 < 3 ? 1 : 0);
  }
  const LogisticModel one = fit_logistic({x, 2, y, 2}, {}, {}, 1),
                      four = fit_logistic({x, 2, y, 2}, {}, {}, 4);
  EXPECT_EQ(one.weights, four.weights);
}

TEST(NeighbourVotes, AreSharesAndTiesGoToTheMoreSimilar) {
  // Angles in a plane: the query at 0 sees 10 (class 0), 20 and 30 (class 1), 5 and 60 (class 2).
  std::vector<float> x;
  for (const double degrees : {0.0, 10.0, 20.0, 30.0, 5.0, 60.0}) {
    x.push_back(static_cast<float>(std::cos(degrees * M_PI / 180)));
    x.push_back(static_cast<float>(std::sin(degrees * M_PI / 180)));
  }
  const std::vector<std::int32_t> y{0, 0, 1, 1, 2, 2};
  const Folds split{.fold = {0, -1, -1, -1, -1, -1}, .n_folds = 1};
  const std::vector<double> p = classify_by_neighbours({x, 2, y, 3}, split, 5, 1);
  EXPECT_NEAR(p[0], 0.2, 1e-5);
  EXPECT_NEAR(p[1], 0.4, 1e-5);
  EXPECT_NEAR(p[2], 0.4, 1e-5);
  EXPECT_GT(p[1], p[2]);  // cos 20 + cos 30 > cos 5 + cos 60
  EXPECT_NEAR(p[0] + p[1] + p[2], 1, 1e-12);
  EXPECT_TRUE(std::isnan(p[3]));
}

TEST(Evaluation, OfAHandMadeConfusionIsItsClosedForm) {
  const std::vector<std::string> names{"A", "B", "C"};
  // Truth A A A B B, predicted A A B B A; C never occurs and is in no mean. The last row has no prediction.
  const double nan = std::nan("");
  const std::vector<double> p{0.8, 0.2, 0, 0.6,  0.4,  0, 0.3, 0.7, 0,
                              0.1, 0.9, 0, 0.55, 0.45, 0, nan, nan, nan};
  const std::vector<std::int32_t> y{0, 0, 0, 1, 1, 1};
  const Evaluation e = evaluate_probabilities(p, y, names, {.n_bins = 10, .n_bootstrap = 200, .seed = 1});
  EXPECT_EQ(e.class_names, names);
  EXPECT_EQ(e.confusion.n_objects(), 5u);
  EXPECT_DOUBLE_EQ(e.confusion.accuracy(), 0.6);
  EXPECT_DOUBLE_EQ(e.confusion.f1(0), 4.0 / 6);
  EXPECT_DOUBLE_EQ(e.confusion.macro_f1(), (4.0 / 6 + 0.5) / 2);
  EXPECT_NEAR(e.log_loss,
              -(std::log(0.8) + std::log(0.6) + std::log(0.3) + std::log(0.9) + std::log(0.45)) / 5, 1e-12);
  // Bins (0.5, 0.6] of 0.6 right and 0.55 wrong, (0.6, 0.7] wrong, (0.7, 0.8] right, (0.8, 0.9] right.
  EXPECT_EQ(e.reliability[5].n, 2u);
  EXPECT_NEAR(e.calibration_error, (2 * std::fabs(0.5 - 0.575) + 0.7 + 0.2 + 0.1) / 5, 1e-9);
  EXPECT_NEAR(e.accuracy_error, std::sqrt(0.6 * 0.4 / 5),
              0.05);  // a binomial's, to what 200 resamples can tell
}

TEST(Folds, FoldsFollowTheHashAndAHoldoutIsTheFirstOfThem) {
  std::vector<std::string> ids;
  for (int i = 0; i < 200; ++i) ids.push_back("star " + std::to_string(i));
  const Folds folds = split_by_folds(ids, 5), holdout = split_by_holdout(ids, 0.2);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    EXPECT_TRUE(folds.fold[i] >= 0 && folds.fold[i] < 5);
    EXPECT_EQ(folds.fold[i] == 0, holdout.fold[i] == 0);
  }
  EXPECT_THROW(split_by_folds(ids, 1), Error);
}

}  // namespace
}  // namespace astrom3
