// SPDX-License-Identifier: MIT
#include "train_step/trainer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
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
#include "train_step/adamw.h"
#include "train_step/dropout_sites.h"
#include "train_step/losses.h"
#include "train_step/packed_parameters.h"
#include "train_step/parameters.h"
#include "train_step/passes.h"

namespace astrom3::train {
namespace {

// Examples are summed in groups, and the groups in order: a sum that no number of threads changes.
constexpr std::size_t kMaxGroups = 16;
constexpr std::size_t kMinGroupSize = 4;
constexpr std::size_t kReducedTogether = 1 << 14;  // parameters

constexpr const char* kFirstMoment = "moment1.";
constexpr const char* kSecondMoment = "moment2.";
constexpr const char* kSteps = "steps";

[[noreturn]] void refuse(std::string message) {
  throw Error(Status::usage, "train: " + std::move(message));
}

void check_options(const TrainerOptions& o, std::size_t classes) {
  const auto in = [](double x, double low, double high) { return x >= low && x < high; };
  if (!in(o.dropout, 0, 1)) refuse(fmt::format("dropout {} is not in [0, 1)", o.dropout));
  if (!in(o.label_smoothing, 0, 1))
    refuse(fmt::format("label_smoothing {} is not in [0, 1)", o.label_smoothing));
  if (!in(o.beta1, 0, 1) || !in(o.beta2, 0, 1))
    refuse(fmt::format("beta1 {} and beta2 {} must be in [0, 1)", o.beta1, o.beta2));
  if (!(o.epsilon > 0)) refuse(fmt::format("epsilon {} is not positive", o.epsilon));
  if (!(o.weight_decay >= 0)) refuse(fmt::format("weight_decay {} is negative", o.weight_decay));
  if (!(o.clip_norm >= 0)) refuse(fmt::format("clip_norm {} is negative", o.clip_norm));
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
        parameters(layout.size),
        moment1(layout.size),
        moment2(layout.size),
        positions(sizes.T * sizes.D_padded),
        activation(checkpoint.config.activation == Activation::gelu ? kernels::Epilogue::gelu
                                                                    : kernels::Epilogue::relu),
        passes(sizes, layout, kernels, packed, parameters.data(), positions.data(), activation) {
    check_options(options, sizes.classes);
    layout.gather(start.tensors, "", parameters.span());
    const Tensor& pe = start.tensors.find(encoder_names(0).positions)->second;
    for (std::size_t t = 0; t < sizes.T; ++t)
      std::copy_n(pe.data.data() + t * sizes.D, sizes.D, positions.data() + t * sizes.D_padded);
    if (is_pooled()) pool_head(parameters.span());
    packed.pack(parameters.data());
    // The contrastive objective does not see the head.
    trained = options.objective == TrainingObjective::contrast ? layout.encoder_size : layout.size;
  }

  void check_example(const Example& example, std::size_t index) const;
  void check_labels(std::span<const std::int32_t> labels, std::size_t example) const;
  void check_batch(std::span<const Example> batch) const;
  Activations<float>& activations(std::size_t worker);
  ExampleDropout dropout(std::size_t example) const {
    return {.probability = options.dropout, .seed = options.seed, .step = steps, .example = example};
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
  AlignedBuffer<float> parameters, moment1, moment2;
  AlignedBuffer<float> positions;
  kernels::Epilogue activation;
  Passes<float> passes;
  std::size_t trained = 0;  ///< parameters [0, trained) are stepped
  std::uint64_t steps = 0;

  std::vector<AlignedBuffer<float>> gradients;               ///< of the groups; the first becomes their sum
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
  const std::size_t group_size = std::max(kMinGroupSize, (n_examples + kMaxGroups - 1) / kMaxGroups);
  const std::size_t n_groups = (n_examples + group_size - 1) / group_size;
  while (gradients.size() < n_groups) gradients.emplace_back(layout.size);
  scratch.resize(std::max(scratch.size(), n_threads));
  parallel_for(n_groups, n_threads, [&](std::size_t group, std::size_t worker) {
    const ScopedFloatEnvironment float_environment;
    std::fill_n(gradients[group].data(), layout.size, 0.0f);
    const std::size_t end = std::min(n_examples, (group + 1) * group_size);
    for (std::size_t i = group * group_size; i < end; ++i)
      run(i, activations(worker), gradients[group].data());
  });
  parallel_for((layout.size + kReducedTogether - 1) / kReducedTogether, n_threads,
               [&](std::size_t piece, std::size_t) {
                 const std::size_t first = piece * kReducedTogether;
                 const std::size_t count = std::min(kReducedTogether, layout.size - first);
                 float* sum = gradients[0].data() + first;
                 for (std::size_t group = 1; group < n_groups; ++group) {
                   const float* other = gradients[group].data() + first;
                   for (std::size_t i = 0; i < count; ++i) sum[i] += other[i];
                 }
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
  const std::span<const float> all = gradients[0].span().first(trained);
  if (!is_pooled()) return norm_of(all);
  return std::hypot(norm_of(all.first(layout.head + head_step())), norm_of(all.subspan(layout.head_bias)));
}

void Trainer::State::update(double learning_rate, double gradient_norm) {
  AdamWStep step{.learning_rate = 0,
                 .weight_decay = 0,
                 .beta1 = options.beta1,
                 .beta2 = options.beta2,
                 .epsilon = options.epsilon,
                 .t = steps + 1};
  if (options.clip_norm > 0 && gradient_norm > options.clip_norm)
    step.gradient_scale = options.clip_norm / gradient_norm;
  const auto apply = [&](std::size_t first, std::size_t end, double weight_decay) {
    // AdamW on V steps V by the learning rate, and each step's V / T by its T-th part.
    const double share = is_pooled() && first == layout.head ? 1 / static_cast<double>(sizes.T) : 1;
    step.learning_rate = learning_rate * share;
    step.weight_decay = weight_decay / share;
    const std::size_t count = end - first;
    step(parameters.span().subspan(first, count), gradients[0].span().subspan(first, count),
         moment1.span().subspan(first, count), moment2.span().subspan(first, count));
  };
  std::size_t done = 0;
  for (const ParameterRange& matrix : layout.decays) {
    if (matrix.first >= trained) break;
    apply(done, matrix.first, 0);
    done = matrix.first + matrix.count;
    apply(matrix.first, done, options.weight_decay);
  }
  apply(done, trained, 0);
  ++steps;
  packed.pack(parameters.data());
}

std::shared_ptr<Checkpoint> Trainer::State::checkpoint() const {
  auto out = std::make_shared<Checkpoint>(start);
  layout.scatter(parameters.span(), "", out->tensors);
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
  StepResult result =
      state.options.objective == TrainingObjective::classify ? state.classify(batch) : state.contrast(batch);
  // The mean of the steps' gradients is the gradient of V.
  if (state.is_pooled()) state.pool_head(state.gradients[0].span());
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
  const Encoder encoder(state.checkpoint());
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

std::map<std::string, Tensor, std::less<>> Trainer::state() const {
  const State& state = *state_;
  std::map<std::string, Tensor, std::less<>> out;
  state.layout.scatter(state.parameters.span(), "", out);
  state.layout.scatter(state.moment1.span(), kFirstMoment, out);
  state.layout.scatter(state.moment2.span(), kSecondMoment, out);
  Tensor steps{.shape = {4}, .data = {}, .dtype = "F32"};
  for (int part = 0; part < 4; ++part)
    steps.data.push_back(static_cast<float>(state.steps >> 16 * part & 0xffff));
  out[kSteps] = std::move(steps);
  return out;
}

void Trainer::restore(const std::map<std::string, Tensor, std::less<>>& from) {
  State& state = *state_;
  const auto found = from.find(kSteps);
  if (found == from.end() || found->second.data.size() != 4)
    throw Error(
        Diagnostic{.code = Status::bad_model, .message = "tensor steps is missing or not of 4 values"});
  std::uint64_t steps = 0;
  for (std::size_t part = 0; part < 4; ++part) {
    const float value = found->second.data[part];
    if (!(value >= 0 && value < 65536))
      throw Error(Diagnostic{.code = Status::bad_model, .message = "tensor steps holds no count"});
    steps |= static_cast<std::uint64_t>(value) << 16 * part;
  }
  AlignedBuffer<float> parameters(state.layout.size), moment1(state.layout.size), moment2(state.layout.size);
  state.layout.gather(from, "", parameters.span());
  state.layout.gather(from, kFirstMoment, moment1.span());
  state.layout.gather(from, kSecondMoment, moment2.span());
  std::copy_n(parameters.data(), state.layout.size, state.parameters.data());  // in place: others point to it
  state.moment1 = std::move(moment1);
  state.moment2 = std::move(moment2);
  state.steps = steps;
  state.packed.pack(state.parameters.data());
}

std::uint64_t Trainer::steps() const noexcept {
  return state_->steps;
}
std::size_t Trainer::n_classes() const noexcept {
  return state_->sizes.classes;
}
const EncoderConfig& Trainer::config() const noexcept {
  return state_->start.config;
}

}  // namespace astrom3::train
