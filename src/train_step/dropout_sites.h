// SPDX-License-Identifier: MIT
//
// Where upstream's Informer drops values, and the keys that decide which: of (seed, step, example, layer,
// site).
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "base/random.h"
#include "kernels/training.h"

namespace astrom3::train {

enum class DropoutSite : std::uint8_t {
  embedding,      ///< tokens with their positions
  attended,       ///< what attention adds to the hidden state
  activation,     ///< inside the feed-forward block
  feed_forward,   ///< what that block adds
  probabilities,  ///< of attention; head h is site probabilities + h
};

/// Dropout of one example in one step.
struct ExampleDropout {
  double probability = 0;  ///< 0: none, as in evaluation
  std::uint64_t seed = 0, step = 0, example = 0;

  template <typename Real>
  kernels::Dropout<Real> at(std::size_t layer, DropoutSite site, std::size_t head = 0) const {
    if (probability == 0) return {};
    const std::uint64_t one_example = Random(Random(seed, step).bits(), example).bits();
    const std::uint64_t key =
        Random(Random(one_example, layer).bits(), static_cast<std::size_t>(site) + head).bits();
    return {.threshold = static_cast<std::uint32_t>(std::llround(std::ldexp(probability, 32))),
            .key = {static_cast<std::uint32_t>(key), static_cast<std::uint32_t>(key >> 32)},
            .scale = static_cast<Real>(1 / (1 - probability))};
  }
};

}  // namespace astrom3::train
