// SPDX-License-Identifier: MIT
//
// The projections that layer 0 computes for padding, before attention: computed once for all light curves.
#pragma once

#include <cstddef>
#include <span>

#include "base/aligned_buffer.h"
#include "encoder/sizes.h"

namespace astrom3 {

struct Forward;

/// The queries, keys and values of one head, [T, head_padded] each. They are stored in rows, only the values
/// in panels where attention is computed in float32.
template <typename Number>
struct HeadRows {
  Number* query = nullptr;
  Number* key = nullptr;
  Number* value = nullptr;
};

/// The steps first to last - 1.
struct Steps {
  std::size_t first = 0, last = 0;
  bool empty() const noexcept { return first >= last; }
};

/// The steps whose token is made of zeros alone: steps of padding with padding on both sides. A token depends
/// on the steps on both sides of it; step 0 follows the last step.
Steps find_padded_steps(const EncoderSizes& sizes, std::span<const float> x_enc) noexcept;

/// The queries, keys and values of layer 0 for a light curve of zeros. They depend on the step alone, so that
/// the steps which find_padded_steps() finds have these same bits in every light curve. Attention then mixes
/// the steps: nothing after it is the same for two light curves.
class PaddedSteps {
 public:
  /// `forward` has to be one in float32 without padded steps of its own; its workspace is overwritten.
  explicit PaddedSteps(const Forward& forward);

  HeadRows<const float> head(std::size_t index) const noexcept { return rows(memory_.data(), index); }

 private:
  template <typename Number>
  HeadRows<Number> rows(Number* all, std::size_t head) const noexcept {
    Number* const first = all + 3 * head * size_;
    return {.query = first, .key = first + size_, .value = first + 2 * size_};
  }

  std::size_t size_;
  AlignedBuffer<float> memory_;
};

}  // namespace astrom3
