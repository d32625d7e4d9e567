// SPDX-License-Identifier: MIT
//
// The metadata encoder: two layers over the standardised columns of a catalogue.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "astrom3/encoder/checkpoint.h"
#include "astrom3/kernels/isa.h"

namespace astrom3 {

/// The metadata encoder's part of config.json. Names are upstream's; the defaults are the published values.
struct MetadataConfig {
  bool classification = false;
  std::int64_t num_classes = 10;
  std::int64_t input_dim = 34;  ///< columns
  std::int64_t hidden_dim = 512;
  double dropout = 0;  ///< not used in inference
  std::vector<std::string> class_names;

  friend bool operator==(const MetadataConfig&, const MetadataConfig&) = default;
};

/// The metadata encoder with its weights packed for one instruction set.
///
///   h = relu(W0 x + b0);  hidden = relu(W3 h + b3)
///
/// Immutable; for any number of threads at once. Results are the same bits for any batch size, thread count
/// or order, and on every instruction set.
class MetadataEncoder {
 public:
  /// tensors  upstream's names, without a prefix; those of the head are not looked at
  /// Throws   Error bad_model where a tensor is missing or has another shape than the configuration says,
  ///          unsupported_isa.
  MetadataEncoder(MetadataConfig config, const std::map<std::string, Tensor, std::less<>>& tensors,
                  Isa isa = default_isa());
  ~MetadataEncoder();
  MetadataEncoder(MetadataEncoder&&) noexcept;
  MetadataEncoder& operator=(MetadataEncoder&&) noexcept;

  const MetadataConfig& config() const noexcept;

  /// metadata [B, input_dim] to hidden [B, hidden_dim], on the calling thread. Throws Error usage where a
  /// span has the wrong size.
  void encode(std::span<const float> metadata, std::span<float> hidden) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace astrom3
