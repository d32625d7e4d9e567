// SPDX-License-Identifier: MIT
#include "encoder/attention.h"

#include <cmath>
#include <cstddef>

#include "encoder/forward.h"
#include "encoder/packed_weights.h"
#include "encoder/sizes.h"
#include "encoder/workspace.h"

namespace astrom3 {
namespace {

void attend(const Forward& forward, std::size_t n_queries, float scale, float* out) {
  const EncoderSizes& s = forward.sizes;
  const Workspace& scratch = forward.scratch;
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
                             .out = out,
                             .out_stride = s.heads_width});
}

void attend_int8(const Forward& forward, std::size_t n_queries, float scale, float* out) {
  const EncoderSizes& s = forward.sizes;
  const Workspace& scratch = forward.scratch;
  forward.int8->quantise_head({.q = scratch.q,
                               .k = scratch.k,
                               .v = scratch.v,
                               .n_queries = n_queries,
                               .n_keys = s.T,
                               .head_padded = s.head_padded,
                               .out = scratch.head});
  forward.int8->attention({.head = scratch.head,
                           .n_queries = n_queries,
                           .n_keys = s.T,
                           .head_padded = s.head_padded,
                           .scale = scale,
                           .scores = scratch.scores,
                           .weights = scratch.attention_weights,
                           .out = out,
                           .out_stride = s.heads_width});
}

}  // namespace

void full_attention(const Forward& forward, const PackedLayer& layer, const Rows& h, const Rows& queries,
                    float* out) noexcept {
  const EncoderSizes& s = forward.sizes;
  const Workspace& scratch = forward.scratch;
  const float scale = 1.0f / std::sqrt(static_cast<float>(s.d_head));
  constexpr std::size_t kAsPanels = 0;
  const bool int8 = forward.int8 != nullptr;
  for (std::size_t head = 0; head < s.H; ++head) {
    const PackedHead& w = layer.heads[head];
    apply_linear(forward, w.query, queries, scratch.q, s.head_padded);
    apply_linear(forward, w.key, h, scratch.k, s.head_padded);
    apply_linear(forward, w.value, h, scratch.v, int8 ? s.head_padded : kAsPanels);
    (int8 ? attend_int8 : attend)(forward, queries.count, scale, out + head * s.head_padded);
  }
}

}  // namespace astrom3
