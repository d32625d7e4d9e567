// SPDX-License-Identifier: MIT
#include "training/epoch.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/classes/confusion.h"
#include "astrom3/train_step/objective.h"
#include "astrom3/training/training.h"
#include "base/random.h"
#include "train_step/losses.h"
#include "train_step/step_result.h"
#include "training/data_split.h"
#include "training/learner.h"
#include "training/objects.h"
#include "training/schedule.h"

namespace astrom3::training {
namespace {

constexpr std::uint64_t kOrderStream = 0x6F72646572000000;  // keeps the order's numbers apart from the views'

std::vector<const TrainingObject*> shuffled(std::vector<const TrainingObject*> objects, std::uint64_t seed,
                                            std::size_t epoch) {
  Random random(seed ^ kOrderStream, epoch);
  for (std::size_t i = objects.size(); i > 1; --i) {
    const auto j = static_cast<std::size_t>(random.uniform() * static_cast<double>(i));
    std::swap(objects[i - 1], objects[std::min(j, i - 1)]);
  }
  return objects;
}

/// Of `labels` the one with the largest logit: what an object of one of several classes counts as.
std::size_t likeliest(std::span<const double> row, std::span<const std::int32_t> labels) {
  return static_cast<std::size_t>(
      *std::max_element(labels.begin(), labels.end(), [&](std::int32_t a, std::int32_t b) {
        return row[static_cast<std::size_t>(a)] < row[static_cast<std::size_t>(b)];
      }));
}

}  // namespace

std::size_t count_batches(std::size_t n, const TrainingOptions& options) {
  const std::size_t batches = (n + options.batch_size / 2) / options.batch_size;
  const std::size_t most = options.objective == TrainingObjective::classify ? n : n / 2;
  return std::clamp<std::size_t>(batches, 1, std::max<std::size_t>(most, 1));
}

std::size_t n_of_epoch(std::size_t n_train, const TrainingOptions& options) {
  const std::size_t n = options.epoch_objects == 0 ? n_train : std::min(n_train, options.epoch_objects);
  return options.drop_last && n >= options.batch_size ? n / options.batch_size * options.batch_size : n;
}

EpochMetrics train_epoch(Learner& learner, const DataSplit& split, const TrainingOptions& options,
                         std::span<const EpochMetrics> finished, const StepReport& report) {
  EpochMetrics epoch{.epoch = finished.size() + 1};
  auto objects = shuffled(split.train, options.seed, epoch.epoch);
  objects.resize(n_of_epoch(split.train.size(), options));
  const std::size_t batches = count_batches(objects.size(), options);
  const auto answers = static_cast<double>(learner.answers());
  double loss = 0, norm = 0;
  std::size_t correct = 0;
  for (std::size_t b = 0; b < batches; ++b) {
    const std::size_t first = b * objects.size() / batches, end = (b + 1) * objects.size() / batches;
    epoch.learning_rate = learning_rate(options, finished, b, batches);
    const train::StepResult step =
        learner.step(std::span(objects).subspan(first, end - first), epoch.epoch, epoch.learning_rate);
    if (!std::isfinite(step.loss)) {
      throw Error(Status::nonfinite_output,
                  fmt::format("the loss of step {} of epoch {} is {}", b + 1, epoch.epoch, step.loss),
                  "a smaller learning rate, or a stricter gradient clipping");
    }
    loss += step.loss * static_cast<double>(end - first);
    norm += step.gradient_norm;
    correct += step.correct;
    const auto done = static_cast<double>(end);
    report(end, loss / done, static_cast<double>(correct) / done / answers);
  }
  const auto n = static_cast<double>(objects.size());
  epoch.train_loss = loss / n;
  epoch.train_accuracy = static_cast<double>(correct) / (answers * n);
  epoch.gradient_norm = norm / static_cast<double>(batches);
  return epoch;
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

void validate(const Learner& learner, const DataSplit& split, const TrainingOptions& options,
              EpochMetrics& epoch) {
  epoch.validation_loss = epoch.validation_accuracy = epoch.validation_macro_f1 = std::nan("");
  const auto& objects = split.validation;
  if (options.objective != TrainingObjective::classify) {
    if (objects.size() >= 2) learner.validate_unlabelled(objects, epoch);
    return;
  }
  if (objects.empty()) return;
  const Classified result = classified(learner.head_output(objects));
  epoch.validation_loss = result.loss;
  epoch.validation_accuracy = result.confusion.accuracy();
  epoch.validation_macro_f1 = result.confusion.macro_f1();
}

}  // namespace astrom3::training
