// SPDX-License-Identifier: MIT
#include "train_step/trainer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/encoder/checkpoint.h"
#include "astrom3/encoder/encoder.h"
#include "astrom3/kernels/isa.h"
#include "astrom3/train_step/objective.h"
#include "base/aligned_buffer.h"
#include "base/float_environment.h"
#include "base/parallel_for.h"
#include "base/threads.h"
#include "encoder/checkpoint_layout.h"
#include "kernels/dispatch.h"
#include "kernels/kernels.h"
#include "kernels/training.h"
#include "train_step/activations.h"
#include "train_step/adam.h"
#include "train_step/dropout_sites.h"
#include "train_step/grouped_sums.h"
#include "train_step/losses.h"
#include "train_step/packed_parameters.h"
#include "train_step/parameters.h"
#include "train_step/passes.h"
#include "train_step/refuse.h"
#include "train_step/step_attention.h"
#include "train_step/step_result.h"
#include "train_step/trained_parameters.h"

namespace astrom3::train {
namespace {

void check_options(const TrainerOptions& o, std::size_t classes) {
  const auto in = [](double x, double low, double high) { return x >= low && x < high; };
  if (!in(o.dropout, 0, 1)) refuse(fmt::format("dropout {} is not in [0, 1)", o.dropout));
  if (!in(o.label_smoothing, 0, 1))
    refuse(fmt::format("label_smoothing {} is not in [0, 1)", o.label_smoothing));
  check_optimiser(o);
  if (o.objective == TrainingObjective::contrast) {
    if (!(o.temperature > 0)) refuse(fmt::format("temperature {} is not positive", o.temperature));
    return;
  }
  if (classes == 0) refuse("the objective is classification, but the checkpoint has no head");
  if (!o.class_weights.empty() && o.class_weights.size() != classes)
    refuse(fmt::format("{} class weights for {} classes", o.class_weights.size(), classes));
  for (const float weight : o.class_weights) {
    if (!(weight >= 0)) refuse(fmt::format("class weight {} is negative", weight));
  }
}

}  // namespace

struct Trainer::State {
  State(const Checkpoint& checkpoint, const TrainerOptions& chosen)
      : start(checkpoint),
        options(chosen),
        n_threads(resolve_threads(chosen.n_threads)),
        sizes(checkpoint.config, checkpoint.class_count()),
        layout(sizes),
        kernels(kernels::training_kernels(default_isa())),
        packed(layout, kernels),
        learnt(layout.size),
        positions(sizes.T * sizes.D_padded),
        activation(checkpoint.config.activation == Activation::gelu ? kernels::Epilogue::gelu
                                                                    : kernels::Epilogue::relu),
        passes(sizes, layout, kernels, packed, learnt.values.data(), positions.data(), activation),
        gradients(layout.size),
        draws(chosen.attention, chosen.seed) {
    check_options(options, sizes.classes);
    gather(layout.tensors, start.tensors, "", learnt.values.span());
    const Tensor& pe = start.tensors.find(encoder_names(0).positions)->second;
    for (std::size_t t = 0; t < sizes.T; ++t)
      std::copy_n(pe.data.data() + t * sizes.D, sizes.D, positions.data() + t * sizes.D_padded);
    if (is_pooled()) pool_head(learnt.values.span());
    packed.pack(learnt.values.data());
    // The contrastive objective does not see the head.
    trained = options.objective == TrainingObjective::contrast ? layout.encoder_size : layout.size;
  }

  void check_example(const Example& example, std::size_t index) const;
  void check_labels(std::span<const std::int32_t> labels, std::size_t example) const;
  void check_batch(std::span<const Example> batch) const;
  Activations<float>& activations(std::size_t worker);
  ExampleDropout dropout(std::size_t example) const {
    return {.probability = options.dropout,
            .form = options.dropout_form,
            .seed = options.seed,
            .step = learnt.steps(),
            .example = example};
  }

