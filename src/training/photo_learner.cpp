// SPDX-License-Identifier: MIT
#include "training/photo_learner.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/encoder/checkpoint.h"
#include "astrom3/features/scaling.h"
#include "astrom3/tensor.h"
#include "astrom3/train_step/objective.h"
#include "astrom3/training/training.h"
#include "train_step/losses.h"
#include "train_step/parameters.h"
#include "train_step/step_result.h"
#include "train_step/trainer.h"
#include "training/calibration.h"
#include "training/data_split.h"
#include "training/head_fit.h"
#include "training/learner.h"
#include "training/object_means.h"
#include "training/objects.h"
#include "training/out_of_class_fit.h"
#include "training/view.h"

namespace astrom3::training {
namespace {

constexpr std::size_t kNoEpoch = 0;  // epochs begin at 1

/// The memory behind the examples of one batch.
class Examples {
 public:
  Examples(std::size_t n_steps, std::size_t n)
      : n_steps_(n_steps), x_(n * n_steps * kChannels), mask_(n * n_steps), labels_(n) {}

  void clear() { examples_.clear(); }
  /// The next example's memory, to be written by the caller.
  struct Slot {
    std::span<float> x_enc, mask;
  };
  Slot add(std::vector<std::int32_t> labels) {
    const std::size_t i = examples_.size();
    labels_[i] = std::move(labels);
    const Slot slot{std::span(x_).subspan(i * n_steps_ * kChannels, n_steps_ * kChannels),
                    std::span(mask_).subspan(i * n_steps_, n_steps_)};
    examples_.push_back({.x_enc = slot.x_enc, .mask = slot.mask, .labels = labels_[i]});
    return slot;
  }
  std::span<const train::Example> all() const { return examples_; }

 private:
  std::size_t n_steps_;
  std::vector<float> x_, mask_;
  std::vector<std::vector<std::int32_t>> labels_;
  std::vector<train::Example> examples_;
};

class PhotoLearner final : public Learner {
 public:
  PhotoLearner(const Checkpoint& start, train::TrainerOptions trainer, std::vector<std::string> classes,
               const Scaling& scaling, const TrainingOptions& options)
      : config_(start.config),
        scaling_(scaling),
        classes_(std::move(classes)),
        options_(options),
        trainer_options_(std::move(trainer)),
        trainer_(start, trainer_options_) {}

  train::StepResult step(ObjectList objects, std::size_t epoch, double learning_rate) override {
    Examples examples(n_steps(), answers() * objects.size());
    fill(examples, objects, epoch);
    return trainer_.step(examples.all(), learning_rate);
  }

  std::size_t answers() const override { return contrasts() ? 2 : 1; }

  HeadOutput head_output(ObjectList objects) const override;
  void validate_unlabelled(ObjectList objects, EpochMetrics& epoch) const override;

  train::TensorsByName state() const override { return trainer_.state(); }
  void restore(const train::TensorsByName& state) override { trainer_.restore(state); }

  void write(const std::filesystem::path& folder,
             const std::map<std::string, std::string>& metadata) const override {
    Checkpoint checkpoint = trainer_.checkpoint();
    checkpoint.config = config_;
    checkpoint.scaling = scaling_;
    checkpoint.metadata = metadata;
    write_checkpoint(folder, checkpoint, options_.dtype);
  }

  WrittenCheckpoint read_back(const std::filesystem::path& folder) override {
    const auto written = load_checkpoint(folder);
    trainer_ = train::Trainer(*written, trainer_options_);
    return {.sha256 = written->sha256, .metadata = written->metadata};
  }

  void learn_from_means(const std::filesystem::path& folder, const DataSplit& split) const override {
    Checkpoint checkpoint = *load_checkpoint(folder);
    const ObjectMeans validation = means_of(split.validation);
    if (options_.refit_head)
      apply_head(checkpoint.tensors, checkpoint.metadata,
                 fit_head(means_of(split.train, 2), validation, classes_.size(), options_.n_threads));
    if (options_.out_of_class)
      add_out_of_class(checkpoint.tensors, means_of(split.train), validation, classes_.size());
    checkpoint.metadata[kLearntFromMeans] = "true";
    write_checkpoint(folder, checkpoint, options_.dtype);
  }

  void calibrate(const std::filesystem::path& folder, double temperature) const override {
    Checkpoint calibrated = *load_checkpoint(folder);
    apply_temperature(calibrated.tensors, calibrated.metadata, temperature);
    write_checkpoint(folder, calibrated, options_.dtype);
  }

 private:
  bool contrasts() const { return options_.objective == TrainingObjective::contrast; }
  std::size_t n_steps() const { return static_cast<std::size_t>(config_.seq_len); }
  void fill(Examples& examples, ObjectList objects, std::size_t epoch) const;
  /// Of each object as it is, and of n_views - 1 views as an epoch sees it.
  ObjectMeans means_of(ObjectList objects, std::size_t n_views = 1) const;

