// SPDX-License-Identifier: MIT
#include "encoder/token_embedding.h"

#include <algorithm>
#include <cstddef>
#include <span>

#include "encoder/forward.h"
#include "encoder/padded_steps.h"
#include "encoder/sizes.h"

namespace astrom3 {

void embed_tokens(const Forward& forward, std::span<const float> x_enc, float* h) noexcept {
  const EncoderSizes& s = forward.sizes;
  float* x = forward.scratch.x;
  forward.scratch.padded = find_padded_steps(s, x_enc);
  std::copy_n(x_enc.data() + (s.T - 1) * s.C, s.C, x);
  std::copy_n(x_enc.data(), s.T * s.C, x + s.C);
  std::copy_n(x_enc.data(), s.C, x + (s.T + 1) * s.C);

  // Row t of the convolution's input is x[t], x[t+1], x[t+2], which lie side by side in memory already. The
  // rows overlap: each begins C numbers after the one before.
  apply_linear(forward, forward.weights.embedding, {.x = x, .stride = s.C, .count = s.T}, h, s.D_padded);
  for (std::size_t i = 0; i < s.T * s.D_padded; ++i) h[i] += forward.weights.position[i];
}

}  // namespace astrom3
