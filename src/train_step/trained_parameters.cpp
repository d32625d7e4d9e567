// SPDX-License-Identifier: MIT
#include "train_step/trained_parameters.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include "astrom3/base/error.h"
#include "astrom3/train_step/objective.h"
#include "base/aligned_buffer.h"
#include "train_step/adam.h"
#include "train_step/parameters.h"
#include "train_step/refuse.h"

namespace astrom3::train {
namespace {

constexpr const char* kFirstMoment = "moment1.";
constexpr const char* kSecondMoment = "moment2.";
constexpr const char* kSteps = "steps";

// torch.nn.utils.clip_grad_norm_ adds it to the norm.
constexpr double kUpstreamClipMargin = 1e-6;

double gradient_scale(double norm, const OptimiserOptions& options) {
  if (options.clip_norm <= 0) return 1;
  if (options.optimiser == Optimiser::adam)
    return std::min(1.0, options.clip_norm / (norm + kUpstreamClipMargin));
  return norm > options.clip_norm ? options.clip_norm / norm : 1;
}

std::uint64_t steps_of(const TensorsByName& state) {
  const auto found = state.find(kSteps);
  if (found == state.end() || found->second.data.size() != 4)
    throw Error(
        Diagnostic{.code = Status::bad_model, .message = "tensor steps is missing or not of 4 values"});
  std::uint64_t steps = 0;
  for (std::size_t part = 0; part < 4; ++part) {
    const float value = found->second.data[part];
    if (!(value >= 0 && value < 65536))
      throw Error(Diagnostic{.code = Status::bad_model, .message = "tensor steps holds no count"});
    steps |= static_cast<std::uint64_t>(value) << 16 * part;
  }
  return steps;
}

}  // namespace

void check_optimiser(const OptimiserOptions& o) {
  const auto in = [](double x, double low, double high) { return x >= low && x < high; };
  if (!in(o.beta1, 0, 1) || !in(o.beta2, 0, 1))
    refuse(fmt::format("beta1 {} and beta2 {} must be in [0, 1)", o.beta1, o.beta2));
  if (!(o.epsilon > 0)) refuse(fmt::format("epsilon {} is not positive", o.epsilon));
  if (!(o.weight_decay >= 0)) refuse(fmt::format("weight_decay {} is negative", o.weight_decay));
  if (!(o.clip_norm >= 0)) refuse(fmt::format("clip_norm {} is negative", o.clip_norm));
}

void TrainedParameters::step(std::span<const float> gradient, double norm, double learning_rate,
                             const OptimiserOptions& options, std::span<const SteppedRange> ranges) {
  AdamStep step{.form = options.optimiser,
                .learning_rate = 0,
                .weight_decay = 0,
                .beta1 = options.beta1,
                .beta2 = options.beta2,
                .epsilon = options.epsilon,
                .gradient_scale = gradient_scale(norm, options),
                .t = steps_ + 1};
  for (const SteppedRange& range : ranges) {
    const bool decays = range.is_matrix || options.optimiser == Optimiser::adam;
    // AdamW on V steps V by the learning rate, and each of the n parts V / n by the n-th part of it.
    step.learning_rate = learning_rate * range.share;
    step.weight_decay = decays ? options.weight_decay / range.share : 0;
    step(values.span().subspan(range.first, range.count), gradient.subspan(range.first, range.count),
         moment1_.span().subspan(range.first, range.count),
         moment2_.span().subspan(range.first, range.count));
  }
  ++steps_;
}

TensorsByName TrainedParameters::state(std::span<const TensorPlace> places) const {
  TensorsByName out;
  scatter(places, values.span(), "", out);
  scatter(places, moment1_.span(), kFirstMoment, out);
  scatter(places, moment2_.span(), kSecondMoment, out);
  Tensor steps{.shape = {4}, .data = {}, .dtype = "F32"};
  for (int part = 0; part < 4; ++part) steps.data.push_back(static_cast<float>(steps_ >> 16 * part & 0xffff));
  out[kSteps] = std::move(steps);
  return out;
}

void TrainedParameters::restore(const TensorsByName& state, std::span<const TensorPlace> places) {
  const std::uint64_t steps = steps_of(state);
  AlignedBuffer<float> restored(values.size()), moment1(values.size()), moment2(values.size());
  gather(places, state, "", restored.span());
  gather(places, state, kFirstMoment, moment1.span());
  gather(places, state, kSecondMoment, moment2.span());
  std::copy_n(restored.data(), values.size(), values.data());  // in place: others point to it
  moment1_ = std::move(moment1);
  moment2_ = std::move(moment2);
  steps_ = steps;
}

}  // namespace astrom3::train
