// SPDX-License-Identifier: MIT
#include "astrom3/encoder/encoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "astrom3/base/error.h"
#include "astrom3/encoder/attention.h"
#include "astrom3/encoder/checkpoint.h"
#include "astrom3/encoder/precision.h"
#include "astrom3/kernels/isa.h"
#include "base/float_environment.h"
#include "encoder/forward.h"
#include "encoder/packed_weights.h"
#include "encoder/padded_steps.h"
#include "encoder/sizes.h"
#include "encoder/workspace.h"
#include "kernels/dispatch.h"
#include "kernels/kernels.h"

namespace astrom3 {
namespace {

void check_config(const EncoderConfig& c) {
  const bool positive = c.d_model > 0 && c.n_heads > 0 && c.d_ff > 0 && c.e_layers > 0 && c.enc_in > 0;
  if (!positive || c.seq_len < 3 || c.d_model % 2 != 0 || c.d_model % c.n_heads != 0) {
    throw Error(
        Status::bad_config,
        fmt::format("sizes that no encoder has: seq_len {}, enc_in {}, d_model {}, n_heads {}, d_ff {}, "
                    "e_layers {}",
                    c.seq_len, c.enc_in, c.d_model, c.n_heads, c.d_ff, c.e_layers));
  }
}

// The sum of so many products of two bytes fits 32 bits.
constexpr std::int64_t kLongestInt8Sum = 65536;

void check(const std::shared_ptr<const Checkpoint>& checkpoint, Isa isa, Precision precision) {
  if (checkpoint == nullptr) throw Error(Status::usage, "no checkpoint");
  if (!isa_supported(isa)) {
    throw Error(Status::unsupported_isa, fmt::format("this CPU does not have {}", isa_name(isa)));
  }
  if (!precision_supported(precision, isa)) {
    throw Error(
        Status::unsupported_isa,
        fmt::format("this CPU does not have {}, which {} needs on {}", kernels::int8_kernels(isa).needs,
                    precision_name(precision), isa_name(isa)),
        "float32 runs on every CPU; int8 on a plainer instruction set gives the same numbers, not as fast");
  }
  const EncoderConfig& c = checkpoint->config;
  check_config(c);
  if (precision == Precision::int8 && std::max({c.seq_len, c.d_model, c.d_ff}) > kLongestInt8Sum) {
    throw Error(Status::bad_config,
                fmt::format("int8 sums at most {} products: seq_len {}, d_model {}, d_ff {}", kLongestInt8Sum,
                            c.seq_len, c.d_model, c.d_ff));
  }
}

void check_size(const char* name, std::size_t found, std::size_t expected) {
  if (found == expected) return;
  throw Error(Status::usage, fmt::format("encode: {} has {} values, expected {}", name, found, expected));
}

/// Draws the key samples where `attention` has none, and checks them where it has.
AttentionOptions with_samples(AttentionOptions attention, const EncoderConfig& config) {
  if (attention.form != Attention::probsparse) {
    if (!attention.key_samples.empty())
      throw Error(Status::usage, fmt::format("{} attention draws no keys, but key samples were given",
                                             attention_name(attention.form)));
    return attention;
  }
  if (attention.key_samples.empty()) attention.key_samples = draw_key_samples(config, attention.seed);
  const std::size_t expected =
      static_cast<std::size_t>(config.e_layers * config.seq_len) * probsparse_count(config);
  check_size("key_samples", attention.key_samples.size(), expected);
  for (const std::uint32_t key : attention.key_samples) {
    if (key >= config.seq_len)
      throw Error(Status::usage, fmt::format("encode: key sample {} is not below {}", key, config.seq_len));
  }
  return attention;
}

std::span<float> part(std::span<float> all, std::size_t index, std::size_t size) {
  return all.empty() ? all : all.subspan(index * size, size);
}

}  // namespace

struct Encoder::State {
  State(std::shared_ptr<const Checkpoint> model, EncoderOptions options)
      : checkpoint(std::move(model)),
        isa(options.isa),
        precision(options.precision),
        attention(with_samples(std::move(options.attention), checkpoint->config)),
        kernels(kernels::kernels(isa)),
        int8(precision == Precision::int8 ? &kernels::int8_kernels(isa) : nullptr),
        sizes(checkpoint->config, checkpoint->class_count()),
        weights(*checkpoint, sizes, kernels.panel_width, int8 == nullptr ? 0 : int8->panel_width),
        activation(checkpoint->config.activation == Activation::gelu ? kernels::Epilogue::gelu
                                                                     : kernels::Epilogue::relu),
        workspaces(sizes, kernels, int8),
        scratch_bytes(Workspace(sizes, kernels, int8).bytes()) {
    // Products in eight bits are so quick that copying known rows would take as long as computing them.
    if (attention.form != Attention::full || int8 != nullptr) return;
    const ScopedFloatEnvironment float_environment;
    const WorkspacePool::Loan scratch(workspaces);
    padded.emplace(forward(*scratch));
  }

