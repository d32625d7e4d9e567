// SPDX-License-Identifier: MIT
//
// Training of a checkpoint with spectra, metadata or several modalities: one step of forward, exact backward
// and the optimiser over a batch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "astrom3/encoder/attention.h"
#include "astrom3/shared_space/multimodal_checkpoint.h"
#include "astrom3/train_step/objective.h"
#include "train_step/multimodal_example.h"
#include "train_step/multimodal_loss.h"
#include "train_step/parameters.h"
#include "train_step/step_result.h"
#include "train_step/trained_parameters.h"

namespace astrom3::train {

struct MultimodalTrainerOptions : OptimiserOptions {
  TrainingObjective objective = TrainingObjective::classify;  ///< or clip
  PerModality<double> dropout{};                              ///< probabilities, in [0, 1)
  DropoutForm dropout_form = DropoutForm::ours;
  Attention attention = Attention::full;  ///< of the photo encoder
  double label_smoothing = 0;             ///< in [0, 1)
  std::vector<float> class_weights{};     ///< [classes]; empty: all 1
  std::uint64_t seed = 0;                 ///< of the dropout masks
  std::size_t n_threads = 1;              ///< 0: all available. No result depends on it
};

/// Owns parameters (float32) and the optimiser's moments of all encoders of a checkpoint, its projections,
/// temperatures and head.
///
///   clip       every pair of modalities of the batch, see clip_loss.h; needs a checkpoint of kind shared
///   classify   cross-entropy of the head: of the fused embedding, or, of one modality, of what its encoder
///              gives. The temperatures stay as they are
///
/// Deterministic: the same start, options and batches give the same bits, for any number of threads and on
/// every instruction set. Dropout depends on (seed, step, modality, example's place in the batch, layer,
/// site) alone, the keys that probsparse attention draws on (seed, step).
class MultimodalTrainer {
 public:
  /// For spectra of `n_pixels`, which is not read where there are none. Throws Error bad_model where a tensor
  /// is missing or has another size, and usage where an option is out of its range, the objective needs a
  /// head or a shared space that is not there, or the weights are of spectra of another length.
  MultimodalTrainer(const MultimodalCheckpoint& start, std::size_t n_pixels,
                    const MultimodalTrainerOptions& options);
  ~MultimodalTrainer();
  MultimodalTrainer(MultimodalTrainer&&) noexcept;
  MultimodalTrainer& operator=(MultimodalTrainer&&) noexcept;

  /// One step on the batch's mean loss. Throws Error usage for an empty batch, an example of another size or
  /// a label that is no class; nothing is changed then. A loss that is not finite is returned as it is, and
  /// the parameters stay as they were.
  StepResult step(std::span<const MultimodalExample> batch, double learning_rate);

  /// The loss without dropout, on the current parameters, which stay, of probsparse attention in its exact
  /// form. logits [n, classes] are written for the
  /// objective classify, unless empty; an example without labels adds nothing to the loss then.
  StepResult evaluate(std::span<const MultimodalExample> batch, std::span<double> logits = {}) const;

  /// The current parameters, beside the start's configuration, positions and scaling.
  MultimodalCheckpoint checkpoint() const;

  /// As Trainer's.
  TensorsByName state() const;
  void restore(const TensorsByName& state);

  std::uint64_t steps() const noexcept;
  std::size_t n_classes() const noexcept;  ///< 0: no head
  const MultimodalConfig& config() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace astrom3::train
