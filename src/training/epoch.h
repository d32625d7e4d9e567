// SPDX-License-Identifier: MIT
//
// One pass over the training objects, and the test on the validation objects after it.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "train_step/trainer.h"
#include "training/data_split.h"
#include "training/view.h"

namespace astrom3::training {

/// What does not change from epoch to epoch.
struct EpochSetting {
  const DataSplit& split;
  const std::vector<std::string>& classes;
  const Scaling& scaling;
  const TrainingOptions& options;
  std::size_t n_steps;  ///< T
};

/// Objects done, mean loss and accuracy so far; called after every step, may throw to end the training.
using StepReport = std::function<void(std::size_t n_done, double loss, double accuracy)>;

/// How many of `n_train` training objects an epoch takes.
std::size_t n_of_epoch(std::size_t n_train, const TrainingOptions& options);

/// Epoch finished.size() + 1: every training object once, or as many as options.epoch_objects, in an order
/// and in views that depend on (seed, epoch) alone. Fills learning_rate, train_loss, train_accuracy and
/// gradient_norm. Throws Error nonfinite_output where the loss is not finite.
EpochMetrics train_epoch(train::Trainer& trainer, const EpochSetting& setting,
                         std::span<const EpochMetrics> finished, const StepReport& report);

/// Fills the validation values of `epoch`; NaN without validation objects.
void validate(const train::Trainer& trainer, const EpochSetting& setting, EpochMetrics& epoch);

/// What the head says of objects of known classes.
struct HeadOutput {
  std::size_t n_classes = 0;
  std::vector<double> logits;                     ///< [objects, n_classes]
  std::vector<std::vector<std::int32_t>> labels;  ///< [objects]

  std::span<const double> row(std::size_t i) const {
    return std::span(logits).subspan(i * n_classes, n_classes);
  }
};

/// Of `objects`, each seen whole or from its centre. Objects of a class that is none of the head's are passed
/// over.
HeadOutput head_output(const train::Trainer& trainer, const EpochSetting& setting,
                       std::span<const TrainingObject* const> objects);

/// One of several classes counts as the likeliest of them.
Classified classified(const HeadOutput& output);

}  // namespace astrom3::training
