// SPDX-License-Identifier: MIT
//
// The trainer of several modalities: the same bits, going on, learning, and what it refuses.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/train_step/multimodal_twin.h"

namespace astrom3 {
namespace {

using train::MultimodalTrainer;
using train::MultimodalTrainerOptions;

struct Fixture {
  explicit Fixture(const std::string& name, const std::string& letters = "psm")
      : checkpoint(with_modalities(*load_multimodal_checkpoint(multimodal_golden(name)), letters)),
        file(SafetensorsFile::open(multimodal_golden(name) / "cases.safetensors")),
        cases(file),
        batch(cases, checkpoint.config, static_cast<std::int32_t>(checkpoint.config.num_classes)) {}

  MultimodalTrainer trainer(const MultimodalTrainerOptions& options) const {
    return {checkpoint, cases.n_pixels, options};
  }

  MultimodalCheckpoint checkpoint;
  SafetensorsFile file;
  MultimodalCases cases;
  GoldenBatch batch;
};

MultimodalTrainerOptions usual(TrainingObjective objective) {
  MultimodalTrainerOptions options;
  options.objective = objective;
  options.dropout = {0.2, 0.3, 0.1};
  options.weight_decay = 0.01;
  options.clip_norm = 1;
  options.seed = 5;
  return options;
}

std::map<std::string, std::vector<float>> values_of(const train::TensorsByName& tensors) {
  std::map<std::string, std::vector<float>> out;
  for (const auto& [name, tensor] : tensors) out[name] = tensor.data;
  return out;
}

TEST(MultimodalTrainer, GivesTheSameBitsForAnyThreadCount) {
  for (const auto& [name, objective] : {std::pair("tiny_clip", TrainingObjective::clip),
                                        std::pair("tiny_fused", TrainingObjective::classify)}) {
    const Fixture fixture(name);
    std::optional<std::map<std::string, std::vector<float>>> first;
    for (const std::size_t n_threads : {1u, 2u, 5u}) {
      MultimodalTrainerOptions options = usual(objective);
      options.n_threads = n_threads;
      MultimodalTrainer trainer = fixture.trainer(options);
      for (int step = 0; step < 3; ++step) trainer.step(fixture.batch.examples, 1e-3);
      const auto found = values_of(trainer.state());
      if (!first) first = found;
      EXPECT_EQ(found, *first) << name << ", " << n_threads << " threads";
    }
  }
}

TEST(MultimodalTrainer, GoesOnExactlyFromARestoredState) {
  const Fixture fixture("tiny_clip");
  MultimodalTrainerOptions options = usual(TrainingObjective::clip);
  options.optimiser = Optimiser::adam;
  MultimodalTrainer whole = fixture.trainer(options);
  for (int step = 0; step < 2; ++step) whole.step(fixture.batch.examples, 1e-3);
  MultimodalTrainer second = fixture.trainer(options);
  second.restore(whole.state());
  EXPECT_EQ(second.steps(), 2u);
  whole.step(fixture.batch.examples, 1e-3);
  second.step(fixture.batch.examples, 1e-3);
  EXPECT_EQ(values_of(second.state()), values_of(whole.state()));
}

TEST(MultimodalTrainer, LearnsItsBatchByHeart) {
  for (const auto& [name, objective] : {std::pair("tiny_clip", TrainingObjective::clip),
                                        std::pair("tiny_spectra", TrainingObjective::classify),
                                        std::pair("tiny_meta", TrainingObjective::classify),
                                        std::pair("tiny_fused", TrainingObjective::classify)}) {
    const Fixture fixture(name);
    MultimodalTrainerOptions options;
    options.objective = objective;
    MultimodalTrainer trainer = fixture.trainer(options);
    const double before = trainer.evaluate(fixture.batch.examples).loss;
    for (int step = 0; step < 60; ++step) trainer.step(fixture.batch.examples, 3e-3);
    const train::StepResult after = trainer.evaluate(fixture.batch.examples);
    EXPECT_LT(after.loss, 0.5 * before) << name;
    EXPECT_EQ(after.correct, fixture.batch.examples.size()) << name;
  }
}

// What inference gives from the trainer's checkpoint is what the trainer says of itself: embeddings by other
// kernels, so up to rounding.
TEST(MultimodalTrainer, GivesACheckpointThatInferenceAgreesWith) {
  const Fixture fixture("tiny_fused");
  MultimodalTrainer trainer = fixture.trainer(usual(TrainingObjective::classify));
  for (int step = 0; step < 3; ++step) trainer.step(fixture.batch.examples, 1e-3);
  std::vector<double> logits(fixture.batch.examples.size() * trainer.n_classes());
  trainer.evaluate(fixture.batch.examples, logits);
  const MultimodalEncoder encoder(std::make_shared<const MultimodalCheckpoint>(trainer.checkpoint()));
  const std::vector<float> expected = logits_of(encoder, fused_of(encoder, fixture.cases, "psm"));
  ASSERT_EQ(expected.size(), logits.size());
  for (std::size_t i = 0; i < logits.size(); ++i) EXPECT_NEAR(logits[i], expected[i], 1e-5) << i;
}

// Nothing is learnt about temperatures from classes: they stay, also under weight decay.
TEST(MultimodalTrainer, LeavesTheTemperaturesOfAClassifierAlone) {
  const Fixture fixture("tiny_fused");
  MultimodalTrainerOptions options = usual(TrainingObjective::classify);
  options.optimiser = Optimiser::adam;
  options.weight_decay = 0.5;
  MultimodalTrainer trainer = fixture.trainer(options);
  trainer.step(fixture.batch.examples, 0.1);
  for (const auto& [name, tensor] : trainer.checkpoint().space) {
    if (tensor.shape.empty()) {
      EXPECT_EQ(tensor.data, fixture.checkpoint.space.at(name).data) << name;
    }
  }
}

TEST(MultimodalTrainer, RefusesWhatItCannotTrain) {
  const Fixture clip("tiny_clip"), spectra("tiny_spectra");
  EXPECT_THROW(spectra.trainer(usual(TrainingObjective::clip)), Error);
  EXPECT_THROW(clip.trainer(usual(TrainingObjective::classify)), Error);
  EXPECT_THROW(clip.trainer(usual(TrainingObjective::contrast)), Error);
  EXPECT_THROW(MultimodalTrainer(clip.checkpoint, 1000, usual(TrainingObjective::clip)), Error);
  MultimodalTrainerOptions options = usual(TrainingObjective::clip);
  options.dropout[1] = 1;
  EXPECT_THROW(clip.trainer(options), Error);

  MultimodalTrainer trainer = clip.trainer(usual(TrainingObjective::clip));
  const auto before = values_of(trainer.state());
  std::vector<train::MultimodalExample> batch = clip.batch.examples;
  EXPECT_THROW(trainer.step({}, 1e-3), Error);
  batch[2].metadata = batch[2].metadata.first(3);
  EXPECT_THROW(trainer.step(batch, 1e-3), Error);
  EXPECT_EQ(values_of(trainer.state()), before);

  MultimodalTrainer classifier = spectra.trainer(usual(TrainingObjective::classify));
  std::vector<train::MultimodalExample> labelled = spectra.batch.examples;
  const std::vector<std::int32_t> wrong{5};
  labelled[0].labels = wrong;
  EXPECT_THROW(classifier.step(labelled, 1e-3), Error);
  labelled[0].labels = {};
  EXPECT_THROW(classifier.step(labelled, 1e-3), Error);
}

// A number that is not finite ends in the loss and changes nothing.
TEST(MultimodalTrainer, KeepsItsParametersWhereTheLossIsNotFinite) {
  const Fixture fixture("tiny_clip");
  MultimodalTrainer trainer = fixture.trainer(usual(TrainingObjective::clip));
  const auto before = values_of(trainer.state());
  std::vector<train::MultimodalExample> batch = fixture.batch.examples;
  std::vector<float> spectrum(batch[1].spectrum.begin(), batch[1].spectrum.end());
  spectrum[700] = std::nanf("");
  batch[1].spectrum = spectrum;
  EXPECT_FALSE(std::isfinite(trainer.step(batch, 1e-3).loss));
  EXPECT_EQ(values_of(trainer.state()), before);
}

}  // namespace
}  // namespace astrom3
