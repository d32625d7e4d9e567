// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <set>

#include "astrom3/tensor.h"
#include "astrom3/training/training.h"
#include "formats/safetensors.h"
#include "tests/base/file_contents.h"
#include "tests/base/rejection.h"
#include "tests/base/temporary_folder.h"
#include "tests/formats/safetensors_bytes.h"
#include "training/calibration.h"
#include "training/data_split.h"
#include "training/epoch.h"
#include "training/object_cache.h"
#include "training/schedule.h"
#include "training/view.h"

namespace astrom3::training {
namespace {

LightCurve wave(std::size_t n) {
  LightCurve light_curve;
  for (std::size_t i = 0; i < n; ++i) {
    const double t = 2457000.25 + 1.3 * static_cast<double>(i) + 0.01 * static_cast<double>(i * 37 % 89);
    light_curve.time.push_back(t);
    light_curve.flux.push_back(40 + 3 * std::sin(2 * std::numbers::pi * t / 0.7));
    light_curve.flux_err.push_back(0.05 + 0.001 * static_cast<double>(i % 5));
  }
  return light_curve;
}

/// An object as read_objects() keeps it, and the tensor of the whole pipeline for comparison.
struct Both {
  TrainingObject object;
  std::vector<float> x_enc, mask;
};

Both both(std::size_t n, std::size_t n_steps) {
  LightCurve light_curve = wave(n);
  ObjectOptions options;
  options.tensor.n_steps = n_steps;
  ObjectResult result;
  embed_object(light_curve, options, {}, Stage::tensor, nullptr, false, result);
  Both made{.object = {}, .x_enc = result.x_enc, .mask = result.mask};
  std::vector<float> rows(n * kChannels), mask(n);
  TensorSummary summary;
  build_tensor(light_curve, result.light_curve, result.features, no_scaling(), {.n_steps = n}, rows, mask,
               summary);
  made.object = {.object_id = "star",
                 .label = "A",
                 .observations = {},
                 .features = result.features.value,
                 .log10_mad = summary.log10_mad,
                 .delta_t = summary.delta_t};
  for (std::size_t i = 0; i < n; ++i)
    made.object.observations.insert(made.object.observations.end(), &rows[i * kChannels],
                                    &rows[i * kChannels] + kObserved);
  return made;
}

struct View {
  std::vector<float> x_enc, mask;
};

View view_of(const TrainingObject& object, std::size_t n_steps, const Augmentation& augmentation,
             Random random) {
  View view{std::vector<float>(n_steps * kChannels, -1), std::vector<float>(n_steps, -1)};
  write_view(object, published_scaling(), augmentation, random, view.x_enc, view.mask);
  return view;
}

TEST(View, WithoutAugmentationIsWhatThePipelineGives) {
  for (const std::size_t n : {12u, 40u, 41u, 97u}) {
    const Both star = both(n, 40);
    View view{std::vector<float>(40 * kChannels, -1), std::vector<float>(40, -1)};
    write_view(star.object, published_scaling(), view.x_enc, view.mask);
    EXPECT_EQ(view.x_enc, star.x_enc) << n;
    EXPECT_EQ(view.mask, star.mask) << n;
    const View centre = view_of(star.object, 40, {.crop = false}, Random(1));
    EXPECT_EQ(centre.x_enc, star.x_enc) << n;
  }
}

TEST(View, ACropIsAnyRunOfObservationsWithTheFeaturesOfAll) {
  const Both star = both(45, 40);
  std::set<float> first_times;
  for (std::size_t epoch = 1; epoch <= 60; ++epoch) {
    const View view = view_of(star.object, 40, {.crop = true}, view_random(7, epoch, "star", 0));
    const auto at = [&](std::size_t row, std::size_t channel) {
      return view.x_enc[row * kChannels + channel];
    };
    first_times.insert(at(0, 0));
    std::size_t first = 0;
    while (star.object.observations[first * kObserved] != at(0, 0)) ++first;
    for (std::size_t row = 0; row < 40; ++row) {
      for (std::size_t c = 0; c < kObserved; ++c)
        ASSERT_EQ(at(row, c), star.object.observations[(first + row) * kObserved + c]);
      for (std::size_t c = kObserved; c < kChannels; ++c) ASSERT_EQ(at(row, c), star.x_enc[c]);
    }
  }
  EXPECT_EQ(first_times.size(), 6u);  // 45 - 40 + 1 places
}

TEST(View, DrawsDependOnSeedEpochObjectAndViewAlone) {
  const Both star = both(60, 40);
  const Augmentation augmentation{.crop = true, .noise = 1, .drop = 0.4, .time_shift = 0.1};
  const auto draw = [&](std::uint64_t seed, std::size_t epoch, const char* id, std::size_t view) {
    return view_of(star.object, 40, augmentation, view_random(seed, epoch, id, view)).x_enc;
  };
  const auto one = draw(1, 2, "a", 0);
  EXPECT_EQ(draw(1, 2, "a", 0), one);
  EXPECT_NE(draw(2, 2, "a", 0), one);
  EXPECT_NE(draw(1, 3, "a", 0), one);
  EXPECT_NE(draw(1, 2, "b", 0), one);
  EXPECT_NE(draw(1, 2, "a", 1), one);
}

TEST(View, NoiseHasTheSizeOfTheErrorsAndThinningKeepsTheOrder) {
  const Both star = both(400, 400);
  const View noisy = view_of(star.object, 400, {.crop = false, .noise = 2}, Random(3));
  double square = 0;
  for (std::size_t i = 0; i < 400; ++i) {
    const float* row = &noisy.x_enc[i * kChannels];
    const float* clean = &star.object.observations[i * kObserved];
    ASSERT_EQ(row[0], clean[0]);
    ASSERT_EQ(row[2], clean[2]);
    square += std::pow(static_cast<double>(row[1] - clean[1]) / static_cast<double>(clean[2]), 2);
  }
  // The mean square of 400 normals of variance 4 is 4 +- 0.28.
  EXPECT_NEAR(square / 400, 4, 5 * 0.28);

  const View thin = view_of(star.object, 400, {.crop = true, .drop = 0.9}, Random(4));
  const auto n = static_cast<std::size_t>(std::count(thin.mask.begin(), thin.mask.end(), 1.0f));
  EXPECT_LT(n, 400u);
  EXPECT_GT(n, 20u);
  for (std::size_t i = 1; i < n; ++i) ASSERT_LT(thin.x_enc[(i - 1) * kChannels], thin.x_enc[i * kChannels]);
  for (std::size_t i = n * kChannels; i < thin.x_enc.size(); ++i) ASSERT_EQ(thin.x_enc[i], 0.0f);
}

TEST(View, BrightnessMovesLog10MadAloneAndTheErrorScaleErrorsAlone) {
  const Both star = both(40, 40);
  const std::size_t log10_mad = 7;
  double lowest = 1e9, highest = -1e9, smallest = 1e9, largest = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const View view = view_of(star.object, 40, {.brightness = 2.5, .error_scale = 3}, Random(seed));
    const double factor = static_cast<double>(view.x_enc[2]) / static_cast<double>(star.x_enc[2]);
    for (std::size_t i = 0; i < view.x_enc.size(); ++i) {
      if (i % kChannels == log10_mad) continue;
      if (i % kChannels == 2) {
        ASSERT_NEAR(static_cast<double>(view.x_enc[i]), factor * static_cast<double>(star.x_enc[i]),
                    1e-6 * factor);
      } else {
        ASSERT_EQ(view.x_enc[i], star.x_enc[i]);
      }
    }
    const double moved = static_cast<double>(view.x_enc[log10_mad] - star.x_enc[log10_mad]);
    lowest = std::min(lowest, moved);
    highest = std::max(highest, moved);
    smallest = std::min(smallest, factor);
    largest = std::max(largest, factor);
  }
  EXPECT_NEAR(lowest, -2.5, 0.1);
  EXPECT_NEAR(highest, 2.5, 0.1);
  EXPECT_NEAR(smallest, 1 / 3.0, 0.02);
  EXPECT_NEAR(largest, 3, 0.1);
}

TEST(View, IsOfTheStarOrOneOfItsCopiesEachAsOften) {
  Both star = both(40, 40);
  for (const double amplitude : {7.0, 8.0}) {
    TrainingObject copy = star.object;
    copy.features[0] = amplitude;
    star.object.copies.push_back(copy);
  }
  std::map<float, int> n;
  for (std::uint64_t seed = 0; seed < 3000; ++seed)
    ++n[view_of(star.object, 40, {.crop = false}, Random(seed)).x_enc[3]];
  ASSERT_EQ(n.size(), 3u);
  for (const auto& [amplitude, count] : n) EXPECT_NEAR(count, 1000, 5 * 26);  // sqrt(3000 * 2 / 9)
  View view{std::vector<float>(40 * kChannels), std::vector<float>(40)};
  write_view(star.object, published_scaling(), view.x_enc, view.mask);  // to validate: the star itself
  EXPECT_EQ(view.x_enc, star.x_enc);
}

TEST(View, AFewObservationsAreNeverThinnedAway) {
  const Both star = both(8, 40);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const View view = view_of(star.object, 40, {.crop = true, .drop = 0.9}, Random(seed));
    EXPECT_EQ(std::count(view.mask.begin(), view.mask.end(), 1.0f), 8);
  }
}

