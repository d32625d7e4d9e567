// SPDX-License-Identifier: MIT
//
// Where upstream's Informer drops values, and the keys that decide which: of (seed, step, example, layer,
// site).
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "astrom3/train_step/objective.h"
#include "base/random.h"
#include "kernels/training.h"

namespace astrom3::train {

enum class DropoutSite : std::uint8_t {
  embedding,      ///< tokens with their positions
  attended,       ///< what attention adds to the hidden state
  activation,     ///< inside the feed-forward block
  feed_forward,   ///< what that block adds
  probabilities,  ///< of attention; head h is site probabilities + h
  output = 255,   ///< the encoder's result
};

// Upstream's embedding has a dropout of its own, whatever the configuration says.
inline constexpr double kUpstreamEmbeddingDropout = 0.1;

/// Dropout of one example in one step.
struct ExampleDropout {
  double probability = 0;  ///< 0, in our form: none, as in evaluation
  DropoutForm form = DropoutForm::ours;
  std::uint64_t seed = 0, step = 0, example = 0;

  template <typename Real>
  kernels::Dropout<Real> at(std::size_t layer, DropoutSite site, std::size_t head = 0) const {
    const double p = probability_at(site);
    if (p == 0) return {};
    const std::uint64_t one_example = Random(Random(seed, step).bits(), example).bits();
    const std::uint64_t key =
        Random(Random(one_example, layer).bits(), static_cast<std::size_t>(site) + head).bits();
    return {.threshold = static_cast<std::uint32_t>(std::llround(std::ldexp(p, 32))),
            .key = {static_cast<std::uint32_t>(key), static_cast<std::uint32_t>(key >> 32)},
            .scale = static_cast<Real>(1 / (1 - p))};
  }

 private:
  double probability_at(DropoutSite site) const {
    const bool is_upstream = form == DropoutForm::upstream;
    if (site == DropoutSite::embedding && is_upstream) return kUpstreamEmbeddingDropout;
    if (site == DropoutSite::probabilities && is_upstream) return 0;
    if (site == DropoutSite::output && !is_upstream) return 0;
    return probability;
  }
};

}  // namespace astrom3::train
