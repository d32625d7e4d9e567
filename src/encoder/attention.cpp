// SPDX-License-Identifier: MIT
#include "encoder/attention.h"

#include <cmath>

namespace astrom3 {

void full_attention(const Forward& forward, const PackedLayer& layer, const float* h, const float* queries,
                    std::size_t n_queries, float* out) noexcept {
  const EncoderSizes& s = forward.sizes;
  const Workspace& scratch = forward.scratch;
  const float scale = 1.0f / std::sqrt(static_cast<float>(s.d_head));
  constexpr std::size_t kAsPanels = 0;
  for (std::size_t head = 0; head < s.H; ++head) {
    const PackedHead& w = layer.heads[head];
    apply_linear(forward, w.query, queries, s.D_padded, n_queries, scratch.q, s.head_padded);
    apply_linear(forward, w.key, h, s.D_padded, s.T, scratch.k, s.head_padded);
    apply_linear(forward, w.value, h, s.D_padded, s.T, scratch.v, kAsPanels);
    forward.kernels.transpose_to_panels(scratch.k, s.head_padded, s.T, s.d_head, scratch.k_panels);
    forward.kernels.attention({.q = scratch.q,
                               .k_transposed = scratch.k_panels,
                               .v = scratch.v,
                               .n_queries = n_queries,
                               .n_keys = s.T,
                               .d_head = s.d_head,
                               .head_padded = s.head_padded,
                               .scale = scale,
                               .scores = scratch.scores,
                               .out = out + head * s.head_padded,
                               .out_stride = s.heads_width});
  }
}

}  // namespace astrom3
