// SPDX-License-Identifier: MIT
//
// What is learnt from embeddings once the encoder has learnt: the head, and what lies outside its classes.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/encoder/out_of_class.h"
#include "base/random.h"
#include "encoder/checkpoint_layout.h"
#include "tests/base/rejection.h"
#include "training/head_fit.h"
#include "training/object_means.h"
#include "training/out_of_class_fit.h"

namespace astrom3::training {
namespace {

constexpr std::size_t kWidth = 3, kClasses = 2;

/// Of class 0 around (-2, 0, 0), of class 1 around (2, 0, 0); standard deviations 1, 3 and 0.5.
ObjectMeans two_clouds(std::size_t n, std::uint64_t seed) {
  ObjectMeans means{.width = kWidth, .values = {}, .shares = {}, .labels = {}};
  Random random(seed, 0);
  for (std::size_t i = 0; i < n; ++i) {
    const auto label = static_cast<std::int32_t>(i % 2);
    means.values.push_back(static_cast<float>((label == 0 ? -2 : 2) + random.normal()));
    means.values.push_back(static_cast<float>(3 * random.normal()));
    means.values.push_back(static_cast<float>(0.5 * random.normal()));
    means.shares.push_back(1);
    means.labels.push_back({label});
  }
  return means;
}

TEST(FitHead, HasTheLogOddsOfTwoNormalClouds) {
  // log p(1|x) / p(0|x) = 4 x_0 for means -2 and 2 with unit variance.
  const FittedHead head = fit_head(two_clouds(20000, 1), two_clouds(2000, 2), kClasses, 1);
  const auto odds = [&](std::size_t d) {
    return head.weights[d * kClasses + 1] - head.weights[d * kClasses];
  };
  EXPECT_NEAR(odds(0), 4, 0.4);
  EXPECT_NEAR(odds(1), 0, 0.1);
  EXPECT_NEAR(odds(2), 0, 0.4);
  EXPECT_NEAR(odds(kWidth), 0, 0.2);
}

TEST(FitHead, ReadsAShortLightCurveAsAPooledHeadReadsIt) {
  // Half of the steps observed: the sum over T is half of the mean, whatever the mean is.
  ObjectMeans halves = two_clouds(4000, 1), wholes = halves;
  for (float& share : halves.shares) share = 0.5F;
  for (float& value : wholes.values) value *= 0.5F;
  const FittedHead a = fit_head(halves, halves, kClasses, 1), b = fit_head(wholes, wholes, kClasses, 1);
  EXPECT_EQ(a.weights, b.weights);
}

TEST(FitHead, AnObjectOfEveryClassTeachesNothing) {
  const ObjectMeans known = two_clouds(2000, 1), validation = two_clouds(500, 2);
  ObjectMeans more = known;
  for (std::size_t i = 0; i < 500; ++i) {
    for (const float value : {-9.0F, 1.0F, 2.0F}) more.values.push_back(value);
    more.shares.push_back(1);
    more.labels.push_back({0, 1});
  }
  const FittedHead a = fit_head(known, validation, kClasses, 1), b = fit_head(more, validation, kClasses, 1);
  // Columns are standardised over all rows, which changes how far the penalty pulls, and nothing else.
  const double odds_a = a.weights[1] - a.weights[0], odds_b = b.weights[1] - b.weights[0];
  EXPECT_NEAR(odds_a, odds_b, 0.1);
}

TEST(FitHead, PullsHarderWhereTheTrainingObjectsMislead) {
  // Labels by chance: the best head says nothing, and the largest penalty comes closest to that.
  ObjectMeans noise = two_clouds(60, 1);
  Random random(3, 0);
  for (auto& labels : noise.labels) labels = {random.uniform() < 0.5 ? 0 : 1};
  ObjectMeans other = two_clouds(400, 2);
  for (auto& labels : other.labels) labels = {random.uniform() < 0.5 ? 0 : 1};
  EXPECT_EQ(fit_head(noise, other, kClasses, 1).penalty, 100);
  EXPECT_LT(fit_head(two_clouds(20000, 1), two_clouds(4000, 2), kClasses, 1).penalty, 100);
}

TEST(FitHead, HasTheSameBitsForAnyThreadCount) {
  const ObjectMeans train = two_clouds(3000, 1), validation = two_clouds(300, 2);
  EXPECT_EQ(fit_head(train, validation, kClasses, 1).weights,
            fit_head(train, validation, kClasses, 4).weights);
}

TEST(ApplyHead, GivesEveryStepTheSameShare) {
  constexpr std::size_t kSteps = 4;
  FittedHead head{.width = kWidth, .n_classes = kClasses, .weights = {1, 2, 3, 4, 5, 6, 7, 8}, .penalty = 3};
  const AffineNames names = head_names();
  TensorMap tensors;
  tensors[names.weight].data.resize(kClasses * kSteps * kWidth);
  tensors[names.bias].data.resize(kClasses);
  std::map<std::string, std::string> metadata;
  apply_head(tensors, metadata, head);
  for (std::size_t c = 0; c < kClasses; ++c) {
    for (std::size_t t = 0; t < kSteps; ++t) {
      for (std::size_t d = 0; d < kWidth; ++d)
        EXPECT_EQ(tensors[names.weight].data[(c * kSteps + t) * kWidth + d],
                  static_cast<float>(head.weights[d * kClasses + c] / kSteps));
    }
    EXPECT_EQ(tensors[names.bias].data[c], static_cast<float>(head.weights[kWidth * kClasses + c]));
  }
  EXPECT_EQ(metadata.at("astrom3.head_penalty"), "3");
}

class OutOfTwoClouds : public testing::Test {
 protected:
  OutOfTwoClouds() { add_out_of_class(tensors_, two_clouds(20000, 1), two_clouds(4000, 2), kClasses); }
  double distance(float x, float y, float z) const {
    return OutOfClass::of(tensors_)->distance(std::vector{x, y, z});
  }
  double score(float x, float y, float z) const {
    return OutOfClass::of(tensors_)->score(std::vector{x, y, z});
  }

