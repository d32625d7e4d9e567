// SPDX-License-Identifier: MIT
//
// Steps of the trainer: the optimiser's formulas, that it learns, and that nothing but its inputs decides the
// bits.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "astrom3/base/error.h"
#include "kernels/dispatch.h"
#include "tests/encoder/encoder_cases.h"
#include "tests/encoder/encoder_reference.h"
#include "tests/train_step/one_label.h"
#include "train_step/adam.h"
#include "train_step/passes.h"
#include "train_step/trainer.h"

namespace astrom3 {
namespace {

using train::Example;
using train::Trainer;
using train::TrainerOptions;

using State = std::map<std::string, Tensor, std::less<>>;

std::vector<Example> examples_of(const Cases& cases, const EncoderConfig& config, std::size_t classes = 3) {
  const auto T = static_cast<std::size_t>(config.seq_len), C = static_cast<std::size_t>(config.enc_in);
  std::vector<Example> out;
  for (std::size_t i = 0; i < cases.count(config); ++i) {
    out.push_back({.x_enc = std::span(cases.x_enc).subspan(i * T * C, T * C),
                   .mask = std::span(cases.mask).subspan(i * T, T),
                   .labels = one_label(i % classes)});
  }
  return out;
}

void expect_same_bits(const State& a, const State& b) {
  ASSERT_EQ(a.size(), b.size());
  for (const auto& [name, tensor] : a) EXPECT_EQ(first_difference(tensor.data, b.at(name).data), -1) << name;
}

TrainerOptions usual_options(TrainingObjective objective = TrainingObjective::classify) {
  TrainerOptions options;
  options.objective = objective;
  options.dropout = 0.15;
  options.label_smoothing = 0.05;
  options.weight_decay = 0.01;
  options.clip_norm = 1;
  options.seed = 3;
  return options;
}

// ---- AdamW ---------------------------------------------------------------------------------------

// With a constant gradient g the corrected moments are g and g^2 at every step, so that each moves the
// parameter by learning_rate * g / (|g| + epsilon) after shrinking it by 1 - learning_rate * weight_decay.
TEST(AdamW, MovesByTheLearningRateUnderAConstantGradient) {
  std::vector<float> w = {1.0f, -2.0f}, m(2), v(2);
  const std::vector<float> g = {0.5f, -3.0f};
  std::vector<double> exact = {1, -2};
  train::AdamStep step{
      .learning_rate = 0.01, .weight_decay = 0.1, .beta1 = 0.9, .beta2 = 0.99, .epsilon = 1e-8};
  for (step.t = 1; step.t <= 50; ++step.t) {
    step(w, g, m, v);
    for (std::size_t i = 0; i < 2; ++i) {
      const double gradient = static_cast<double>(g[i]);
      exact[i] = exact[i] * (1 - 0.01 * 0.1) - 0.01 * gradient / (std::abs(gradient) + 1e-8);
      // A few roundings a step, of numbers below 2.
      EXPECT_NEAR(w[i], exact[i], static_cast<double>(step.t) * 4 * 0x1p-23);
    }
  }
}

// With L2 the decay is a part of the gradient, and so of its moments: a weight of gradient 0 moves by the
// learning rate, however small the decay is.
TEST(Adam, HasTheDecayInItsMoments) {
  std::vector<float> w = {2.0f}, m(1), v(1);
  train::AdamStep step{.form = Optimiser::adam,
                       .learning_rate = 0.01,
                       .weight_decay = 0.5,
                       .beta1 = 0.5,
                       .beta2 = 0.75,
                       .epsilon = 1e-12,
                       .gradient_scale = 0.25};
  step(w, std::vector<float>{0.0f}, m, v);
  EXPECT_FLOAT_EQ(w[0], 1.99f);
  EXPECT_EQ(m[0], 0.5f);   // half of 0.5 * 2, which clipping does not scale
  EXPECT_EQ(v[0], 0.25f);  // a quarter of its square
}

TEST(AdamW, MomentsAreExponentialMeans) {
  std::vector<float> w = {0.0f}, m(1), v(1);
  train::AdamStep step{.learning_rate = 0, .weight_decay = 0, .beta1 = 0.5, .beta2 = 0.75, .epsilon = 1};
  step(w, std::vector<float>{4.0f}, m, v);
  step.t = 2;
  step.gradient_scale = 0.5;
  step(w, std::vector<float>{4.0f}, m, v);
  EXPECT_EQ(m[0], 0.5f * 2 + 0.5f * 2);
  EXPECT_EQ(v[0], 0.75f * 4 + 0.25f * 4);
  EXPECT_EQ(w[0], 0.0f);
}

TEST(Trainer, DecaysMatricesAndNothingElse) {
  const EncoderConfig config = small_config();
  const auto checkpoint = random_checkpoint(config, true);
  const Cases cases = random_cases(config, 4);
  TrainerOptions options = usual_options();
  options.weight_decay = 0.5;
  Trainer with(*checkpoint, options);
  options.weight_decay = 0;
  Trainer without(*checkpoint, options);
  with.step(examples_of(cases, config), 0.1);
  without.step(examples_of(cases, config), 0.1);
  const State decayed = with.state(), plain = without.state();
  for (const auto& [name, start] : checkpoint->tensors) {
    if (name.ends_with(".pe")) continue;
    for (std::size_t i = 0; i < start.data.size(); ++i) {
      const double expected = start.shape.size() > 1 ? -0.05 * static_cast<double>(start.data[i]) : 0;
      ASSERT_NEAR(decayed.at(name).data[i] - plain.at(name).data[i], expected, 1e-6) << name;
    }
  }
}

TEST(Trainer, ClipsTheGradientToTheNorm) {
  const EncoderConfig config = small_config();
  const Cases cases = random_cases(config, 4);
  TrainerOptions options = usual_options();
  options.clip_norm = 1e-3;
  Trainer trainer(*random_checkpoint(config, true), options);
  EXPECT_GT(trainer.step(examples_of(cases, config), 0.1).gradient_norm, 1e-2);
  double squares = 0;
  for (const auto& [name, tensor] : trainer.state()) {
    if (!name.starts_with("moment1.")) continue;
    for (const float m : tensor.data) squares += 100.0 * static_cast<double>(m) * static_cast<double>(m);
  }
  EXPECT_NEAR(std::sqrt(squares), 1e-3, 1e-7);
}

// V is learnt, and every step's weights are V / T: what AdamW does to V, a T-th of it happens to them.
TEST(Trainer, APooledHeadIsTheSameForEveryStepAndMovesAsTheMeansWouldMoveIt) {
  const EncoderConfig config = small_config();
  const auto T = static_cast<std::size_t>(config.seq_len), D = static_cast<std::size_t>(config.d_model);
  const auto start = random_checkpoint(config, true);
  const std::vector<float>& free = start->tensors.at("fc.weight").data;
  const Cases cases = random_cases(config, 4);
  TrainerOptions options;
  options.head = HeadForm::pooled;
  options.epsilon = 1e-15;  // so that the first step has the size of the learning rate
  Trainer plain(*start, options);
  const State pooled = plain.state();
  const std::size_t classes = plain.n_classes();
  plain.step(examples_of(cases, config), 0.1);
  options.weight_decay = 0.5;
  Trainer decaying(*start, options);
  decaying.step(examples_of(cases, config), 0.1);
  const State moved = plain.state(), decayed = decaying.state();
  for (std::size_t c = 0; c < classes; ++c) {
    for (std::size_t d = 0; d < D; ++d) {
      double mean = 0;
      for (std::size_t t = 0; t < T; ++t) mean += static_cast<double>(free[(c * T + t) * D + d]);
      mean /= static_cast<double>(T);
      for (std::size_t t = 0; t < T; ++t) {
        const std::size_t i = (c * T + t) * D + d;
        ASSERT_NEAR(pooled.at("fc.weight").data[i], mean, 1e-7);
        ASSERT_EQ(moved.at("fc.weight").data[i], moved.at("fc.weight").data[c * T * D + d]);
        const float step = moved.at("fc.weight").data[i] - pooled.at("fc.weight").data[i];
        ASSERT_NEAR(std::abs(step), 0.1 / static_cast<double>(T), 1e-4 / static_cast<double>(T));
        ASSERT_NEAR(decayed.at("fc.weight").data[i] - moved.at("fc.weight").data[i], -0.05 * mean, 1e-6);
      }
    }
  }
}

TEST(Trainer, ClipsWhatAPooledHeadLearnsNotItsCopies) {
  const EncoderConfig config = small_config();
  const Cases cases = random_cases(config, 4);
  TrainerOptions options = usual_options();
  options.head = HeadForm::pooled;
  options.clip_norm = 1e-3;
  Trainer trainer(*random_checkpoint(config, true), options);
  trainer.step(examples_of(cases, config), 0.1);
  double squares = 0;
  for (const auto& [name, tensor] : trainer.state()) {
    if (!name.starts_with("moment1.")) continue;
    const double copies = name == "moment1.fc.weight" ? static_cast<double>(config.seq_len) : 1;
    for (const float m : tensor.data)
      squares += 100.0 * static_cast<double>(m) * static_cast<double>(m) / copies;
  }
  EXPECT_NEAR(std::sqrt(squares), 1e-3, 1e-7);
}

// ---- the network ---------------------------------------------------------------------------------

// Both sum the same products in float; the order of some sums differs.
TEST(Trainer, ForwardPassIsThatOfTheEncoder) {
  const auto checkpoint = load_checkpoint(golden("tiny"));
  const auto file = SafetensorsFile::open(golden("tiny") / "cases.safetensors");
  const EncoderConfig& config = checkpoint->config;
  const EncoderSizes sizes(config, static_cast<std::size_t>(config.num_classes));
  const Cases cases = read_cases(file, 4, sizes.T);
  const std::vector<double> exact = first_values(file, "logits", 4 * sizes.classes);
  const train::ParameterLayout layout(sizes);
  const auto& table = kernels::training_kernels(default_isa());
  AlignedBuffer<float> parameters(layout.size), positions(sizes.T * sizes.D_padded);
  train::gather(layout.tensors, checkpoint->tensors, "", parameters.span());
  const auto& pe = checkpoint->tensors.at("enc_embedding.position_embedding.pe").data;
  for (std::size_t t = 0; t < sizes.T; ++t)
    std::copy_n(pe.data() + t * sizes.D, sizes.D, positions.data() + t * sizes.D_padded);
  train::PackedParameters<float> packed(layout, table);
  packed.pack(parameters.data());
  const train::Passes<float> passes(sizes, layout, table, packed, parameters.data(), positions.data(),
                                    kernels::Epilogue::gelu);
  train::Activations<float> activations(sizes);
  std::vector<float> logits;
  for (const Example& example : examples_of(cases, config)) {
    std::vector<float> one(sizes.classes);
    passes.forward(example.x_enc, {}, activations);
    passes.logits(example.mask, activations, one);
    logits.insert(logits.end(), one.begin(), one.end());
  }
  EXPECT_LE(worst_difference(logits, exact), 1e-5 * std::max(1.0, largest_magnitude(exact)));
}

TEST(Trainer, EvaluatesAsTheEncoderDoes) {
  const EncoderConfig config = small_config();
  const auto checkpoint = random_checkpoint(config, true);
  const Cases cases = random_cases(config, 5);
  const Result expected = encode(Encoder(checkpoint), cases);
  TrainerOptions options = usual_options();
  options.n_threads = 2;
  const Trainer trainer(*checkpoint, options);
  std::vector<float> logits(expected.logits.size()), mean(expected.mean.size());
  trainer.evaluate(examples_of(cases, config), logits, mean);
  EXPECT_EQ(first_difference(logits, expected.logits), -1);
  EXPECT_EQ(first_difference(mean, expected.mean), -1);
}

TEST(Trainer, CheckpointOfAnUntouchedTrainerIsTheStart) {
  const auto checkpoint = load_checkpoint(golden("tiny"));
  const Checkpoint copy = Trainer(*checkpoint, usual_options()).checkpoint();
  ASSERT_EQ(copy.tensors.size(), checkpoint->tensors.size());
  for (const auto& [name, tensor] : checkpoint->tensors) {
    EXPECT_EQ(copy.tensors.at(name).shape, tensor.shape) << name;
    EXPECT_EQ(first_difference(copy.tensors.at(name).data, tensor.data), -1) << name;
  }
}

TEST(Trainer, LossGoesToZeroOnATinySet) {
  const EncoderConfig config = small_config();
  const Cases cases = random_cases(config, 9);
  TrainerOptions options;
  options.clip_norm = 1;
  Trainer trainer(*random_checkpoint(config, true), options);
  train::StepResult result;
  for (int i = 0; i < 150; ++i) result = trainer.step(examples_of(cases, config), 2e-3);
  EXPECT_LT(result.loss, 1e-2);
  EXPECT_EQ(result.correct, 9u);
}

TEST(Trainer, LearnsToFindTheOtherViewOfAStar) {
  const EncoderConfig config = small_config();
  Cases cases = random_cases(config, 16);
  std::vector<Example> examples = examples_of(cases, config);
  for (std::size_t i = 0; i < examples.size(); i += 2) {  // the second view: the first with noise
    const std::size_t size = examples[i].x_enc.size();
    const std::vector<float> noise = random_floats(size, static_cast<std::uint32_t>(i), -0.3f, 0.3f);
    for (std::size_t j = 0; j < size; ++j)
      cases.x_enc[(i + 1) * size + j] = cases.x_enc[i * size + j] + noise[j];
    examples[i + 1].mask = examples[i].mask;
  }
  TrainerOptions options;
  options.objective = TrainingObjective::contrast;
  options.clip_norm = 1;
  const auto start = random_checkpoint(config, true);
  Trainer trainer(*start, options);
  const double before = trainer.step(examples, 1e-3).loss;
  train::StepResult result;
  for (int i = 0; i < 60; ++i) result = trainer.step(examples, 1e-3);
  EXPECT_LT(result.loss, 0.1 * before);
  EXPECT_EQ(result.correct, 16u);
  EXPECT_EQ(trainer.checkpoint().tensors.at("fc.weight").data, start->tensors.at("fc.weight").data);
}

// ---- reproducibility -----------------------------------------------------------------------------

TEST(Trainer, GivesTheSameBitsForAnyThreadCount) {
  const EncoderConfig config = small_config();
  const Cases cases = random_cases(config, 22);
  const auto checkpoint = random_checkpoint(config, true);
  for (const TrainingObjective objective : {TrainingObjective::classify, TrainingObjective::contrast}) {
    TrainerOptions options = usual_options(objective);
    Trainer alone(*checkpoint, options);
    alone.step(examples_of(cases, config), 1e-3);
    alone.step(examples_of(cases, config), 1e-3);
    for (const std::size_t n_threads : {2u, 5u}) {
      options.n_threads = n_threads;
      Trainer together(*checkpoint, options);
      together.step(examples_of(cases, config), 1e-3);
      together.step(examples_of(cases, config), 1e-3);
      expect_same_bits(alone.state(), together.state());
    }
  }
}

TEST(Trainer, GivesTheSameBitsOnEveryInstructionSet) {
  const EncoderConfig config = small_config();
  const Cases cases = random_cases(config, 6);
  const auto checkpoint = random_checkpoint(config, true);
  const char* chosen = std::getenv("ASTROM3_ISA");
  const std::string before = chosen == nullptr ? "" : chosen;
  State scalar;
  for (const Isa isa : compiled_isas()) {
    if (!isa_supported(isa)) continue;
    setenv("ASTROM3_ISA", std::string(isa_name(isa)).c_str(), 1);
    Trainer trainer(*checkpoint, usual_options());
    setenv("ASTROM3_ISA", before.c_str(), 1);  // empty is none
    for (int i = 0; i < 3; ++i) trainer.step(examples_of(cases, config), 1e-3);
    if (isa == Isa::scalar) scalar = trainer.state();
    expect_same_bits(scalar, trainer.state());
  }
}

TEST(Trainer, GoesOnExactlyFromARestoredState) {
  const EncoderConfig config = small_config();
  const auto checkpoint = random_checkpoint(config, true);
  const Cases cases = random_cases(config, 6);
  Trainer whole(*checkpoint, usual_options());
  for (int i = 0; i < 3; ++i) whole.step(examples_of(cases, config), 1e-3);
  const State middle = whole.state();
  Trainer resumed(*checkpoint, usual_options());
  resumed.step(examples_of(random_cases(config, 5, 99), config), 1e-2);  // elsewhere
  resumed.restore(middle);
  EXPECT_EQ(resumed.steps(), 3u);
  for (Trainer* trainer : {&whole, &resumed}) {
    for (int i = 0; i < 2; ++i) trainer->step(examples_of(cases, config), 1e-3);
  }
  expect_same_bits(whole.state(), resumed.state());
}

TEST(Trainer, DropsOtherValuesInEveryStepAndForEverySeed) {
  const EncoderConfig config = small_config();
  const auto checkpoint = random_checkpoint(config, true);
  const Cases cases = random_cases(config, 4);
  TrainerOptions options = usual_options();
  options.dropout = 0.5;
  const auto losses = [&](std::uint64_t seed) {
    options.seed = seed;
    Trainer trainer(*checkpoint, options);
    return std::pair(trainer.step(examples_of(cases, config), 0).loss,
                     trainer.step(examples_of(cases, config), 0).loss);
  };
  const auto [first, second] = losses(1);
  EXPECT_NE(first, second);
  EXPECT_NE(first, losses(2).first);
  EXPECT_EQ(first, losses(1).first);
}

// ---- what it refuses -----------------------------------------------------------------------------

TEST(Trainer, RefusesBatchesThatDoNotFitAndChangesNothing) {
  const EncoderConfig config = small_config();
  const Cases cases = random_cases(config, 3);
  std::vector<Example> batch = examples_of(cases, config);
  Trainer classifier(*random_checkpoint(config, true), usual_options());
  Trainer views(*random_checkpoint(config, false), usual_options(TrainingObjective::contrast));
  const State before = classifier.state();
  EXPECT_THROW(classifier.step({}, 1e-3), Error);
  EXPECT_THROW(views.step(batch, 1e-3), Error);  // three
  const std::vector<std::vector<std::int32_t>> wrong{{3}, {-1}, {0, 3}, {1, 1}, {}};
  for (const std::vector<std::int32_t>& labels : wrong) {
    batch[1].labels = labels;
    EXPECT_THROW(classifier.step(batch, 1e-3), Error);
  }
  batch[1].labels = one_label(0);
  batch[2].mask = batch[2].mask.first(5);
  EXPECT_THROW(classifier.step(batch, 1e-3), Error);
  expect_same_bits(before, classifier.state());
}

TEST(Trainer, KeepsItsParametersWhenTheLossIsNotFinite) {
  const EncoderConfig config = small_config();
  Cases cases = random_cases(config, 3);
  cases.x_enc[7] = std::nanf("");
  Trainer trainer(*random_checkpoint(config, true), usual_options());
  const State before = trainer.state();
  EXPECT_TRUE(std::isnan(trainer.step(examples_of(cases, config), 1e-3).loss));
  expect_same_bits(before, trainer.state());
}

TEST(Trainer, RefusesOptionsOutOfRange) {
  const auto checkpoint = random_checkpoint(small_config(), true);
  const auto refuses = [&](auto change) {
    TrainerOptions options = usual_options();
    change(options);
    EXPECT_THROW(Trainer(*checkpoint, options), Error);
  };
  refuses([](TrainerOptions& o) { o.dropout = 1; });
  refuses([](TrainerOptions& o) { o.label_smoothing = -0.1; });
  refuses([](TrainerOptions& o) { o.class_weights = {1, 1}; });
  refuses([](TrainerOptions& o) { o.beta2 = 1; });
  refuses([](TrainerOptions& o) { o.epsilon = 0; });
  refuses([](TrainerOptions& o) { o.clip_norm = std::nan(""); });
  refuses([](TrainerOptions& o) {
    o.objective = TrainingObjective::contrast;
    o.temperature = 0;
  });
  EXPECT_THROW(Trainer(*random_checkpoint(small_config(), false), usual_options()), Error);
}

TEST(Trainer, RefusesAStateThatDoesNotFitAndChangesNothing) {
  const auto checkpoint = random_checkpoint(small_config(), true);
  Trainer trainer(*checkpoint, usual_options());
  const State before = trainer.state();
  for (const char* name : {"encoder.norm.weight", "moment2.fc.bias", "steps"}) {
    State broken = before;
    broken.erase(name);
    EXPECT_THROW(trainer.restore(broken), Error) << name;
    broken = before;
    broken.at(name).data.push_back(0);
    EXPECT_THROW(trainer.restore(broken), Error) << name;
  }
  State broken = before;
  broken.at("steps").data[0] = -1;
  EXPECT_THROW(trainer.restore(broken), Error);
  expect_same_bits(before, trainer.state());
}

}  // namespace
}  // namespace astrom3