  EncoderConfig config_;
  Scaling scaling_;
  std::vector<std::string> classes_;
  const TrainingOptions& options_;
  train::TrainerOptions trainer_options_;
  train::Trainer trainer_;
};

void PhotoLearner::fill(Examples& examples, ObjectList objects, std::size_t epoch) const {
  examples.clear();
  for (const TrainingObject* object : objects) {
    for (std::size_t view = 0; view < answers(); ++view) {
      const auto slot =
          examples.add(contrasts() ? std::vector<std::int32_t>{} : class_indices(classes_, object->label));
      write_view(*object, scaling_, options_.augmentation,
                 view_random(options_.seed, epoch, object->object_id, view), slot.x_enc, slot.mask);
    }
  }
}

HeadOutput PhotoLearner::head_output(ObjectList objects) const {
  HeadOutput output{.n_classes = classes_.size(), .logits = {}, .labels = {}};
  Examples examples(n_steps(), kEvaluated);
  std::vector<float> logits(kEvaluated * output.n_classes);
  const auto evaluate = [&] {
    const auto rows = std::span(logits).first(examples.all().size() * output.n_classes);
    trainer_.evaluate(examples.all(), rows, {});
    output.logits.insert(output.logits.end(), rows.begin(), rows.end());
    examples.clear();
  };
  for (const TrainingObject* object : objects) {
    const std::vector<std::int32_t> labels = class_indices(classes_, object->label);
    if (labels.empty()) continue;
    output.labels.push_back(labels);
    const auto slot = examples.add(labels);
    write_view(*object, scaling_, slot.x_enc, slot.mask);
    if (examples.all().size() == kEvaluated) evaluate();
  }
  if (!examples.all().empty()) evaluate();
  return output;
}

ObjectMeans PhotoLearner::means_of(ObjectList objects, std::size_t n_views) const {
  const auto width = static_cast<std::size_t>(config_.d_model);
  ObjectMeans means{.width = width, .values = {}, .shares = {}, .labels = {}};
  Examples examples(n_steps(), kEvaluated);
  const auto evaluate = [&] {
    const std::size_t done = means.values.size();
    means.values.resize(done + examples.all().size() * width);
    trainer_.evaluate(examples.all(), {}, std::span(means.values).subspan(done));
    examples.clear();
  };
  for (const TrainingObject* object : objects) {
    const std::vector<std::int32_t> labels = class_indices(classes_, object->label);
    if (labels.empty()) continue;
    for (std::size_t view = 0; view < n_views; ++view) {
      means.labels.push_back(labels);
      const auto slot = examples.add(labels);
      if (view == 0) {
        write_view(*object, scaling_, slot.x_enc, slot.mask);
      } else {
        write_view(*object, scaling_, options_.augmentation,
                   view_random(options_.seed, kNoEpoch, object->object_id, view), slot.x_enc, slot.mask);
      }
      means.shares.push_back(std::accumulate(slot.mask.begin(), slot.mask.end(), 0.0F) /
                             static_cast<float>(n_steps()));
      if (examples.all().size() == kEvaluated) evaluate();
    }
  }
  if (!examples.all().empty()) evaluate();
  return means;
}

/// The trainer's loss over batches as in training, without dropout, and of views that are the same every
/// epoch.
void PhotoLearner::validate_unlabelled(ObjectList objects, EpochMetrics& epoch) const {
  const std::size_t batches = count_batches(objects.size(), options_);
  const auto width = static_cast<std::size_t>(trainer_.config().d_model);
  double loss = 0;
  std::size_t correct = 0;
  for (std::size_t b = 0; b < batches; ++b) {
    const std::size_t first = b * objects.size() / batches, n = (b + 1) * objects.size() / batches - first;
    Examples examples(n_steps(), 2 * n);
    fill(examples, objects.subspan(first, n), kNoEpoch);
    std::vector<float> means(2 * n * width);
    trainer_.evaluate(examples.all(), {}, means);
    std::array<std::vector<double>, 2> sides, gradients;  // rows 2i and 2i + 1 are two views of one star
    for (std::size_t side = 0; side < 2; ++side) {
      for (std::size_t i = 0; i < n; ++i) {
        const auto mean = std::span(means).subspan((2 * i + side) * width, width);
        sides[side].insert(sides[side].end(), mean.begin(), mean.end());
      }
      gradients[side].resize(n * width);
    }
    const train::ContrastResult part =
        train::info_nce(sides[0], sides[1], width, options_.temperature, gradients[0], gradients[1]);
    loss += part.loss * static_cast<double>(n);
    correct += part.correct;
  }
  const auto n = static_cast<double>(objects.size());
  epoch.validation_loss = loss / n;
  epoch.validation_accuracy = static_cast<double>(correct) / (2 * n);
}

}  // namespace

std::unique_ptr<Learner> make_photo_learner(const Checkpoint& start, const train::TrainerOptions& trainer,
                                            const std::vector<std::string>& classes, const Scaling& scaling,
                                            const TrainingOptions& options) {
  return std::make_unique<PhotoLearner>(start, trainer, classes, scaling, options);
}

}  // namespace astrom3::training