TrainingObject object_named(const std::string& id, const std::string& label, double period) {
  return {.object_id = id,
          .label = label,
          .observations = {},
          .features = {0.5, period, 0.2, 0.9},
          .log10_mad = 0,
          .delta_t = 1};
}

TEST(SplitOf, IsDecidedByTheHashOfTheIdAlone) {
  const SplitShares shares{.test = 0.15, .validation = 0.1};
  std::size_t n[3] = {};
  for (int i = 0; i < 20000; ++i) {
    const std::string id = "star" + std::to_string(i);
    const double u = holdout_position(id);
    const Split split = split_of(id, shares);
    ++n[static_cast<int>(split)];
    ASSERT_EQ(split, u < 0.15 ? Split::test : u < 0.25 ? Split::validation : Split::train);
  }
  // Binomial: sqrt(20000 * 0.15 * 0.85) = 50, sqrt(20000 * 0.1 * 0.9) = 42.
  EXPECT_NEAR(static_cast<double>(n[static_cast<int>(Split::test)]), 3000, 5 * 50);
  EXPECT_NEAR(static_cast<double>(n[static_cast<int>(Split::validation)]), 2000, 5 * 42);
}

TEST(FitScaling, IsMeanAndDeviationThePeriodsOfItsLogarithm) {
  const TrainingObject a = object_named("a", "X", 0.1), b = object_named("b", "X", 10);
  const std::vector<const TrainingObject*> all{&a, &b};
  const Scaling scaling = fit_scaling(all);
  EXPECT_DOUBLE_EQ(scaling.mean[1], 0);  // log10 of 0.1 and 10
  EXPECT_DOUBLE_EQ(scaling.std[1], 1);
  EXPECT_DOUBLE_EQ(scaling.mean[0], 0.5);
  EXPECT_EQ(scaling.std[0], 1);  // does not vary
}

