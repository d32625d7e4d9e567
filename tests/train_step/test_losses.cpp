// SPDX-License-Identifier: MIT
//
// The losses: their closed forms, and their gradients against central differences.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/kernels/kernel_testing.h"
#include "tests/train_step/one_label.h"
#include "train_step/clip_loss.h"
#include "train_step/losses.h"

namespace astrom3 {
namespace {

TEST(CrossEntropy, HasItsClosedFormOnTwoClasses) {
  const std::vector<double> logits = {1.5, -0.5};
  std::vector<double> g(2);
  const double p = 1 / (1 + std::exp(-2.0));
  EXPECT_NEAR(train::cross_entropy(logits, one_label(1), 0, 3, g), -3 * std::log(1 - p), 1e-14);
  EXPECT_NEAR(g[0], 3 * p, 1e-14);
  EXPECT_NEAR(g[1], -3 * p, 1e-14);
  EXPECT_NEAR(train::cross_entropy(logits, one_label(1), 0.2, 1, g),
              -0.9 * std::log(1 - p) - 0.1 * std::log(p), 1e-14);
}

TEST(CrossEntropy, OfASetIsThatOfItsSummedProbability) {
  const std::vector<double> logits = {1.5, -0.5, 0.25};
  const std::vector<std::int32_t> all{0, 1, 2}, two{0, 2};
  std::vector<double> g(3);
  const double sum = std::exp(1.5) + std::exp(-0.5) + std::exp(0.25);
  const double p0 = std::exp(1.5) / sum, p1 = std::exp(-0.5) / sum, p2 = std::exp(0.25) / sum;
  EXPECT_NEAR(train::cross_entropy(logits, two, 0, 2, g), -2 * std::log(p0 + p2), 1e-14);
  EXPECT_NEAR(g[0], 2 * (p0 - p0 / (p0 + p2)), 1e-14);
  EXPECT_NEAR(g[1], 2 * p1, 1e-14);
  EXPECT_NEAR(g[2], 2 * (p2 - p2 / (p0 + p2)), 1e-14);
  // Every class is possible: nothing is said, and nothing learnt.
  EXPECT_NEAR(train::cross_entropy(logits, all, 0, 1, g), 0, 1e-15);
  for (const double value : g) EXPECT_NEAR(value, 0, 1e-15);
}

TEST(CrossEntropy, OfASetHasTheGradientOfCentralDifferences) {
  const std::vector<double> logits = {1.5, -0.5, 0.25, 0.7};
  const std::vector<std::int32_t> labels{1, 3};
  std::vector<double> g(4), unused(4);
  train::cross_entropy(logits, labels, 0.1, 1.7, g);
  for (std::size_t c = 0; c < 4; ++c) {
    auto above = logits, below = logits;
    above[c] += 1e-5;
    below[c] -= 1e-5;
    const double difference = train::cross_entropy(above, labels, 0.1, 1.7, unused) -
                              train::cross_entropy(below, labels, 0.1, 1.7, unused);
    EXPECT_NEAR(g[c], difference / 2e-5, 1e-9) << c;
  }
}

TEST(CrossEntropy, IsFiniteForLogitsOfAnySize) {
  const std::vector<double> logits = {1e30, -1e30, 0};
  std::vector<double> g(3);
  EXPECT_EQ(train::cross_entropy(logits, one_label(0), 0, 1, g), 0);
  EXPECT_EQ(train::cross_entropy(logits, one_label(2), 0, 1, g), 1e30);
}

TEST(InfoNce, HasItsClosedFormForTwoOrthogonalPairs) {
  const std::vector<double> a = {2, 0, 0, 3}, b = {5, 0, 0, 7};  // own similarity 1, the other's 0
  std::vector<double> ga(4), gb(4);
  const train::ContrastResult result = train::info_nce(a, b, 2, 0.5, ga, gb);
  EXPECT_NEAR(result.loss, std::log(1 + std::exp(-2.0)), 1e-14);
  EXPECT_EQ(result.correct, 4u);
}

TEST(InfoNce, GradientIsThatOfCentralDifferences) {
  const std::size_t n = 4, width = 3;
  const std::vector<float> values = random_floats(2 * n * width, 9);
  std::vector<double> a(values.begin(), values.begin() + 12), b(values.begin() + 12, values.end());
  std::vector<double> ga(12), gb(12), unused_a(12), unused_b(12);
  train::info_nce(a, b, width, 0.3, ga, gb);
  const auto loss = [&] { return train::info_nce(a, b, width, 0.3, unused_a, unused_b).loss; };
  for (std::size_t i = 0; i < 12; ++i) {
    for (auto [x, g] : {std::pair(&a[i], ga[i]), std::pair(&b[i], gb[i])}) {
      const double value = *x;
      *x = value + 1e-5;
      const double above = loss();
      *x = value - 1e-5;
      const double below = loss();
      *x = value;
      EXPECT_NEAR(g, (above - below) / 2e-5, 1e-8);
    }
  }
}

TEST(InfoNce, ARowOfZerosHasNoGradient) {
  const std::vector<double> a = {0, 0, 1, 2}, b = {1, 1, 2, 1};
  std::vector<double> ga(4), gb(4);
  EXPECT_TRUE(std::isfinite(train::info_nce(a, b, 2, 0.1, ga, gb).loss));
  EXPECT_EQ(ga[0], 0);
  EXPECT_EQ(ga[1], 0);
}

// Three objects whose embeddings are all alike: every logit is tau, and each of the six cross-entropies ln 3.
TEST(ClipLoss, IsChanceWhereAllEmbeddingsAreAlike) {
  const std::vector<double> same(3 * 2, 1.0);
  const PerModality<train::UnitRows> sides{train::UnitRows(same, 2), train::UnitRows(same, 2),
                                           train::UnitRows(same, 2)};
  PerModality<std::vector<double>> g;
  train::PerPair scale_g{};
  const train::ClipResult found = train::clip_loss(sides, 2, {1.0, 2.0, 3.0}, g, scale_g);
  EXPECT_NEAR(found.loss, 6 * std::log(3.0), 1e-13);
  for (const double value : scale_g) EXPECT_NEAR(value, 0, 1e-12);  // nine terms, each rounded at about 3
}

// Two objects on the axes: logits tau on the diagonal and 0 beside it, each cross-entropy log(1 + e^-tau).
TEST(ClipLoss, HasItsClosedFormOnAxes) {
  const train::UnitRows axes(std::vector<double>{2, 0, 0, 5}, 2);
  PerModality<train::UnitRows> sides;
  sides[0] = axes;
  sides[2] = axes;  // no spectra: one pair alone
  PerModality<std::vector<double>> g;
  train::PerPair scale_g{};
  const double tau = 3;
  const train::ClipResult found = train::clip_loss(sides, 2, {0.0, 0.0, std::log(tau)}, g, scale_g);
  EXPECT_NEAR(found.loss, 2 * std::log1p(std::exp(-tau)), 1e-14);
  EXPECT_NEAR(found.pair_loss[2], found.loss, 1e-15);
  EXPECT_EQ(found.correct, 2u);
  // d/d tau of the loss, times tau.
  EXPECT_NEAR(scale_g[2], -2 * tau / (1 + std::exp(tau)), 1e-14);
  EXPECT_EQ(scale_g[0], 0);
  EXPECT_TRUE(g[1].empty());
}

// exp(log 100) is 100.0000076 in float32: clamped, so that the first gradient of upstream's temperatures is
// 0.
TEST(ClipLoss, HasNoGradientForAClampedTemperature) {
  const train::UnitRows a(std::vector<double>{1, 0.1, 0.2, 1}, 2), b(std::vector<double>{1, 0.3, -0.2, 1}, 2);
  PerModality<train::UnitRows> sides{a, b, {}};
  PerModality<std::vector<double>> g;
  train::PerPair scale_g{};
  const auto start = static_cast<double>(std::log(100.0f));
  const double at_100 = train::clip_loss(sides, 2, {start, 0, 0}, g, scale_g).loss;
  EXPECT_EQ(scale_g[0], 0);
  EXPECT_EQ(train::clip_loss(sides, 2, {start + 1, 0, 0}, g, scale_g).loss, at_100);
  train::clip_loss(sides, 2, {-0.5, 0, 0}, g, scale_g);  // below 1
  EXPECT_EQ(scale_g[0], 0);
}

}  // namespace
}  // namespace astrom3
