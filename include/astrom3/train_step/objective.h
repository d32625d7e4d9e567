// SPDX-License-Identifier: MIT
//
// What training minimises, and over which heads.
#pragma once

#include <cstdint>

namespace astrom3 {

enum class TrainingObjective : std::uint8_t {
  /// Cross-entropy of the head's logits; the checkpoint needs a head.
  classify,
  /// Symmetric InfoNCE between two views of each light curve, on the unit vectors of `mean`: views of one
  /// shall be more alike than views of two. No labels are needed, and the head stays as it is.
  contrast,
};

/// Which heads can be reached. A checkpoint's head has weights of its own for every step, T D of them a
/// class; it has the same form either way.
enum class HeadForm : std::uint8_t {
  /// Each is learnt by itself, as upstream does.
  free,
  /// W_t = V / T for all steps t: the head reads mean * observed / T, and V is what is learnt: few enough to
  /// learn from thousands of objects.
  pooled,
};

}  // namespace astrom3