TEST(ClassesOfLabel, AreItsPartsEachOnce) {
  using Names = std::vector<std::string_view>;
  EXPECT_EQ(classes_of_label("EW"), Names{"EW"});
  EXPECT_EQ(classes_of_label("EW|EB|EW"), (Names{"EW", "EB"}));
  for (const char* wrong : {"", "|", "EW|", "|EW", "EW||EB"})
    EXPECT_THROW(classes_of_label(wrong), Error) << wrong;
}

TEST(ClassWeights, CountAnObjectOfTwoClassesAsHalfOfEach) {
  const TrainingObject a = object_named("a", "A", 1), either = object_named("b", "A|B", 1);
  const std::vector<const TrainingObject*> all{&a, &either};
  const std::vector<std::string> classes{"A", "B"};
  TrainingOptions options;
  options.class_weighting = ClassWeighting::balanced;  // 1.5 of A, 0.5 of B
  const auto weights = class_weights(all, classes, options);
  EXPECT_FLOAT_EQ(weights[0], 2 / 3.0f);
  EXPECT_FLOAT_EQ(weights[1], 2);
}

TEST(Classified, CountsAnObjectOfTwoClassesAsTheLikelierAndItsLossIsThatOfBoth) {
  const HeadOutput output{.n_classes = 3, .logits = {2, 1, 3, 1, 2, 0}, .labels = {{0, 1}, {1, 2}}};
  const Classified found = classified(output);
  EXPECT_EQ(found.confusion.row(0)[2], 1u);  // called 2; of 0 and 1 the likelier is 0
  EXPECT_EQ(found.confusion.row(1)[1], 1u);
  const double first = (std::exp(2) + std::exp(1)) / (std::exp(2) + std::exp(1) + std::exp(3));
  const double second = (std::exp(2) + 1) / (std::exp(1) + std::exp(2) + 1);
  EXPECT_NEAR(found.loss, -(std::log(first) + std::log(second)) / 2, 1e-14);
}

