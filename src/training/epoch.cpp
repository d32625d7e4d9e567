// SPDX-License-Identifier: MIT
#include "training/epoch.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/classes/confusion.h"
#include "astrom3/tensor.h"
#include "astrom3/train_step/objective.h"
#include "astrom3/training/training.h"
#include "base/random.h"
#include "train_step/losses.h"
#include "train_step/trainer.h"
#include "training/data_split.h"
#include "training/objects.h"
#include "training/schedule.h"
#include "training/view.h"

namespace astrom3::training {
namespace {

constexpr std::size_t kEvaluated = 128;                     // examples at a time: bounds memory
constexpr std::uint64_t kOrderStream = 0x6F72646572000000;  // keeps the order's numbers apart from the views'

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

std::vector<const TrainingObject*> shuffled(std::vector<const TrainingObject*> objects, std::uint64_t seed,
                                            std::size_t epoch) {
  Random random(seed ^ kOrderStream, epoch);
  for (std::size_t i = objects.size(); i > 1; --i) {
    const auto j = static_cast<std::size_t>(random.uniform() * static_cast<double>(i));
    std::swap(objects[i - 1], objects[std::min(j, i - 1)]);
  }
  return objects;
}

/// Batches of nearly equal size; to contrast, of two objects at least.
std::size_t count_batches(std::size_t n, const TrainingOptions& options) {
  const std::size_t batches = (n + options.batch_size / 2) / options.batch_size;
  const std::size_t most = options.objective == TrainingObjective::contrast ? n / 2 : n;
  return std::clamp<std::size_t>(batches, 1, std::max<std::size_t>(most, 1));
}

void fill(Examples& examples, const EpochSetting& setting, std::span<const TrainingObject* const> objects,
          std::size_t epoch) {
  const TrainingOptions& options = setting.options;
  const bool contrast = options.objective == TrainingObjective::contrast;
  examples.clear();
  for (const TrainingObject* object : objects) {
    for (std::size_t view = 0; view < (contrast ? 2u : 1u); ++view) {
      const auto slot = examples.add(contrast ? std::vector<std::int32_t>{}
                                              : class_indices(setting.classes, object->label));
      write_view(*object, setting.scaling, options.augmentation,
                 view_random(options.seed, epoch, object->object_id, view), slot.x_enc, slot.mask);
    }
  }
}

/// Of `labels` the one with the largest logit: what an object of one of several classes counts as.
std::size_t likeliest(std::span<const double> row, std::span<const std::int32_t> labels) {
  return static_cast<std::size_t>(
      *std::max_element(labels.begin(), labels.end(), [&](std::int32_t a, std::int32_t b) {
        return row[static_cast<std::size_t>(a)] < row[static_cast<std::size_t>(b)];
      }));
}

/// The trainer's loss over batches as in training, without dropout, and of views that are the same every
/// epoch.
void validate_contrast(const train::Trainer& trainer, const EpochSetting& setting, EpochMetrics& epoch) {
  constexpr std::size_t kNoEpoch = 0;  // epochs begin at 1
  const auto& objects = setting.split.validation;
  const std::size_t batches = count_batches(objects.size(), setting.options);
  const auto width = static_cast<std::size_t>(trainer.config().d_model);
  double loss = 0;
  std::size_t correct = 0;
  for (std::size_t b = 0; b < batches; ++b) {
    const std::size_t first = b * objects.size() / batches, n = (b + 1) * objects.size() / batches - first;
    Examples examples(setting.n_steps, 2 * n);
    fill(examples, setting, std::span(objects).subspan(first, n), kNoEpoch);
    std::vector<float> means(2 * n * width);
    trainer.evaluate(examples.all(), {}, means);
    std::array<std::vector<double>, 2> sides, gradients;  // rows 2i and 2i + 1 are two views of one star
    for (std::size_t side = 0; side < 2; ++side) {
      for (std::size_t i = 0; i < n; ++i) {
        const auto mean = std::span(means).subspan((2 * i + side) * width, width);
        sides[side].insert(sides[side].end(), mean.begin(), mean.end());
      }
      gradients[side].resize(n * width);
    }
    const train::ContrastResult part =
        train::info_nce(sides[0], sides[1], width, setting.options.temperature, gradients[0], gradients[1]);
    loss += part.loss * static_cast<double>(n);
    correct += part.correct;
  }
  const auto n = static_cast<double>(objects.size());
  epoch.validation_loss = loss / n;
  epoch.validation_accuracy = static_cast<double>(correct) / (2 * n);
}

}  // namespace

std::size_t n_of_epoch(std::size_t n_train, const TrainingOptions& options) {
  return options.epoch_objects == 0 ? n_train : std::min(n_train, options.epoch_objects);
}

EpochMetrics train_epoch(train::Trainer& trainer, const EpochSetting& setting,
                         std::span<const EpochMetrics> finished, const StepReport& report) {
  const TrainingOptions& options = setting.options;
  EpochMetrics epoch{.epoch = finished.size() + 1};
  auto objects = shuffled(setting.split.train, options.seed, epoch.epoch);
  objects.resize(n_of_epoch(setting.split.train.size(), options));
  const std::size_t batches = count_batches(objects.size(), options);
  const std::size_t largest = (objects.size() + batches - 1) / batches;
  const std::size_t views = options.objective == TrainingObjective::contrast ? 2 : 1;
  Examples examples(setting.n_steps, views * largest);
  double loss = 0, norm = 0;
  std::size_t correct = 0;
  for (std::size_t b = 0; b < batches; ++b) {
    const std::size_t first = b * objects.size() / batches, end = (b + 1) * objects.size() / batches;
    fill(examples, setting, std::span(objects).subspan(first, end - first), epoch.epoch);
    epoch.learning_rate = learning_rate(options, finished, b, batches);
    const train::StepResult step = trainer.step(examples.all(), epoch.learning_rate);
    if (!std::isfinite(step.loss)) {
      throw Error(Status::nonfinite_output,
                  fmt::format("the loss of step {} of epoch {} is {}", b + 1, epoch.epoch, step.loss),
                  "a smaller learning rate, or a stricter gradient clipping");
    }
    loss += step.loss * static_cast<double>(end - first);
    norm += step.gradient_norm;
    correct += step.correct;
    const auto done = static_cast<double>(end);
    report(end, loss / done, static_cast<double>(correct) / done / static_cast<double>(views));
  }
  epoch.train_loss = loss / static_cast<double>(objects.size());
  epoch.train_accuracy = static_cast<double>(correct) / static_cast<double>(views * objects.size());
  epoch.gradient_norm = norm / static_cast<double>(batches);
  return epoch;
}

HeadOutput head_output(const train::Trainer& trainer, const EpochSetting& setting,
                       std::span<const TrainingObject* const> objects) {
  HeadOutput output{.n_classes = setting.classes.size(), .logits = {}, .labels = {}};
  Examples examples(setting.n_steps, kEvaluated);
  std::vector<float> logits(kEvaluated * output.n_classes);
  const auto evaluate = [&] {
    const auto rows = std::span(logits).first(examples.all().size() * output.n_classes);
    trainer.evaluate(examples.all(), rows, {});
    output.logits.insert(output.logits.end(), rows.begin(), rows.end());
    examples.clear();
  };
  for (const TrainingObject* object : objects) {
    const std::vector<std::int32_t> labels = class_indices(setting.classes, object->label);
    if (labels.empty()) continue;
    output.labels.push_back(labels);
    const auto slot = examples.add(labels);
    write_view(*object, setting.scaling, slot.x_enc, slot.mask);
    if (examples.all().size() == kEvaluated) evaluate();
  }
  if (!examples.all().empty()) evaluate();
  return output;
}

Classified classified(const HeadOutput& output) {
  Classified result{.confusion = ConfusionMatrix(output.n_classes), .loss = 0};
  std::vector<double> unused(output.n_classes);
  for (std::size_t i = 0; i < output.labels.size(); ++i) {
    const std::span<const double> row = output.row(i);
    const auto top = static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
    result.confusion.add(likeliest(row, output.labels[i]), top);
    result.loss += train::cross_entropy(row, output.labels[i], 0, 1, unused);
  }
  result.loss =
      output.labels.empty() ? std::nan("") : result.loss / static_cast<double>(output.labels.size());
  return result;
}

void validate(const train::Trainer& trainer, const EpochSetting& setting, EpochMetrics& epoch) {
  epoch.validation_loss = epoch.validation_accuracy = epoch.validation_macro_f1 = std::nan("");
  const auto& objects = setting.split.validation;
  if (setting.options.objective == TrainingObjective::contrast) {
    if (objects.size() >= 2) validate_contrast(trainer, setting, epoch);
    return;
  }
  if (objects.empty()) return;
  const Classified result = classified(head_output(trainer, setting, objects));
  epoch.validation_loss = result.loss;
  epoch.validation_accuracy = result.confusion.accuracy();
  epoch.validation_macro_f1 = result.confusion.macro_f1();
}

}  // namespace astrom3::training
