// SPDX-License-Identifier: MIT
//
// Every encoder of a checkpoint, and the space that they share: any subset of an object's modalities to one
// embedding each, one fused, and classes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/encoder/encoder.h"
#include "astrom3/shared_space/modality.h"
#include "astrom3/shared_space/multimodal_checkpoint.h"

namespace astrom3 {

/// B objects, seen by one modality.
///
/// photo     values [B, T, 9], mask [B, T]
/// spectra   values [B, channels, N], with n_pixels = N
/// metadata  values [B, columns], standardised
struct ModalityInput {
  Modality modality = Modality::photo;
  std::span<const float> values;
  std::span<const float> mask = {};
  std::size_t n_pixels = 0;
};

/// One object's embeddings; null where it has none.
using ObjectEmbeddings = PerModality<const float*>;

/// The encoders of a checkpoint of kind spectra, metadata or shared, packed for one instruction set.
///
///   flat  = flatten(h * mask) of photo [T * D], the flattened spectrum, or the hidden layer of metadata
///   e     = flat W^T + b, divided by its length: the embedding in the shared space
///   fused = the mean of the embeddings there are, not normalised again; or all three, one after the other
///   logits = fc(fused); of one modality alone, fc(flat)
///
/// A checkpoint of one modality has no shared space: its embedding is `flat`.
///
/// Immutable after construction; for any number of threads at once. Results are the same bits for any batch
/// size, thread count or order, and on every instruction set.
class MultimodalEncoder {
 public:
  /// The photo encoder takes the form of attention in `options`. Throws what Encoder does, and Error
  /// bad_model where tensors do not fit one another.
  explicit MultimodalEncoder(std::shared_ptr<const MultimodalCheckpoint> checkpoint,
                             EncoderOptions options = {});
  ~MultimodalEncoder();
  MultimodalEncoder(MultimodalEncoder&&) noexcept;
  MultimodalEncoder& operator=(MultimodalEncoder&&) noexcept;

  const MultimodalCheckpoint& checkpoint() const noexcept;
  const MultimodalConfig& config() const noexcept;
  Isa isa() const noexcept;
  const Encoder* photo() const noexcept;  ///< null where the checkpoint has none

  bool has(Modality modality) const noexcept { return config().has(modality); }
  std::size_t embedding_size() const noexcept;  ///< of every modality alike
  std::size_t fused_size() const noexcept;      ///< what the head is given
  std::size_t class_count() const noexcept;     ///< 0 without a head
  /// Numbers that the encoder of `modality` gives; of spectra, by its `n_pixels`.
  std::size_t flat_size(const ModalityInput& input) const;
  /// B. Throws Error usage where the sizes do not fit one another, or the checkpoint has no such encoder.
  std::size_t count(const ModalityInput& input) const;

  /// What the encoder of the modality gives, before any projection: flat [B, flat_size()]. On the calling
  /// thread. Throws Error usage as count().
  void encode(const ModalityInput& input, std::span<float> flat) const;

  /// embedding [B, embedding_size()]; status [B]: ok, zero_embedding where the projection has no length, or
  /// nonfinite_output; the embedding is then zeros. Throws Error usage as count().
  void embed(const ModalityInput& input, std::span<float> embedding, std::span<Status> status,
             std::size_t n_threads = 1) const;

  /// The embeddings of an object as one, fused [fused_size()]. Returns no_modality where there is none to
  /// fuse, and missing_modality where the fusion is `concat` and one is absent; fused is then zeros.
  Status fuse(const ObjectEmbeddings& embeddings, std::span<float> fused) const;

  /// logits [B, class_count()] of fused [B, fused_size()]. Throws Error usage where there is no head.
  void classify(std::span<const float> fused, std::span<float> logits) const;

  /// tau = clamp(exp(logit_scale), 1, 100) of a pair: what their cosines are multiplied by in training.
  float temperature(const ModalityPair& pair) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The form of attention that the photo encoder of `checkpoint` has to have by default: that of its training,
/// with `probsparse-exact` in the place of `probsparse`, of which it is the limit and which draws nothing.
Attention default_attention(const MultimodalCheckpoint& checkpoint);

/// Lower-case hex of a SHA-256 over everything that decides an embedding: the weights in use, config.json
/// without the keys that inference does not use, the form of attention with its draws, the precision, and
/// `inputs`: what the caller says of how tensors were made (scalings, grid).
std::string model_identity(const MultimodalEncoder& encoder, const std::string& inputs);

}  // namespace astrom3