  /// Sums of gradients over the batch, each example's from run(index, activations, gradient).
  template <typename Run>
  void accumulate(std::size_t n_examples, const Run& run);
  StepResult classify(std::span<const Example> batch);
  StepResult contrast(std::span<const Example> batch);
  bool is_pooled() const {
    return options.objective == TrainingObjective::classify && options.head == HeadForm::pooled;
  }
  std::size_t head_step() const { return sizes.classes * sizes.D_padded; }  ///< head weights of one time step
  void pool_head(std::span<float> of) const;
  double gradient_norm() const;
  void update(double learning_rate, double gradient_norm);
  std::shared_ptr<Checkpoint> checkpoint() const;

  Checkpoint start;
  TrainerOptions options;
  std::size_t n_threads;
  EncoderSizes sizes;
  ParameterLayout layout;
  const kernels::TrainingTable<float>& kernels;
  PackedParameters<float> packed;
  TrainedParameters learnt;
  AlignedBuffer<float> positions;
  kernels::Epilogue activation;
  Passes<float> passes;
  std::size_t trained = 0;  ///< parameters [0, trained) are stepped

  GroupedSums<float> gradients;
  AttentionDraws draws;
  std::vector<std::unique_ptr<Activations<float>>> scratch;  ///< of the threads
};

void Trainer::State::check_example(const Example& example, std::size_t index) const {
  if (example.x_enc.size() != sizes.T * sizes.C || example.mask.size() != sizes.T) {
    refuse(fmt::format("example {} has {} inputs and a mask of {}, expected {} and {}", index,
                       example.x_enc.size(), example.mask.size(), sizes.T * sizes.C, sizes.T));
  }
}

void Trainer::State::check_labels(std::span<const std::int32_t> labels, std::size_t example) const {
  if (labels.empty()) refuse(fmt::format("example {} has no label", example));
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] < 0 || static_cast<std::size_t>(labels[i]) >= sizes.classes)
      refuse(fmt::format("example {} has label {} of {} classes", example, labels[i], sizes.classes));
    if (std::find(labels.begin(), labels.begin() + static_cast<std::ptrdiff_t>(i), labels[i]) !=
        labels.begin() + static_cast<std::ptrdiff_t>(i))
      refuse(fmt::format("example {} has label {} twice", example, labels[i]));
  }
}

void Trainer::State::check_batch(std::span<const Example> batch) const {
  const bool classifies = options.objective == TrainingObjective::classify;
  if (batch.empty()) refuse("an empty batch");
  if (!classifies && batch.size() % 2 != 0) refuse(fmt::format("{} views are not pairs", batch.size()));
  for (std::size_t i = 0; i < batch.size(); ++i) {
    check_example(batch[i], i);
    if (classifies) check_labels(batch[i].labels, i);
  }
}

Activations<float>& Trainer::State::activations(std::size_t worker) {
  if (scratch[worker] == nullptr) scratch[worker] = std::make_unique<Activations<float>>(sizes);
  return *scratch[worker];
}

template <typename Run>
void Trainer::State::accumulate(std::size_t n_examples, const Run& run) {
  scratch.resize(std::max(scratch.size(), n_threads));
  gradients.add_up(n_examples, n_threads, [&](std::size_t i, std::size_t worker, float* gradient) {
    run(i, activations(worker), gradient);
  });
}

