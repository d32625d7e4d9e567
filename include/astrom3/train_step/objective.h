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
  /// The modalities of an object are moved together in the shared space (CLIP, Radford et al. 2021): of every
  /// pair of modalities, cross-entropy in both directions, added. No labels are needed.
  clip,
};

/// How a gradient becomes a step.
enum class Optimiser : std::uint8_t {
  /// Adam with decoupled weight decay, of matrices alone (Loshchilov & Hutter 2019).
  adamw,
  /// Adam with L2: weight decay times the weight is added to the gradient of every parameter, after clipping,
  /// as PyTorch's Adam does and as upstream trains.
  adam,
};

/// Which values dropout drops.
enum class DropoutForm : std::uint8_t {
  /// The photo encoder's tokens, what its blocks add, their activations and the probabilities of attention.
  ours,
  /// As upstream: tokens with a probability of 0.1 always, the probabilities of attention never, and the
  /// encoder's result too.
  upstream,
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
