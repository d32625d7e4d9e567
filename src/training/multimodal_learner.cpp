// SPDX-License-Identifier: MIT
#include "training/multimodal_learner.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/shared_space/modality.h"
#include "astrom3/shared_space/multimodal_checkpoint.h"
#include "astrom3/tensor.h"
#include "astrom3/train_step/objective.h"
#include "astrom3/training/training.h"
#include "shared_space/checkpoint_parts.h"
#include "train_step/multimodal_example.h"
#include "train_step/multimodal_trainer.h"
#include "train_step/parameters.h"
#include "train_step/step_result.h"
#include "training/calibration.h"
#include "training/data_split.h"
#include "training/learner.h"
#include "training/objects.h"
#include "training/view.h"

namespace astrom3::training {
namespace {

class MultimodalLearner final : public Learner {
 public:
  MultimodalLearner(const MultimodalCheckpoint& start, train::MultimodalTrainerOptions trainer,
                    MultimodalSetting setting, const TrainingOptions& options)
      : setting_(std::move(setting)),
        options_(options),
        trainer_options_(std::move(trainer)),
        trainer_(start, setting_.n_pixels, trainer_options_) {}

  train::StepResult step(ObjectList objects, std::size_t epoch, double learning_rate) override {
    Batch batch(*this, objects, epoch);
    return trainer_.step(batch.examples, learning_rate);
  }

  HeadOutput head_output(ObjectList objects) const override {
    HeadOutput output{.n_classes = setting_.classes.size(), .logits = {}, .labels = {}};
    std::vector<const TrainingObject*> known;
    for (const TrainingObject* object : objects) {
      const std::vector<std::int32_t> labels = class_indices(setting_.classes, object->label);
      if (labels.empty()) continue;
      known.push_back(object);
      output.labels.push_back(labels);
    }
    output.logits.resize(known.size() * output.n_classes);
    for (std::size_t first = 0; first < known.size(); first += kEvaluated) {
      const std::size_t n = std::min(kEvaluated, known.size() - first);
      const Batch batch(*this, std::span(known).subspan(first, n), kNoEpoch);
      trainer_.evaluate(batch.examples,
                        std::span(output.logits).subspan(first * output.n_classes, n * output.n_classes));
    }
    return output;
  }

  /// Batches as in training; the loss, which depends on their size, is the plain mean over them.
  void validate_unlabelled(ObjectList objects, EpochMetrics& epoch) const override {
    const std::size_t batches = count_batches(objects.size(), options_);
    double loss = 0;
    std::size_t correct = 0;
    for (std::size_t b = 0; b < batches; ++b) {
      const std::size_t first = b * objects.size() / batches, end = (b + 1) * objects.size() / batches;
      const Batch batch(*this, objects.subspan(first, end - first), kNoEpoch);
      const train::StepResult result = trainer_.evaluate(batch.examples);
      loss += result.loss;
      correct += result.correct;
    }
    epoch.validation_loss = loss / static_cast<double>(batches);
    epoch.validation_accuracy = static_cast<double>(correct) / static_cast<double>(objects.size());
  }

  train::TensorsByName state() const override { return trainer_.state(); }
  void restore(const train::TensorsByName& state) override { trainer_.restore(state); }

  void write(const std::filesystem::path& folder,
             const std::map<std::string, std::string>& metadata) const override {
    MultimodalCheckpoint checkpoint = trainer_.checkpoint();
    checkpoint.file_metadata = metadata;
    write_multimodal_checkpoint(folder, checkpoint, setting_.preprocessing, options_.dtype);
  }

  WrittenCheckpoint read_back(const std::filesystem::path& folder) override {
    const auto written = load_multimodal_checkpoint(folder);
    trainer_ = train::MultimodalTrainer(*written, setting_.n_pixels, trainer_options_);
    return {.sha256 = written->sha256, .metadata = written->file_metadata};
  }

  void learn_from_means(const std::filesystem::path& /*folder*/, const DataSplit& /*split*/) const override {
    throw Error(Status::usage, "refit-head and out-of-class are for light curves alone");
  }

  void calibrate(const std::filesystem::path& folder, double temperature) const override {
    MultimodalCheckpoint calibrated = *load_multimodal_checkpoint(folder);
    apply_temperature(calibrated.space, calibrated.file_metadata, temperature);
    write_multimodal_checkpoint(folder, calibrated, setting_.preprocessing, options_.dtype);
  }

 private:
  static constexpr std::size_t kNoEpoch = 0;  // epochs begin at 1

  /// Examples with the memory behind them. Of kNoEpoch: each light curve whole, or from its centre.
  struct Batch {
    Batch(const MultimodalLearner& learner, ObjectList objects, std::size_t epoch);

    std::vector<float> x_enc, mask;
    std::vector<std::vector<std::int32_t>> labels;
    std::vector<train::MultimodalExample> examples;
  };

  MultimodalSetting setting_;
  const TrainingOptions& options_;
  train::MultimodalTrainerOptions trainer_options_;
  train::MultimodalTrainer trainer_;
};

MultimodalLearner::Batch::Batch(const MultimodalLearner& learner, ObjectList objects, std::size_t epoch) {
  const MultimodalConfig& config = learner.trainer_.config();
  const TrainingOptions& options = learner.options_;
  const std::size_t T = config.has(Modality::photo) ? static_cast<std::size_t>(config.photo.seq_len) : 0;
  x_enc.resize(objects.size() * T * kChannels);
  mask.resize(objects.size() * T);
  labels.resize(objects.size());
  for (std::size_t i = 0; i < objects.size(); ++i) {
    const TrainingObject& object = *objects[i];
    const auto x = std::span(x_enc).subspan(i * T * kChannels, T * kChannels);
    const auto m = std::span(mask).subspan(i * T, T);
    if (T > 0 && epoch == kNoEpoch) write_view(object, learner.setting_.scaling, x, m);
    if (T > 0 && epoch != kNoEpoch)
      write_view(object, learner.setting_.scaling, options.augmentation,
                 view_random(options.seed, epoch, object.object_id, 0), x, m);
    if (options.objective == TrainingObjective::classify)
      labels[i] = class_indices(learner.setting_.classes, object.label);
    examples.push_back({.x_enc = x,
                        .mask = m,
                        .spectrum = object.spectrum,
                        .metadata = object.metadata,
                        .labels = labels[i]});
  }
}

}  // namespace

std::unique_ptr<Learner> make_multimodal_learner(const MultimodalCheckpoint& start,
                                                 const train::MultimodalTrainerOptions& trainer,
                                                 MultimodalSetting setting, const TrainingOptions& options) {
  return std::make_unique<MultimodalLearner>(start, trainer, std::move(setting), options);
}

}  // namespace astrom3::training
