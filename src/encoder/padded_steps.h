// SPDX-License-Identifier: MIT
//
// What layer 0 makes of padding before attention: computed once for all light curves.
#pragma once

#include <cstddef>
#include <span>

#include "base/aligned_buffer.h"
#include "encoder/sizes.h"

namespace astrom3 {

struct Forward;

/// Queries, keys and values of one head, [T, head_padded]: rows, but values in panels where attention is in
/// float32.
template <typename Number>
struct HeadRows {
  Number* query = nullptr;
  Number* key = nullptr;
  Number* value = nullptr;
};

/// Steps [first, last).
struct Steps {
  std::size_t first = 0, last = 0;
  bool empty() const noexcept { return first >= last; }
};

/// The steps whose token is made of zeros alone: those of padding that have padding on both sides. The token
/// of a step sees the steps beside it, and the last step that of the first.
Steps find_padded_steps(const EncoderSizes& sizes, std::span<const float> x_enc) noexcept;

/// Queries, keys and values of layer 0 for a light curve of zeros. They depend on the step alone, and on
/// nothing else in the light curve, so those of find_padded_steps() are these, bit by bit. Attention mixes
/// the steps: of what follows nothing is the same for two light curves.
class PaddedSteps {
 public:
  /// forward: in float32, with a workspace, which is used, and without padded steps of its own.
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
