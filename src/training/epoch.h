// SPDX-License-Identifier: MIT
//
// One pass over the training objects, and the test on the validation objects after it.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "training/data_split.h"
#include "training/learner.h"

namespace astrom3::training {

/// Objects done, mean loss and accuracy so far; called after every step, may throw to end the training.
using StepReport = std::function<void(std::size_t n_done, double loss, double accuracy)>;

/// How many of `n_train` training objects an epoch takes.
std::size_t n_of_epoch(std::size_t n_train, const TrainingOptions& options);

/// Epoch finished.size() + 1: every training object once, or as many as options.epoch_objects, in an order
/// and in views that depend on (seed, epoch) alone. Fills learning_rate, train_loss, train_accuracy and
/// gradient_norm. Throws Error nonfinite_output where the loss is not finite.
EpochMetrics train_epoch(Learner& learner, const DataSplit& split, const TrainingOptions& options,
                         std::span<const EpochMetrics> finished, const StepReport& report);

/// Fills the validation values of `epoch`; NaN without validation objects.
void validate(const Learner& learner, const DataSplit& split, const TrainingOptions& options,
              EpochMetrics& epoch);

/// One of several classes counts as the likeliest of them.
Classified classified(const HeadOutput& output);

}  // namespace astrom3::training
