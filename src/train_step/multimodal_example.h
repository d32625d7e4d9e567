// SPDX-License-Identifier: MIT
//
// One object as the encoders of several modalities see it.
#pragma once

#include <cstdint>
#include <span>

namespace astrom3::train {

/// Views: the memory belongs to the caller. What the checkpoint has no encoder for is not read.
struct MultimodalExample {
  std::span<const float> x_enc{};     ///< [T, C]
  std::span<const float> mask{};      ///< [T] 1 observed, 0 padding
  std::span<const float> spectrum{};  ///< [channels, n_pixels]
  std::span<const float> metadata{};  ///< [columns], standardised
  /// Class index, or several: the object is of one of them. Not read by the objective clip.
  std::span<const std::int32_t> labels{};
};

}  // namespace astrom3::train
