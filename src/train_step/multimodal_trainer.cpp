// SPDX-License-Identifier: MIT
#include "train_step/multimodal_trainer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/encoder/checkpoint.h"
#include "astrom3/kernels/isa.h"
#include "astrom3/shared_space/multimodal_checkpoint.h"
#include "astrom3/train_step/objective.h"
#include "base/aligned_buffer.h"
#include "base/float_environment.h"
#include "base/threads.h"
#include "encoder/checkpoint_layout.h"
#include "kernels/dispatch.h"
#include "shared_space/checkpoint_parts.h"
#include "train_step/adam.h"
#include "train_step/multimodal_example.h"
#include "train_step/multimodal_layout.h"
#include "train_step/multimodal_loss.h"
#include "train_step/multimodal_passes.h"
#include "train_step/parameters.h"
#include "train_step/refuse.h"
#include "train_step/step_attention.h"
#include "train_step/step_result.h"
#include "train_step/trained_parameters.h"

namespace astrom3::train {
namespace {

void check_options(const MultimodalTrainerOptions& o, const MultimodalConfig& config) {
  for (const double dropout : o.dropout) {
    if (!(dropout >= 0 && dropout < 1)) refuse(fmt::format("dropout {} is not in [0, 1)", dropout));
  }
  if (!(o.label_smoothing >= 0 && o.label_smoothing < 1))
    refuse(fmt::format("label_smoothing {} is not in [0, 1)", o.label_smoothing));
  check_optimiser(o);
  if (o.objective == TrainingObjective::contrast)
    refuse("the objective contrast is that of one modality, photo");
  if (o.objective == TrainingObjective::clip) {
    if (config.kind != CheckpointKind::shared)
      refuse(fmt::format("the objective clip needs a shared space; the kind of the checkpoint is {}",
                         checkpoint_kind_name(config.kind)));
    return;
  }
  if (!config.classification) refuse("the objective is classification, but the checkpoint has no head");
  if (!o.class_weights.empty() && o.class_weights.size() != static_cast<std::size_t>(config.num_classes))
    refuse(fmt::format("{} class weights for {} classes", o.class_weights.size(), config.num_classes));
  for (const float weight : o.class_weights) {
    if (!(weight >= 0)) refuse(fmt::format("class weight {} is negative", weight));
  }
}

void require(std::size_t example, const char* what, std::size_t found, std::size_t expected) {
  if (found != expected)
    refuse(fmt::format("example {} has {} values of {}, expected {}", example, found, what, expected));
}

}  // namespace

struct MultimodalTrainer::State {
  State(const MultimodalCheckpoint& checkpoint, std::size_t n_pixels, const MultimodalTrainerOptions& chosen)
      : start(checkpoint),
        options(chosen),
        n_threads(resolve_threads(chosen.n_threads)),
        layout(checkpoint.config, n_pixels),
        learnt(layout.size),
        gradient(layout.size),
        positions(layout.photo ? layout.photo_sizes->T * layout.photo_sizes->D_padded : 0),
        passes(layout, kernels::training_kernels(default_isa()), learnt.values.data(), positions.data(),
               checkpoint.config.photo.activation),
        draws(chosen.attention, chosen.seed) {
    check_options(options, start.config);
    if (layout.spectra && start.spectra_positions != layout.spectra->positions())
      refuse(fmt::format("spectra of {} pixels leave {} positions, but the weights are for {}", n_pixels,
                         layout.spectra->positions(), start.spectra_positions));
    gather(layout.tensors, joined_parts(start), "", learnt.values.span());
    if (layout.photo) take_positions();
    passes.pack();
  }

  void take_positions() {
    const EncoderSizes& sizes = *layout.photo_sizes;
    const Tensor& pe = start.photo->tensors.find(encoder_names(0).positions)->second;
    for (std::size_t t = 0; t < sizes.T; ++t)
      std::copy_n(pe.data.data() + t * sizes.D, sizes.D, positions.data() + t * sizes.D_padded);
  }

  std::size_t classes() const {
    return start.config.classification ? static_cast<std::size_t>(start.config.num_classes) : 0;
  }
  LossOptions loss_options() const {
    return {.objective = options.objective,
            .label_smoothing = options.label_smoothing,
            .class_weights = options.class_weights,
            .classes = classes()};
  }
  void check_sizes(std::span<const MultimodalExample> batch) const;
  void check_labels(std::span<const MultimodalExample> batch) const;
  std::vector<SteppedRange> stepped() const;

  MultimodalCheckpoint start;
  MultimodalTrainerOptions options;
  std::size_t n_threads;
  MultimodalLayout layout;
  TrainedParameters learnt;
  AlignedBuffer<float> gradient, positions;
  MultimodalPasses<float> passes;
  AttentionDraws draws;
};

void MultimodalTrainer::State::check_sizes(std::span<const MultimodalExample> batch) const {
  if (batch.empty()) refuse("an empty batch");
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (layout.photo) {
      const EncoderSizes& s = *layout.photo_sizes;
      require(i, "a light curve", batch[i].x_enc.size(), s.T * s.C);
      require(i, "a mask", batch[i].mask.size(), s.T);
    }
    if (layout.spectra)
      require(i, "a spectrum", batch[i].spectrum.size(), layout.spectra->channels * layout.spectra->n_pixels);
    if (layout.metadata)
      require(i, "metadata", batch[i].metadata.size(),
              static_cast<std::size_t>(start.config.metadata.input_dim));
  }
}

