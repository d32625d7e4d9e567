// SPDX-License-Identifier: MIT
//
// The form of attention of a training, step by step: ProbSparse attention looks at other keys in every step.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "astrom3/encoder/attention.h"
#include "base/random.h"

namespace astrom3::train {

/// The attention of one step. key_samples [layers, T, u] are the keys that queries look at: of the form
/// probsparse alone, which is probsparse_exact without them.
struct StepAttention {
  Attention form = Attention::full;
  std::span<const std::uint32_t> key_samples{};
};

/// Draws of (seed, step) alone, the same for every example and head, as upstream's. Evaluation has none: of
/// the form probsparse it is probsparse_exact, so that it can be repeated.
class AttentionDraws {
 public:
  AttentionDraws(Attention form, std::uint64_t seed) : form_(form), seed_(seed) {}

  /// What it views is valid until the next call.
  StepAttention of_step(const EncoderConfig& config, std::uint64_t step) {
    if (form_ != Attention::probsparse) return {.form = form_};
    keys_ = draw_key_samples(config, Random(seed_, step).bits());
    return {.form = form_, .key_samples = keys_};
  }
  StepAttention of_evaluation() const { return {.form = evaluated(form_)}; }

  static Attention evaluated(Attention form) {
    return form == Attention::probsparse ? Attention::probsparse_exact : form;
  }

 private:
  Attention form_;
  std::uint64_t seed_;
  std::vector<std::uint32_t> keys_;
};

}  // namespace astrom3::train
