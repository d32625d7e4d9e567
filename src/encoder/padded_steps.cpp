// SPDX-License-Identifier: MIT
#include "encoder/padded_steps.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "encoder/attention.h"
#include "encoder/forward.h"
#include "encoder/sizes.h"
#include "encoder/token_embedding.h"

namespace astrom3 {

Steps find_padded_steps(const EncoderSizes& sizes, std::span<const float> x_enc) noexcept {
  // The bits are compared and not the values, because -0 may give other results than 0.
  const auto is_zero = [](float x) { return std::bit_cast<std::uint32_t>(x) == 0; };
  std::size_t first = sizes.T;
  while (first > 0 && std::ranges::all_of(x_enc.subspan((first - 1) * sizes.C, sizes.C), is_zero)) --first;
  return {.first = first + 1, .last = sizes.T - 1};
}

PaddedSteps::PaddedSteps(const Forward& forward)
    : size_(forward.sizes.T * forward.sizes.head_padded), memory_(3 * forward.sizes.H * size_) {
  const EncoderSizes& s = forward.sizes;
  const std::vector<float> zeros(s.T * s.C);
  embed_tokens(forward, zeros, forward.scratch.h);
  const Rows h{.x = forward.scratch.h, .stride = s.D_padded, .count = s.T};
  for (std::size_t head = 0; head < s.H; ++head) {
    project_head(forward, forward.weights.layers.front().heads[head], h, h, nullptr,
                 rows(memory_.data(), head));
  }
}

}  // namespace astrom3
