// SPDX-License-Identifier: MIT
//
// From inputs to the shared space, many objects at a time, so that a projection's weights are read once for
// all.
#include "astrom3/shared_space/multimodal_encoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "astrom3/base/error.h"
#include "astrom3/encoder/attention.h"
#include "astrom3/encoder/encoder.h"
#include "astrom3/kernels/isa.h"
#include "astrom3/metadata_encoder/metadata_encoder.h"
#include "astrom3/shared_space/modality.h"
#include "astrom3/shared_space/multimodal_checkpoint.h"
#include "astrom3/spectra_encoder/spectra_encoder.h"
#include "base/aligned_buffer.h"
#include "base/all_finite.h"
#include "base/float_environment.h"
#include "base/parallel_for.h"
#include "base/threads.h"
#include "encoder/checkpoint_layout.h"
#include "encoder/dense.h"
#include "encoder/required_tensor.h"
#include "kernels/dispatch.h"
#include "kernels/kernels.h"
#include "shared_space/checkpoint_layout.h"

namespace astrom3 {
namespace {

// The projection of the published photo encoder is 52 MB: for this many objects its reading takes less time
// than encoding one of them.
constexpr std::size_t kObjectsTogether = 16;
// The encoder of metadata takes a few microseconds an object: more of them are worth one thread's while.
constexpr std::size_t kMetadataTogether = 48;

Dense pack(const kernels::KernelTable& table, const TensorMap& tensors, const TensorSpec& weight,
           const TensorSpec& bias) {
  const std::span<const float> w = required_tensor(tensors, weight), b = required_tensor(tensors, bias);
  const auto inputs = static_cast<std::size_t>(weight.shape[1]);
  return Dense(
      table, inputs, b.size(), [&](std::size_t in, std::size_t out) { return w[out * inputs + in]; }, b);
}

/// x divided by its length, which is summed in double from the first number to the last.
Status normalise(std::span<float> x) {
  double sum = 0;
  for (const float v : x) sum += static_cast<double>(v) * static_cast<double>(v);
  Status status = Status::ok;
  if (!std::isfinite(sum)) status = Status::nonfinite_output;
  if (sum == 0) status = Status::zero_embedding;
  if (status != Status::ok) {
    std::fill(x.begin(), x.end(), 0.0f);
    return status;
  }
  const double length = std::sqrt(sum);
  for (float& v : x) v = static_cast<float>(static_cast<double>(v) / length);
  return status;
}

}  // namespace

struct MultimodalEncoder::State {
  std::shared_ptr<const MultimodalCheckpoint> checkpoint;
  Isa isa;
  std::optional<Encoder> photo;
  std::optional<SpectraEncoder> spectra;
  std::optional<MetadataEncoder> metadata;
  PerModality<Dense> projections;
  Dense head;

