// SPDX-License-Identifier: MIT
//
// The photometry encoder: an Informer without its decoder, which makes an embedding of a light curve.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "astrom3/encoder/attention.h"
#include "astrom3/encoder/checkpoint.h"
#include "astrom3/encoder/precision.h"
#include "astrom3/kernels/isa.h"

namespace astrom3 {

/// Where encode() writes; an empty span: this output is not wanted.
struct EncoderOutput {
  std::span<float> mean;      ///< [B, D]
  std::span<float> sequence;  ///< [B, T, D], padded rows included, as the encoder left them
  std::span<float> logits;    ///< [B, classes]; needs a head
};

struct EncoderOptions {
  Isa isa = default_isa();
  AttentionOptions attention = {};
  Precision precision = Precision::float32;
};

/// The encoder with its weights packed for one instruction set and precision.
///
/// The mask is NOT given to attention: padded rows take part in every layer, as in training, and
/// are left out only of the mean and the head.
///
/// Immutable after construction: one Encoder may serve any number of threads at once. Each call
/// uses scratch memory of its own. Results are the same bits for any batch size, thread count or
/// order, and on every instruction set.
class Encoder {
 public:
  /// Throws Error bad_model or bad_config if parts of the checkpoint do not fit each other, unsupported_isa
  /// if this CPU lacks instructions that `isa` or `precision` need, and usage if `attention` holds key
  /// samples of another size or of steps that do not exist.
  explicit Encoder(std::shared_ptr<const Checkpoint> checkpoint, EncoderOptions options = {});
  /// In float32.
  Encoder(std::shared_ptr<const Checkpoint> checkpoint, Isa isa, AttentionOptions attention = {});
  ~Encoder();
  Encoder(Encoder&&) noexcept;
  Encoder& operator=(Encoder&&) noexcept;

  const Checkpoint& checkpoint() const noexcept;
  const EncoderConfig& config() const noexcept;
  Isa isa() const noexcept;
  Precision precision() const noexcept;
  /// Includes the key samples in use, whether they were given or drawn.
  const AttentionOptions& attention() const noexcept;
  std::size_t scratch_bytes() const noexcept;  ///< per running call

  /// From x_enc [B, T, 9], mask [B, T] (1 observed, 0 padding) to the outputs wanted, on the calling
  /// thread. Throws Error usage if a span has the wrong size, or for logits without a head.
  void encode(std::span<const float> x_enc, std::span<const float> mask, const EncoderOutput& output) const;

  /// Throws what encode() would throw for these sizes.
  void check_sizes(std::span<const float> x_enc, std::span<const float> mask,
                   const EncoderOutput& output) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The same as Encoder::encode(), on several threads.
///
/// n_threads  0: all this process may use
/// stop       null, or not 0 at any time: the call ends early
/// Throws     Error usage as encode() does, before anything is encoded; interrupted
void encode_many(const Encoder& encoder, std::span<const float> x_enc, std::span<const float> mask,
                 const EncoderOutput& output, std::size_t n_threads = 0, const std::int32_t* stop = nullptr);

}  // namespace astrom3