TEST(BestTemperature, IsTheOneTheLogitsWereMultipliedWith) {
  // Labels drawn from softmax(logits); then the logits are three times as large.
  HeadOutput output{.n_classes = 3, .logits = {}, .labels = {}};
  Random random(4);
  for (int i = 0; i < 4000; ++i) {
    double logits[3], sum = 0;
    for (double& logit : logits) sum += std::exp(logit = 1.5 * random.normal());
    double left = random.uniform() * sum;
    std::int32_t label = 0;
    while (label < 2 && (left -= std::exp(logits[label])) > 0) ++label;
    for (const double logit : logits) output.logits.push_back(3 * logit);
    output.labels.push_back({label});
  }
  EXPECT_NEAR(best_temperature(output), 3, 0.25);
  EXPECT_EQ(best_temperature({.n_classes = 3, .logits = {}, .labels = {}}), 1);
}

TEST(ClassWeights, HaveAMeanOfOneOverTheObjects) {
  std::vector<TrainingObject> objects;
  for (int i = 0; i < 9; ++i) objects.push_back(object_named("a", "common", 1));
  objects.push_back(object_named("b", "rare", 1));
  std::vector<const TrainingObject*> all;
  for (const TrainingObject& object : objects) all.push_back(&object);
  const std::vector<std::string> classes{"common", "rare"};
  TrainingOptions options;
  EXPECT_TRUE(class_weights(all, classes, options).empty());
  options.class_weighting = ClassWeighting::balanced;
  auto weights = class_weights(all, classes, options);
  EXPECT_FLOAT_EQ(weights[0], 10.0f / 18);
  EXPECT_FLOAT_EQ(weights[1], 5);
  options.class_weighting = ClassWeighting::sqrt;
  weights = class_weights(all, classes, options);
  EXPECT_FLOAT_EQ(weights[1] / weights[0], 3);
  EXPECT_FLOAT_EQ(9 * weights[0] + weights[1], 10);
  options.class_weights = {{"rare", 4}};
  weights = class_weights(all, classes, options);
  EXPECT_FLOAT_EQ(weights[1] / weights[0], 4);
}

EpochMetrics epoch_with(double validation_loss) {
  return {.epoch = 1, .train_loss = 1, .validation_loss = validation_loss};
}

TEST(LearningRate, WarmsUpLinearlyAndFallsAsACosineToNothing) {
  TrainingOptions options;
  options.epochs = 5;
  options.learning_rate = 2;
  options.warmup_epochs = 1;
  options.schedule = LearningSchedule::cosine;
  EXPECT_DOUBLE_EQ(learning_rate(options, {}, 0, 10), 0.2);
  EXPECT_DOUBLE_EQ(learning_rate(options, {}, 9, 10), 2);
  const std::vector<EpochMetrics> one(1, epoch_with(1)), three(3, epoch_with(1)), four(4, epoch_with(1));
  EXPECT_DOUBLE_EQ(learning_rate(options, one, 0, 10), 2);
  EXPECT_DOUBLE_EQ(learning_rate(options, three, 0, 10), 1);  // half of the 40 steps that are left
  EXPECT_LT(learning_rate(options, four, 9, 10), 0.01);
}

TEST(LearningRate, IsReducedWhenTheValidationStandsStill) {
  TrainingOptions options;
  options.epochs = 100;
  options.learning_rate = 1;
  options.warmup_epochs = 0;
  options.schedule = LearningSchedule::plateau;
  options.plateau_patience = 2;
  std::vector<EpochMetrics> epochs;
  std::vector<double> rates;
  for (const double loss : {3.0, 2.0, 2.0, 2.1, 2.2, 1.0, 1.0, 1.0, 1.0}) {
    epochs.push_back(epoch_with(loss));
    rates.push_back(learning_rate(options, epochs, 0, 10));
  }
  EXPECT_EQ(rates, (std::vector<double>{1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25}));
}

