// SPDX-License-Identifier: MIT
//
// One pass over the training objects, and the test on the validation objects after it.
#pragma once

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

/// Epoch finished.size() + 1: every training object once, in an order and in views that depend on (seed,
/// epoch) alone. Fills learning_rate, train_loss, train_accuracy and gradient_norm. Throws Error
/// nonfinite_output where the loss is not finite.
EpochMetrics train_epoch(train::Trainer& trainer, const EpochSetting& setting,
                         std::span<const EpochMetrics> finished, const StepReport& report);

/// Fills the validation values of `epoch`; NaN without validation objects.
void validate(const train::Trainer& trainer, const EpochSetting& setting, EpochMetrics& epoch);

/// The head's classes of `objects`, each seen whole or from its centre. Objects of a class that is none of
/// those of the head are skipped.
Classified classify(const train::Trainer& trainer, const EpochSetting& setting,
                    std::span<const TrainingObject* const> objects);

}  // namespace astrom3::training