void MultimodalTrainer::State::check_labels(std::span<const MultimodalExample> batch) const {
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (batch[i].labels.empty()) refuse(fmt::format("example {} has no label", i));
    for (const std::int32_t label : batch[i].labels) {
      if (label < 0 || static_cast<std::size_t>(label) >= classes())
        refuse(fmt::format("example {} has label {} of {} classes", i, label, classes()));
      if (std::count(batch[i].labels.begin(), batch[i].labels.end(), label) > 1)
        refuse(fmt::format("example {} has label {} twice", i, label));
    }
  }
}

/// All parameters; of a classifier those of the temperatures stay, for nothing is learnt about them.
std::vector<SteppedRange> MultimodalTrainer::State::stepped() const {
  std::vector<SteppedRange> ranges;
  std::vector<std::size_t> left_out;
  for (const auto& place : layout.temperatures) {
    if (place && options.objective == TrainingObjective::classify) left_out.push_back(*place);
  }
  const auto add_others = [&](std::size_t first, std::size_t end) {
    for (const std::size_t place : left_out) {
      if (place < first || place >= end) continue;
      ranges.push_back({.first = first, .count = place - first, .is_matrix = false});
      first = place + 1;
    }
    ranges.push_back({.first = first, .count = end - first, .is_matrix = false});
  };
  std::size_t done = 0;
  for (const ParameterRange& matrix : layout.decays) {
    add_others(done, matrix.first);
    ranges.push_back({.first = matrix.first, .count = matrix.count});
    done = matrix.first + matrix.count;
  }
  add_others(done, layout.size);
  return ranges;
}

MultimodalTrainer::MultimodalTrainer(const MultimodalCheckpoint& start, std::size_t n_pixels,
                                     const MultimodalTrainerOptions& options)
    : state_(std::make_unique<State>(start, n_pixels, options)) {}
MultimodalTrainer::~MultimodalTrainer() = default;
MultimodalTrainer::MultimodalTrainer(MultimodalTrainer&&) noexcept = default;
MultimodalTrainer& MultimodalTrainer::operator=(MultimodalTrainer&&) noexcept = default;

StepResult MultimodalTrainer::step(std::span<const MultimodalExample> batch, double learning_rate) {
  State& s = *state_;
  s.check_sizes(batch);
  if (s.options.objective == TrainingObjective::classify) s.check_labels(batch);
  const ScopedFloatEnvironment float_environment;
  const StepDropout dropout{.probability = s.options.dropout,
                            .form = s.options.dropout_form,
                            .seed = s.options.seed,
                            .step = s.learnt.steps()};
  if (s.layout.photo) s.passes.use(s.draws.of_step(s.start.config.photo, s.learnt.steps()));
  StepResult result = s.passes.run(batch, s.loss_options(), dropout, s.n_threads, s.gradient.span());
  result.gradient_norm = norm_of(s.gradient.span());
  if (!std::isfinite(result.loss) || !std::isfinite(result.gradient_norm)) return result;
  s.learnt.step(s.gradient.span(), result.gradient_norm, learning_rate, s.options, s.stepped());
  s.passes.pack();
  return result;
}

StepResult MultimodalTrainer::evaluate(std::span<const MultimodalExample> batch,
                                       std::span<double> logits) const {
  State& s = *state_;  // scratch is written
  s.check_sizes(batch);
  if (!logits.empty() && logits.size() != batch.size() * s.classes())
    refuse(fmt::format("logits has {} values, expected {}", logits.size(), batch.size() * s.classes()));
  const ScopedFloatEnvironment float_environment;
  LossOptions options = s.loss_options();
  options.label_smoothing = 0;
  options.class_weights.clear();
  s.passes.use(s.draws.of_evaluation());
  return s.passes.run(batch, options, {}, s.n_threads, {}, logits);
}

MultimodalCheckpoint MultimodalTrainer::checkpoint() const {
  const State& s = *state_;
  MultimodalCheckpoint out = s.start;
  TensorsByName tensors;
  scatter(s.layout.tensors, s.learnt.values.span(), "", tensors);
  replace_parts(out, std::move(tensors));
  return out;
}

TensorsByName MultimodalTrainer::state() const {
  return state_->learnt.state(state_->layout.tensors);
}
void MultimodalTrainer::restore(const TensorsByName& from) {
  state_->learnt.restore(from, state_->layout.tensors);
  state_->passes.pack();
}

std::uint64_t MultimodalTrainer::steps() const noexcept {
  return state_->learnt.steps();
}
std::size_t MultimodalTrainer::n_classes() const noexcept {
  return state_->classes();
}
const MultimodalConfig& MultimodalTrainer::config() const noexcept {
  return state_->start.config;
}

}  // namespace astrom3::train
