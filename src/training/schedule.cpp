// SPDX-License-Identifier: MIT
#include "training/schedule.h"

#include <cmath>
#include <cstddef>
#include <numbers>
#include <span>

#include "astrom3/training/training.h"

namespace astrom3::training {
namespace {

/// The smaller, the better; the training loss where nothing validates.
double badness(const EpochMetrics& epoch, EpochSelection by) {
  if (std::isnan(epoch.validation_loss)) return epoch.train_loss;
  if (by == EpochSelection::accuracy) return -epoch.validation_accuracy;
  if (by == EpochSelection::macro_f1) return -epoch.validation_macro_f1;
  return epoch.validation_loss;
}

/// How often a run of more than `patience` epochs in a row without a new minimum of the loss was complete;
/// each starts the count anew.
std::size_t reductions(std::span<const EpochMetrics> epochs, std::size_t patience) {
  std::size_t n = 0, waited = 0;
  double best = INFINITY;
  for (const EpochMetrics& epoch : epochs) {
    const double now = badness(epoch, EpochSelection::loss);
    waited = now < best ? 0 : waited + 1;
    best = std::fmin(best, now);
    if (waited > patience) {
      ++n;
      waited = 0;
    }
  }
  return n;
}

// Upstream's warm-up (LinearLR), and the defaults of ReduceLROnPlateau.
constexpr double kWarmUpStart = 1e-5;
constexpr double kPlateauThreshold = 1e-4;
constexpr double kSmallestReduction = 1e-8;

/// Upstream's: epochs of the warm-up are not judged.
double upstream_rate(const TrainingOptions& options, std::span<const EpochMetrics> finished) {
  const auto warm_up = static_cast<std::size_t>(options.warmup_epochs);
  if (finished.size() < warm_up) {
    const double share = static_cast<double>(finished.size()) / static_cast<double>(warm_up);
    return options.learning_rate * (kWarmUpStart + (1 - kWarmUpStart) * share);
  }
  double rate = options.learning_rate, best = INFINITY;
  std::size_t waited = 0;
  for (const EpochMetrics& epoch : finished.subspan(warm_up)) {
    const double now = badness(epoch, EpochSelection::loss);
    const bool is_better = now < best * (1 - kPlateauThreshold);
    waited = is_better ? 0 : waited + 1;
    if (is_better) best = now;
    if (waited <= options.plateau_patience) continue;
    const double reduced = rate * options.plateau_factor;
    if (rate - reduced > kSmallestReduction) rate = reduced;
    waited = 0;
  }
  return rate;
}

}  // namespace

double learning_rate(const TrainingOptions& options, std::span<const EpochMetrics> finished, std::size_t step,
                     std::size_t steps_per_epoch) {
  if (options.schedule == LearningSchedule::astrom3) return upstream_rate(options, finished);
  const auto per_epoch = static_cast<double>(steps_per_epoch);
  const double s = static_cast<double>(finished.size()) * per_epoch + static_cast<double>(step);
  const double warm_up = options.warmup_epochs * per_epoch,
               all = static_cast<double>(options.epochs) * per_epoch;
  if (s < warm_up) return options.learning_rate * std::fmin(1, (s + 1) / warm_up);
  if (options.schedule == LearningSchedule::cosine)
    return options.learning_rate * 0.5 * (1 + std::cos(std::numbers::pi * (s - warm_up) / (all - warm_up)));
  if (options.schedule == LearningSchedule::plateau)
    return options.learning_rate * std::pow(options.plateau_factor, static_cast<double>(reductions(
                                                                        finished, options.plateau_patience)));
  return options.learning_rate;
}

bool is_best(std::span<const EpochMetrics> epochs, EpochSelection select) {
  const EpochMetrics& last = epochs.back();
  if (select == EpochSelection::last || std::isnan(last.validation_loss)) return true;
  for (const EpochMetrics& epoch : epochs.first(epochs.size() - 1)) {
    if (!(badness(last, select) < badness(epoch, select))) return false;
  }
  return true;
}

bool is_over(const TrainingOptions& options, std::span<const EpochMetrics> epochs) {
  if (epochs.size() >= options.epochs) return true;
  if (options.stop_patience == 0) return false;
  const bool is_upstream = options.schedule == LearningSchedule::astrom3;
  const bool by_loss = is_upstream || options.select == EpochSelection::last;
  const EpochSelection by = by_loss ? EpochSelection::loss : options.select;
  std::size_t waited = 0;
  double best = INFINITY;
  for (const EpochMetrics& epoch : epochs) {
    const bool is_first = is_upstream && epoch.epoch == epochs.front().epoch;
    waited = badness(epoch, by) < best && !is_first ? 0 : waited + 1;
    best = std::fmin(best, badness(epoch, by));
  }
  return waited >= options.stop_patience;
}

}  // namespace astrom3::training