  TensorMap tensors_;
};

TEST_F(OutOfTwoClouds, DistancesAreThoseOfTheScatterWithinTheClasses) {
  // Variances 1, 9 and 0.25, each with the ridge of a thousandth of their mean.
  const double ridge = 1e-3 * (1 + 9 + 0.25) / 3;
  EXPECT_NEAR(distance(3, 0, 0), 1 / (1 + ridge), 0.1);   // to the class at 2
  EXPECT_NEAR(distance(-5, 0, 0), 9 / (1 + ridge), 0.5);  // to the class at -2
  EXPECT_NEAR(distance(2, 6, 0), 4 / (1 + ridge / 9), 0.3);
  EXPECT_NEAR(distance(2, 0, 2), 16 / (1 + ridge / 0.25), 0.8);
}

TEST_F(OutOfTwoClouds, ScoresOfObjectsOfTheClassesAreSpreadEvenly) {
  const ObjectMeans others = two_clouds(4000, 7);
  std::vector<double> scores;
  for (std::size_t i = 0; i < others.size(); ++i)
    scores.push_back(OutOfClass::of(tensors_)->score(others.row(i)));
  std::sort(scores.begin(), scores.end());
  // Kolmogorov's largest deviation of 4000 from 4000 even numbers, at a probability of 1e-4: 0.05.
  for (std::size_t i = 0; i < scores.size(); ++i)
    EXPECT_NEAR(scores[i], static_cast<double>(i) / static_cast<double>(scores.size()), 0.05);
}

TEST_F(OutOfTwoClouds, WhatIsFarFromBothHasAScoreOfOne) {
  EXPECT_EQ(score(0, 0, 9), 1);
  EXPECT_EQ(score(2, 60, 0), 1);
  EXPECT_LT(score(2, 0, 0), 0.05);
  EXPECT_LT(score(0, 0, 9), score(0, 0, 10) + 1e-12);
}

TEST(AddOutOfClass, ADirectionWithoutScatterHasTheRidgeAlone) {
  ObjectMeans flat = two_clouds(20000, 1);
  for (std::size_t i = 0; i < flat.size(); ++i) flat.values[i * kWidth + 2] = 0;
  TensorMap tensors;
  add_out_of_class(tensors, flat, flat, kClasses);
  const double ridge = 1e-3 * (1 + 9 + 0) / 3;
  EXPECT_NEAR(OutOfClass::of(tensors)->distance(std::vector{2.0F, 0.0F, 1.0F}), 1 / ridge, 0.05 / ridge);
}

TEST(FitHead, RefusesMeansThatAreNotFinite) {
  ObjectMeans broken = two_clouds(100, 1);
  broken.values[4] = NAN;
  EXPECT_EQ(rejection_of([&] { fit_head(two_clouds(100, 2), broken, kClasses, 1); }).code,
            Status::nonfinite_output);
}

TEST(OutOfClass, IsNotThereWithoutItsTensors) {
  EXPECT_FALSE(OutOfClass::of({}).has_value());
}

TEST(AddOutOfClass, NeedsObjectsOfOneClassEachAndValidationObjects) {
  TensorMap tensors;
  ObjectMeans either = two_clouds(10, 1);
  for (auto& labels : either.labels) labels = {0, 1};
  EXPECT_EQ(rejection_of([&] { add_out_of_class(tensors, either, two_clouds(10, 2), kClasses); }).code,
            Status::no_input);
  EXPECT_EQ(
      rejection_of([&] { add_out_of_class(tensors, two_clouds(10, 2), two_clouds(0, 2), kClasses); }).code,
      Status::no_input);
}

TEST(AddOutOfClass, AClassWithoutObjectsIsNearToNothing) {
  TensorMap three, two;
  add_out_of_class(three, two_clouds(2000, 1), two_clouds(500, 2), kClasses + 1);
  add_out_of_class(two, two_clouds(2000, 1), two_clouds(500, 2), kClasses);
  for (const float x : {-9.0F, 0.0F, 1.0F, 30.0F}) {
    const std::vector<float> mean{x, 1, 1};
    EXPECT_EQ(OutOfClass::of(three)->distance(mean), OutOfClass::of(two)->distance(mean));
  }
}

}  // namespace
}  // namespace astrom3::training