TEST(IsOver, AfterTheLastEpochOrWithoutImprovement) {
  TrainingOptions options;
  options.epochs = 5;
  options.stop_patience = 2;
  std::vector<EpochMetrics> epochs{epoch_with(1), epoch_with(2)};
  EXPECT_FALSE(is_over(options, epochs));
  EXPECT_FALSE(is_best(epochs, EpochSelection::loss));
  EXPECT_TRUE(is_best(epochs, EpochSelection::last));
  epochs.push_back(epoch_with(1));
  EXPECT_FALSE(is_best(epochs, EpochSelection::loss));  // of equals the first
  EXPECT_TRUE(is_over(options, epochs));
  options.stop_patience = 0;
  EXPECT_FALSE(is_over(options, epochs));
  epochs.resize(5, epoch_with(1));
  EXPECT_TRUE(is_over(options, epochs));
}

TEST(ObjectCache, ComesBackAsItWasAndOnlyUnderItsKey) {
  const TemporaryFolder folder;
  TrainingObjects objects;
  objects.objects.push_back(both(20, 40).object);
  objects.objects.push_back(object_named("a,\"b\"", "", 0.3));
  objects.objects[0].copies = {both(15, 40).object, both(12, 40).object};
  objects.rejects = "{}\n";
  objects.n_rejected = 1;
  objects.n_unlabelled = 2;
  write_cache(folder / "c", "key", objects);
  const auto back = read_cache(folder / "c", "key");
  ASSERT_TRUE(back.has_value());
  ASSERT_EQ(back->objects.size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    const TrainingObject &was = objects.objects[i], &is = back->objects[i];
    EXPECT_EQ(is.object_id, was.object_id);
    EXPECT_EQ(is.label, was.label);
    EXPECT_EQ(is.observations, was.observations);
    EXPECT_EQ(is.features, was.features);
    EXPECT_EQ(is.log10_mad, was.log10_mad);
    EXPECT_EQ(is.delta_t, was.delta_t);
    ASSERT_EQ(is.copies.size(), was.copies.size());
    for (std::size_t c = 0; c < was.copies.size(); ++c) {
      EXPECT_EQ(is.copies[c].observations, was.copies[c].observations);
      EXPECT_EQ(is.copies[c].features, was.copies[c].features);
      EXPECT_EQ(is.copies[c].log10_mad, was.copies[c].log10_mad);
    }
  }
  EXPECT_EQ(back->rejects, objects.rejects);
  EXPECT_EQ(back->n_rejected, 1u);
  EXPECT_EQ(back->n_unlabelled, 2u);
  EXPECT_FALSE(read_cache(folder / "c", "other").has_value());
  EXPECT_FALSE(read_cache(folder / "none", "key").has_value());
}

TEST(ObjectCache, IsReadAnewWhereItIsDamaged) {
  const TemporaryFolder folder;
  TrainingObjects objects;
  objects.objects = {both(20, 40).object, object_named("a", "", 0.3)};
  write_cache(folder / "c", "key", objects);
  const SafetensorsFile file = SafetensorsFile::open(folder / "c");
  SafetensorsParts whole{.metadata = file.metadata(), .parts = {}};
  for (const std::string& name : file.names()) {
    const TensorView view = file.at(name);
    whole.parts.push_back({name,
                           view.entry->dtype_name,
                           view.shape(),
                           {reinterpret_cast<const char*>(view.bytes.data()), view.bytes.size()}});
  }
  const auto expect_none = [&](const char* what, const auto& damage) {
    SafetensorsParts parts = whole;
    damage(parts);
    write_file(folder / "damaged", parts.bytes());
    EXPECT_FALSE(read_cache(folder / "damaged", "key").has_value()) << what;
  };
  const auto cut = [](SafetensorsParts& parts, const char* name, std::size_t row_bytes) {
    auto& part = parts.at(name);
    --part.shape[0];
    part.data.resize(part.data.size() - row_bytes);
  };
  expect_none("more observations than there are", [](auto& parts) { parts.at("sizes").data[6] = 1; });
  expect_none("a negative size", [](auto& parts) { parts.at("sizes").data[7] = '\x80'; });
  expect_none("fewer sizes than observations", [](auto& parts) { parts.at("sizes").data[0] -= 1; });
  expect_none("numbers of one object", [&](auto& parts) { cut(parts, "numbers", 6 * sizeof(double)); });
  expect_none("copies of an object that is not there", [](auto& parts) { parts.at("copies").data[0] = 9; });
  expect_none("two counts", [&](auto& parts) { cut(parts, "counts", sizeof(std::int64_t)); });
  expect_none("a text without its end", [&](auto& parts) { cut(parts, "texts", 1); });
  expect_none("no rejects", [](auto& parts) { parts.remove("rejects"); });
}

}  // namespace
}  // namespace astrom3::training
