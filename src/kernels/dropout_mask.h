// SPDX-License-Identifier: MIT
//
// Decides which values dropout keeps by a hash of their place; a random generator would have to run in order.
#pragma once

#include "kernels/vec.h"
//
#include "kernels/training.h"

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {

/// Dropout with its constants in registers.
struct DropoutMask {
  Bits threshold, first_key, second_key;
  Vec scale;

  ASTROM3_INLINE explicit DropoutMask(const Dropout<float>& dropout)
      : threshold(broadcast_bits(dropout.threshold)),
        first_key(broadcast_bits(dropout.key[0])),
        second_key(broadcast_bits(dropout.key[1])),
        scale(broadcast(dropout.scale)) {}

  /// Dropout of the sixteen values x at `place`, `place` + 1, ...: each is scaled, or 0.
  ASTROM3_INLINE Vec operator()(Vec x, std::size_t place) const {
    Bits hash = count_from(static_cast<std::uint32_t>(place)) + first_key;
    hash = fold<16>(hash) * broadcast_bits(0x7feb352du);
    hash = fold<15>(hash + second_key) * broadcast_bits(0x846ca68bu);
    return keep_at_least(fold<16>(hash), threshold, x * scale);
  }
};

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