StepResult Trainer::State::classify(std::span<const Example> batch) {
  const auto weight_of = [&](const Example& example) {
    if (options.class_weights.empty()) return 1.0;
    double sum = 0;
    for (const std::int32_t label : example.labels)
      sum += static_cast<double>(options.class_weights[static_cast<std::size_t>(label)]);
    return sum / static_cast<double>(example.labels.size());
  };
  double total_weight = 0;
  for (const Example& example : batch) total_weight += weight_of(example);
  if (!(total_weight > 0)) total_weight = 1;  // every label of weight 0: nothing to learn

  const std::size_t classes = sizes.classes;
  std::vector<double> losses(batch.size());
  std::vector<std::uint8_t> correct(batch.size());
  accumulate(batch.size(), [&](std::size_t i, Activations<float>& a, float* gradient) {
    const Example& example = batch[i];
    passes.forward(example.x_enc, dropout(i), a);
    std::vector<float> logits(classes), g(classes);
    passes.logits(example.mask, a, logits);
    const std::vector<double> exact(logits.begin(), logits.end());
    std::vector<double> exact_g(classes);
    losses[i] = cross_entropy(exact, example.labels, options.label_smoothing,
                              weight_of(example) / total_weight, exact_g);
    const auto top =
        static_cast<std::int32_t>(std::max_element(logits.begin(), logits.end()) - logits.begin());
    correct[i] = std::find(example.labels.begin(), example.labels.end(), top) != example.labels.end();
    for (std::size_t c = 0; c < classes; ++c) g[c] = static_cast<float>(exact_g[c]);
    passes.backward(example.mask, {.mean = {}, .sequence = {}, .logits = g}, dropout(i), a, gradient);
  });
  StepResult result;
  for (const double loss : losses) result.loss += loss;
  for (const std::uint8_t hit : correct) result.correct += hit;
  return result;
}

// The loss needs every embedding before it gives the first gradient. Keeping all activations would need some
// 20 MB an example; they are computed a second time instead, with the same dropout.
StepResult Trainer::State::contrast(std::span<const Example> batch) {
  const std::size_t D = sizes.D, n = batch.size() / 2;
  std::vector<double> sides[2], gradients_of[2];
  for (std::size_t side = 0; side < 2; ++side) {
    sides[side].resize(n * D);
    gradients_of[side].resize(n * D);
  }
  scratch.resize(std::max(scratch.size(), n_threads));
  parallel_for(batch.size(), n_threads, [&](std::size_t i, std::size_t worker) {
    const ScopedFloatEnvironment float_environment;
    Activations<float>& a = activations(worker);
    passes.forward(batch[i].x_enc, dropout(i), a);
    std::vector<float> mean(D);
    passes.mean(batch[i].mask, a, mean);
    std::copy(mean.begin(), mean.end(), sides[i % 2].begin() + static_cast<std::ptrdiff_t>(i / 2 * D));
  });
  const ContrastResult found =
      info_nce(sides[0], sides[1], D, options.temperature, gradients_of[0], gradients_of[1]);
  accumulate(batch.size(), [&](std::size_t i, Activations<float>& a, float* gradient) {
    passes.forward(batch[i].x_enc, dropout(i), a);
    const auto first = gradients_of[i % 2].begin() + static_cast<std::ptrdiff_t>(i / 2 * D);
    std::vector<float> g(D);
    std::transform(first, first + static_cast<std::ptrdiff_t>(D), g.begin(),
                   [](double x) { return static_cast<float>(x); });
    passes.backward(batch[i].mask, {.mean = g, .sequence = {}, .logits = {}}, dropout(i), a, gradient);
  });
  return {.loss = found.loss, .correct = found.correct};
}

/// The head's part of a parameter or gradient array: every step's becomes their mean.
void Trainer::State::pool_head(std::span<float> of) const {
  const std::span<float> head = of.subspan(layout.head, sizes.T * head_step());
  for (std::size_t i = 0; i < head_step(); ++i) {
    double sum = 0;
    for (std::size_t t = 0; t < sizes.T; ++t) sum += static_cast<double>(head[t * head_step() + i]);
    const auto mean = static_cast<float>(sum / static_cast<double>(sizes.T));
    for (std::size_t t = 0; t < sizes.T; ++t) head[t * head_step() + i] = mean;
  }
}

/// Over what is learnt: of a pooled head, V once.
double Trainer::State::gradient_norm() const {
  const std::span<const float> all = gradients.sum().first(trained);
  if (!is_pooled()) return norm_of(all);
  return std::hypot(norm_of(all.first(layout.head + head_step())), norm_of(all.subspan(layout.head_bias)));
}

