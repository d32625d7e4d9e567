// SPDX-License-Identifier: MIT
//
// The learning rate, the best epoch and the end of a training: functions of the epochs so far alone, so that
// a resumed training needs nothing else.
#pragma once

#include <span>

#include "astrom3/training/training.h"

namespace astrom3::training {

/// Of step `step` (from 0) of `steps_per_epoch` in the epoch after `finished`.
///
///   warm-up   peak (s + 1) / W while the step s from the beginning is below W
///   cosine    peak (1 + cos(pi (s - W) / (S - W))) / 2, S steps in all
///   plateau   peak factor^k, k reductions so far
///   astrom3   peak (1e-5 + (1 - 1e-5) e / W) in epoch e (from 0) of W; then as PyTorch's ReduceLROnPlateau
double learning_rate(const TrainingOptions& options, std::span<const EpochMetrics> finished, std::size_t step,
                     std::size_t steps_per_epoch);

/// Whether the last of `epochs` is the best by `select`; of equals the first. Without validation objects
/// every epoch is.
bool is_best(std::span<const EpochMetrics> epochs, EpochSelection select);

/// True after the last epoch, or when the validation has not improved for stop_patience epochs.
bool is_over(const TrainingOptions& options, std::span<const EpochMetrics> epochs);

}  // namespace astrom3::training
