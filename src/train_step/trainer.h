// SPDX-License-Identifier: MIT
//
// Training of the photo encoder: one step of forward, exact backward and the optimiser over a batch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "astrom3/encoder/attention.h"
#include "astrom3/encoder/checkpoint.h"
#include "astrom3/train_step/objective.h"
#include "train_step/parameters.h"
#include "train_step/step_result.h"
#include "train_step/trained_parameters.h"

namespace astrom3::train {

/// One light curve as the encoder sees it. Views: the memory belongs to the caller.
struct Example {
  std::span<const float> x_enc;  ///< [T, C]
  std::span<const float> mask;   ///< [T] 1 observed, 0 padding
  /// Class index, or several: the object is of one of them. Not read by the contrastive objective.
  std::span<const std::int32_t> labels{};
};

struct TrainerOptions : OptimiserOptions {
  TrainingObjective objective = TrainingObjective::classify;
  HeadForm head = HeadForm::free;
  double dropout = 0;                ///< probability that a value is dropped, in [0, 1)
  double label_smoothing = 0;        ///< share of the target spread evenly over all classes, in [0, 1)
  std::vector<float> class_weights;  ///< [classes]; empty: all 1. Several labels weigh as their mean
  DropoutForm dropout_form = DropoutForm::ours;
  Attention attention = Attention::full;
  double temperature = 0.1;   ///< of the contrastive objective
  std::uint64_t seed = 0;     ///< of the dropout masks
  std::size_t n_threads = 1;  ///< 0: all available. No result depends on it
};

/// Owns parameters (float32), gradients and the optimiser's moments of one encoder.
///
/// The parameters are all tensors of the checkpoint but the positions, which are a buffer. The contrastive
/// objective leaves the head as it is.
///
/// Deterministic: the same start, options and batches give the same bits, for any number of threads and on
/// every instruction set. Dropout depends on (seed, step, example's place in the batch, layer, site) alone,
/// the keys that probsparse attention draws on (seed, step).
class Trainer {
 public:
  /// Throws Error bad_model or bad_config where the checkpoint does not fit itself, and usage where an option
  /// is out of its range or the objective needs a head that is not there.
  Trainer(const Checkpoint& start, const TrainerOptions& options);
  ~Trainer();
  Trainer(Trainer&&) noexcept;
  Trainer& operator=(Trainer&&) noexcept;

  /// One step of the optimiser on the batch's mean loss. Objective contrast: examples 2i
  /// and 2i + 1 are two views of one star. Throws Error usage for an empty batch, an odd one where pairs are
  /// needed, an example of another size or a label that is no class; nothing is changed then. A loss that is
  /// not finite is returned as it is, and the parameters stay as they were.
  StepResult step(std::span<const Example> batch, double learning_rate);

  /// Without dropout, on the current parameters, of probsparse attention in its exact form: logits [n,
  /// classes] and mean [n, D], either may be empty. Throws Error usage where a size is wrong.
  void evaluate(std::span<const Example> examples, std::span<float> logits, std::span<float> mean) const;

  /// The current parameters with upstream's names, beside the start's positions, configuration and scaling.
  Checkpoint checkpoint() const;

  /// Everything a later step depends on, beside the options and the start's configuration and positions: see
  /// TrainedParameters.
  TensorsByName state() const;

  /// Continues exactly where state() was taken. Throws Error bad_model naming the tensor that is missing or
  /// of another shape; nothing is changed then.
  void restore(const TensorsByName& state);

  std::uint64_t steps() const noexcept;    ///< done so far
  std::size_t n_classes() const noexcept;  ///< 0: no head
  const EncoderConfig& config() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace astrom3::train