void Trainer::State::update(double learning_rate, double gradient_norm) {
  std::vector<SteppedRange> ranges;
  const auto add = [&](std::size_t first, std::size_t end, bool is_matrix) {
    const bool is_shared = is_pooled() && first == layout.head;  // each step's weights are V / T
    ranges.push_back({.first = first,
                      .count = end - first,
                      .is_matrix = is_matrix,
                      .share = is_shared ? 1 / static_cast<double>(sizes.T) : 1});
  };
  std::size_t done = 0;
  for (const ParameterRange& matrix : layout.decays) {
    if (matrix.first >= trained) break;
    add(done, matrix.first, false);
    done = matrix.first + matrix.count;
    add(matrix.first, done, true);
  }
  add(done, trained, false);
  learnt.step(gradients.sum(), gradient_norm, learning_rate, options, ranges);
  packed.pack(learnt.values.data());
}

std::shared_ptr<Checkpoint> Trainer::State::checkpoint() const {
  auto out = std::make_shared<Checkpoint>(start);
  scatter(layout.tensors, learnt.values.span(), "", out->tensors);
  return out;
}

Trainer::Trainer(const Checkpoint& start, const TrainerOptions& options) {
  // The encoder knows how to refuse a checkpoint that does not fit itself.
  const Encoder checked(std::make_shared<const Checkpoint>(start));
  state_ = std::make_unique<State>(start, options);
}
Trainer::~Trainer() = default;
Trainer::Trainer(Trainer&&) noexcept = default;
Trainer& Trainer::operator=(Trainer&&) noexcept = default;

StepResult Trainer::step(std::span<const Example> batch, double learning_rate) {
  State& state = *state_;
  state.check_batch(batch);
  const ScopedFloatEnvironment float_environment;
  state.passes.use(state.draws.of_step(state.start.config, state.learnt.steps()));
  StepResult result =
      state.options.objective == TrainingObjective::classify ? state.classify(batch) : state.contrast(batch);
  // The mean of the steps' gradients is the gradient of V.
  if (state.is_pooled()) state.pool_head(state.gradients.sum());
  result.gradient_norm = state.gradient_norm();
  if (std::isfinite(result.loss) && std::isfinite(result.gradient_norm))
    state.update(learning_rate, result.gradient_norm);
  return result;
}

void Trainer::evaluate(std::span<const Example> examples, std::span<float> logits,
                       std::span<float> mean) const {
  const State& state = *state_;
  const EncoderSizes& s = state.sizes;
  for (std::size_t i = 0; i < examples.size(); ++i) state.check_example(examples[i], i);
  const auto check = [&](const char* name, std::size_t found, std::size_t width) {
    if (found != 0 && found != examples.size() * width)
      refuse(fmt::format("{} has {} values, expected {}", name, found, examples.size() * width));
  };
  check("logits", logits.size(), s.classes);
  check("mean", mean.size(), s.D);
  const Encoder encoder(state.checkpoint(),
                        {.attention = {.form = AttentionDraws::evaluated(state.options.attention)}});
  parallel_for(examples.size(), state.n_threads, [&](std::size_t i, std::size_t) {
    encoder.encode(examples[i].x_enc, examples[i].mask,
                   {.mean = mean.empty() ? mean : mean.subspan(i * s.D, s.D),
                    .sequence = {},
                    .logits = logits.empty() ? logits : logits.subspan(i * s.classes, s.classes)});
  });
}

Checkpoint Trainer::checkpoint() const {
  return std::move(*state_->checkpoint());
}

TensorsByName Trainer::state() const {
  return state_->learnt.state(state_->layout.tensors);
}

void Trainer::restore(const TensorsByName& from) {
  state_->learnt.restore(from, state_->layout.tensors);
  state_->packed.pack(state_->learnt.values.data());
}

std::uint64_t Trainer::steps() const noexcept {
  return state_->learnt.steps();
}
std::size_t Trainer::n_classes() const noexcept {
  return state_->sizes.classes;
}
const EncoderConfig& Trainer::config() const noexcept {
  return state_->start.config;
}

}  // namespace astrom3::train
