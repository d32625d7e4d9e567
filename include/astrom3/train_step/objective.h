// SPDX-License-Identifier: MIT
//
// What training minimises, and over which heads.
#pragma once

#include <cstdint>

namespace astrom3 {

enum class TrainingObjective : std::uint8_t {
  /// Cross-entropy of the head's logits; the checkpoint needs a head.
  classify,
  /// Symmetric InfoNCE between two views of each light curve, on the unit vectors of `mean`: two views of the
  /// same light curve become more similar than views of different ones. No labels are needed.
  contrast,
};

/// Which heads training can find. A checkpoint's head has its own weights for every step, T D of them per
/// class; it has this form in both cases.
enum class HeadForm : std::uint8_t {
  /// Each is learnt by itself, as upstream does.
  free,
  /// W_t = V / T for all steps t: the head reads mean * observed / T, and V is what is learnt: few enough to
  /// learn from thousands of objects.
  pooled,
};

}  // namespace astrom3