  bool is_shared() const { return checkpoint->config.kind == CheckpointKind::shared; }
};

MultimodalEncoder::MultimodalEncoder(std::shared_ptr<const MultimodalCheckpoint> checkpoint,
                                     EncoderOptions options) {
  if (checkpoint == nullptr) throw Error(Status::usage, "no checkpoint");
  if (!isa_supported(options.isa))
    throw Error(Status::unsupported_isa, fmt::format("this CPU does not have {}", isa_name(options.isa)));
  const kernels::KernelTable& table = kernels::kernels(options.isa);
  const MultimodalConfig& config = checkpoint->config;
  state_ = std::make_unique<State>();
  state_->isa = options.isa;
  if (config.has(Modality::spectra))
    state_->spectra.emplace(config.spectra, checkpoint->spectra, options.isa);
  if (config.has(Modality::metadata))
    state_->metadata.emplace(config.metadata, checkpoint->metadata, options.isa);
  if (config.has(Modality::photo)) state_->photo.emplace(checkpoint->photo, std::move(options));
  const auto specs = space_tensors(config, static_cast<std::int64_t>(checkpoint->spectra_positions));
  // First the scalars of the temperatures.
  std::size_t next = static_cast<std::size_t>(
      std::count_if(specs.begin(), specs.end(), [](const TensorSpec& s) { return s.shape.empty(); }));
  for (const Modality modality : kModalities) {
    if (config.kind != CheckpointKind::shared || !config.has(modality)) continue;
    state_->projections[index_of(modality)] = pack(table, checkpoint->space, specs[next], specs[next + 1]);
    next += 2;
  }
  if (config.classification) state_->head = pack(table, checkpoint->space, specs[next], specs[next + 1]);
  state_->checkpoint = std::move(checkpoint);
}

MultimodalEncoder::~MultimodalEncoder() = default;
MultimodalEncoder::MultimodalEncoder(MultimodalEncoder&&) noexcept = default;
MultimodalEncoder& MultimodalEncoder::operator=(MultimodalEncoder&&) noexcept = default;

const MultimodalCheckpoint& MultimodalEncoder::checkpoint() const noexcept {
  return *state_->checkpoint;
}
const MultimodalConfig& MultimodalEncoder::config() const noexcept {
  return state_->checkpoint->config;
}
Isa MultimodalEncoder::isa() const noexcept {
  return state_->isa;
}
const Encoder* MultimodalEncoder::photo() const noexcept {
  return state_->photo ? &*state_->photo : nullptr;
}
std::size_t MultimodalEncoder::class_count() const noexcept {
  return state_->head.outputs();
}

std::size_t MultimodalEncoder::embedding_size() const noexcept {
  const MultimodalConfig& c = config();
  if (state_->is_shared()) return static_cast<std::size_t>(c.hidden_dim);
  const Modality only = c.has(Modality::spectra) ? Modality::spectra : Modality::metadata;
  return static_cast<std::size_t>(
      astrom3::flat_size(c, only, static_cast<std::int64_t>(state_->checkpoint->spectra_positions)));
}

std::size_t MultimodalEncoder::fused_size() const noexcept {
  const bool is_concat = state_->is_shared() && config().fusion == Fusion::concat;
  return embedding_size() * (is_concat ? kModalityCount : 1);
}

std::size_t MultimodalEncoder::flat_size(const ModalityInput& input) const {
  const std::size_t positions =
      input.modality == Modality::spectra ? spectra_positions(config().spectra, input.n_pixels) : 0;
  return static_cast<std::size_t>(
      astrom3::flat_size(config(), input.modality, static_cast<std::int64_t>(positions)));
}

std::size_t MultimodalEncoder::count(const ModalityInput& input) const {
  const MultimodalConfig& c = config();
  if (!c.has(input.modality)) {
    throw Error(Status::usage, fmt::format("this checkpoint has no encoder of {}: its kind is {}",
                                           modality_name(input.modality), checkpoint_kind_name(c.kind)));
  }
  std::size_t size = static_cast<std::size_t>(c.metadata.input_dim);
  if (input.modality == Modality::photo) size = static_cast<std::size_t>(c.photo.seq_len * c.photo.enc_in);
  if (input.modality == Modality::spectra) {
    const PixelRange range = pixels_for(c.spectra, state_->checkpoint->spectra_positions);
    const bool fits = state_->checkpoint->spectra_positions == 0
                          ? spectra_positions(c.spectra, input.n_pixels) > 0
                          : input.n_pixels >= range.first && input.n_pixels <= range.last;
    if (!fits) {
      throw Error(Status::usage, fmt::format("encode: spectra have {} pixels; the weights are for {} to {}",
                                             input.n_pixels, range.first, range.last));
    }
    size = static_cast<std::size_t>(c.spectra.conv_channels.front()) * input.n_pixels;
  }
  const std::size_t B = input.values.size() / size;
  const std::size_t steps = input.modality == Modality::photo ? static_cast<std::size_t>(c.photo.seq_len) : 0;
  if (input.values.size() != B * size || input.mask.size() != B * steps) {
    throw Error(
        Status::usage,
        fmt::format("encode: {} has {} values and {} of a mask; an object has {} and {}",
                    modality_name(input.modality), input.values.size(), input.mask.size(), size, steps));
  }
  return B;
}

void MultimodalEncoder::encode(const ModalityInput& input, std::span<float> flat) const {
  const std::size_t B = count(input), width = flat_size(input);
  if (flat.size() != B * width) {
    throw Error(Status::usage,
                fmt::format("encode: flat has {} values, expected {}", flat.size(), B * width));
  }
  if (input.modality == Modality::spectra) return state_->spectra->encode(input.values, input.n_pixels, flat);
  if (input.modality == Modality::metadata) return state_->metadata->encode(input.values, flat);
  state_->photo->encode(input.values, input.mask, {.mean = {}, .sequence = flat, .logits = {}});
  const auto D = static_cast<std::size_t>(config().photo.d_model);
  for (std::size_t row = 0; row < input.mask.size(); ++row) {
    const float weight = input.mask[row];
    const auto values = flat.subspan(row * D, D);
    if (weight == 0) std::fill(values.begin(), values.end(), 0.0f);
    if (weight != 0 && weight != 1)
      std::transform(values.begin(), values.end(), values.begin(), [=](float v) { return v * weight; });
  }
}

namespace {

/// n objects, before they are divided by their length. `projection` is null where there is no shared space.
void embed_piece(const MultimodalEncoder& encoder, const Dense* projection, const ModalityInput& input,
                 std::size_t n, std::span<float> embedding) {
  const std::size_t flat_width = encoder.flat_size(input), width = encoder.embedding_size();
  if (projection == nullptr && flat_width == width) return encoder.encode(input, embedding);
  AlignedBuffer<float> flat(n * flat_width), projected;
  encoder.encode(input, flat.span());
  const float* from = flat.data();
  std::size_t stride = flat_width;
  if (projection != nullptr) {
    stride = projection->width();
    projected = AlignedBuffer<float>(n * stride);
    projection->apply(flat.data(), flat_width, n, projected.data(), stride);
    from = projected.data();
  }
  for (std::size_t i = 0; i < n; ++i) std::copy_n(from + i * stride, width, embedding.data() + i * width);
}

}  // namespace

void MultimodalEncoder::embed(const ModalityInput& input, std::span<float> embedding,
                              std::span<Status> status, std::size_t n_threads) const {
  const std::size_t B = count(input), width = embedding_size();
  if (embedding.size() != B * width || status.size() != B) {
    throw Error(Status::usage, fmt::format("embed: {} values and {} statuses, expected {} and {}",
                                           embedding.size(), status.size(), B * width, B));
  }
  const auto part = [&](std::span<const float> all, std::size_t first, std::size_t n) {
    return all.empty() ? all : all.subspan(first * (all.size() / B), n * (all.size() / B));
  };
  const std::size_t together = input.modality == Modality::metadata ? kMetadataTogether : kObjectsTogether;
  const std::size_t n_parts = (B + together - 1) / together;
  parallel_for(n_parts, n_threads == 1 ? 1 : resolve_threads(n_threads), [&](std::size_t item, std::size_t) {
    const std::size_t first = item * together, n = std::min(together, B - first);
    ModalityInput piece = input;
    piece.values = part(input.values, first, n);
    piece.mask = part(input.mask, first, n);
    const ScopedFloatEnvironment float_environment;
    embed_piece(*this, state_->is_shared() ? &state_->projections[index_of(input.modality)] : nullptr, piece,
                n, embedding.subspan(first * width, n * width));
    for (std::size_t i = 0; i < n; ++i) {
      const auto out = embedding.subspan((first + i) * width, width);
      const bool is_finite = all_finite(out);
      status[first + i] = !is_finite ? Status::nonfinite_output : Status::ok;
      if (!is_finite) std::fill(out.begin(), out.end(), 0.0f);
      if (is_finite && state_->is_shared()) status[first + i] = normalise(out);
    }
  });
}

Status MultimodalEncoder::fuse(const ObjectEmbeddings& embeddings, std::span<float> fused) const {
  if (fused.size() != fused_size())
    throw Error(Status::usage, fmt::format("fuse: {} values, expected {}", fused.size(), fused_size()));
  std::fill(fused.begin(), fused.end(), 0.0f);
  const auto n = static_cast<std::size_t>(
      std::count_if(embeddings.begin(), embeddings.end(), [](const float* e) { return e != nullptr; }));
  if (n == 0) return Status::no_modality;
  const std::size_t width = embedding_size();
  if (fused_size() != width) {
    if (n != kModalityCount) return Status::missing_modality;
    for (std::size_t m = 0; m < kModalityCount; ++m)
      std::copy_n(embeddings[m], width, fused.begin() + static_cast<std::ptrdiff_t>(m * width));
    return Status::ok;
  }
  for (std::size_t i = 0; i < width; ++i) {
    double sum = 0;
    for (const float* e : embeddings) sum += e == nullptr ? 0.0 : static_cast<double>(e[i]);
    fused[i] = static_cast<float>(sum / static_cast<double>(n));
  }
  return Status::ok;
}

void MultimodalEncoder::classify(std::span<const float> fused, std::span<float> logits) const {
  const Dense& head = state_->head;
  if (head.outputs() == 0) throw Error(Status::usage, "classify: this checkpoint has no head");
  const std::size_t B = fused.size() / head.inputs();
  if (fused.size() != B * head.inputs() || logits.size() != B * head.outputs()) {
    throw Error(Status::usage, fmt::format("classify: {} values and {} logits; an object has {} and gets {}",
                                           fused.size(), logits.size(), head.inputs(), head.outputs()));
  }
  const ScopedFloatEnvironment float_environment;
  AlignedBuffer<float> y(B * head.width());
  head.apply(fused.data(), head.inputs(), B, y.data(), head.width());
  for (std::size_t b = 0; b < B; ++b)
    std::copy_n(y.data() + b * head.width(), head.outputs(), logits.data() + b * head.outputs());
}

float MultimodalEncoder::temperature(const ModalityPair& pair) const {
  if (!state_->is_shared()) throw Error(Status::usage, "a checkpoint of one modality has no temperatures");
  const TensorMap& space = state_->checkpoint->space;
  const auto found = space.find(temperature_name(pair));
  if (found == space.end())
    throw Error(Status::usage, fmt::format("this checkpoint has no temperature of {}", pair.name));
  const double scale = std::exp(static_cast<double>(found->second.data.at(0)));
  return static_cast<float>(std::clamp(scale, 1.0, 100.0));
}

Attention default_attention(const MultimodalCheckpoint& checkpoint) {
  const Attention trained = parse_attention(checkpoint.training_attention());
  return trained == Attention::probsparse ? Attention::probsparse_exact : trained;
}

}  // namespace astrom3