  Forward forward(Workspace& scratch) const {
    return {.sizes = sizes,
            .weights = weights,
            .kernels = kernels,
            .int8 = int8,
            .activation = activation,
            .attention = attention.form,
            .padded = padded.has_value() ? &*padded : nullptr,
            .key_samples = attention.key_samples.empty() ? nullptr : attention.key_samples.data(),
            .scratch = scratch};
  }

  std::shared_ptr<const Checkpoint> checkpoint;
  Isa isa;
  Precision precision;
  AttentionOptions attention;
  const kernels::KernelTable& kernels;
  const kernels::Int8KernelTable* int8;  ///< null where the precision is float32
  EncoderSizes sizes;
  PackedWeights weights;
  kernels::Epilogue activation;
  WorkspacePool workspaces;
  std::size_t scratch_bytes;
  std::optional<PaddedSteps> padded;  ///< only with full attention in float32
};

Encoder::Encoder(std::shared_ptr<const Checkpoint> checkpoint, EncoderOptions options) {
  check(checkpoint, options.isa, options.precision);
  state_ = std::make_unique<State>(std::move(checkpoint), std::move(options));
}
Encoder::Encoder(std::shared_ptr<const Checkpoint> checkpoint, Isa isa, AttentionOptions attention)
    : Encoder(std::move(checkpoint), EncoderOptions{.isa = isa, .attention = std::move(attention)}) {}

Encoder::~Encoder() = default;
Encoder::Encoder(Encoder&&) noexcept = default;
Encoder& Encoder::operator=(Encoder&&) noexcept = default;

const Checkpoint& Encoder::checkpoint() const noexcept {
  return *state_->checkpoint;
}
const EncoderConfig& Encoder::config() const noexcept {
  return state_->checkpoint->config;
}
Isa Encoder::isa() const noexcept {
  return state_->isa;
}
Precision Encoder::precision() const noexcept {
  return state_->precision;
}
const AttentionOptions& Encoder::attention() const noexcept {
  return state_->attention;
}
std::size_t Encoder::scratch_bytes() const noexcept {
  return state_->scratch_bytes;
}

void Encoder::check_sizes(std::span<const float> x_enc, std::span<const float> mask,
                          const EncoderOutput& output) const {
  const EncoderSizes& s = state_->sizes;
  const std::size_t B = mask.size() / s.T;
  check_size("mask", mask.size(), B * s.T);
  check_size("x_enc", x_enc.size(), B * s.T * s.C);
  if (!output.mean.empty()) check_size("mean", output.mean.size(), B * s.D);
  if (!output.sequence.empty()) check_size("sequence", output.sequence.size(), B * s.T * s.D);
  if (!output.logits.empty()) {
    if (s.classes == 0)
      throw Error(Status::usage, "encode: logits asked for, but this checkpoint has no head");
    check_size("logits", output.logits.size(), B * s.classes);
  }
}

void Encoder::encode(std::span<const float> x_enc, std::span<const float> mask,
                     const EncoderOutput& output) const {
  check_sizes(x_enc, mask, output);
  State& state = *state_;
  const EncoderSizes& s = state.sizes;
  const ScopedFloatEnvironment float_environment;
  const WorkspacePool::Loan scratch(state.workspaces);
  const Forward forward = state.forward(*scratch);
  for (std::size_t b = 0; b < mask.size() / s.T; ++b) {
    run_forward(forward, x_enc.subspan(b * s.T * s.C, s.T * s.C), mask.subspan(b * s.T, s.T),
                {.mean = part(output.mean, b, s.D),
                 .sequence = part(output.sequence, b, s.T * s.D),
                 .logits = part(output.logits, b, s.classes)});
  }
}

}  // namespace astrom3
