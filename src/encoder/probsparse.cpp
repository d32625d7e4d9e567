// SPDX-License-Identifier: MIT
#include "encoder/probsparse.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "encoder/forward.h"
#include "encoder/packed_weights.h"
#include "encoder/sizes.h"
#include "encoder/sparsity.h"
#include "encoder/workspace.h"

namespace astrom3 {
namespace {

/// Computes scratch.sparsity of every query from q and k_panels; kProbeRows queries have their scores at a
/// time.
void measure_sparsity(const Forward& forward, const std::uint32_t* key_samples) {
  const EncoderSizes& s = forward.sizes;
  Workspace& scratch = forward.scratch;
  for (std::size_t first = 0; first < s.T; first += kProbeRows) {
    const std::size_t rows = std::min(kProbeRows, s.T - first);
    forward.kernels.gemm({.a = scratch.q + first * s.head_padded,
                          .a_stride = s.head_padded,
                          .m = rows,
                          .k = s.d_head,
                          .n = s.T_padded,
                          .b = scratch.k_panels,
                          .start = scratch.zeros,
                          .c = scratch.probe,
                          .c_stride = s.T_padded});
    for (std::size_t i = 0; i < rows; ++i) {
      const float* row = scratch.probe + i * s.T_padded;
      if (key_samples == nullptr) {
        scratch.sparsity[first + i] =
            sparsity(s.T, s.T, [&](std::size_t j) { return static_cast<double>(row[j]); });
      } else {
        const std::uint32_t* keys = key_samples + (first + i) * s.sampled;
        scratch.sparsity[first + i] =
            sparsity(s.sampled, s.T, [&](std::size_t j) { return static_cast<double>(row[keys[j]]); });
      }
    }
  }
}

/// Full attention of the chosen queries and of one query of zeros after them. The query of zeros gives all
/// keys the same weight, so that its result is the mean of v.
void attend(const Forward& forward) {
  const EncoderSizes& s = forward.sizes;
  const Workspace& scratch = forward.scratch;
  for (std::size_t i = 0; i < s.sampled; ++i) {
    std::copy_n(scratch.q + scratch.order[i] * s.head_padded, s.head_padded,
                scratch.top_queries + i * s.head_padded);
  }
  std::fill_n(scratch.top_queries + s.sampled * s.head_padded, s.head_padded, 0.0f);
  forward.kernels.attention({.q = scratch.top_queries,
                             .k_transposed = scratch.k_panels,
                             .v = scratch.v,
                             .n_queries = s.sampled + 1,
                             .n_keys = s.T,
                             .d_head = s.d_head,
                             .head_padded = s.head_padded,
                             .scale = 1.0f / std::sqrt(static_cast<float>(s.d_head)),
                             .scores = scratch.scores,
                             .out = scratch.top_values,
                             .out_stride = s.head_padded});
}

}  // namespace

void probsparse_attention(const Forward& forward, const PackedLayer& layer, const std::uint32_t* key_samples,
                          const Rows& h, float* out) noexcept {
  const EncoderSizes& s = forward.sizes;
  const Workspace& scratch = forward.scratch;
  constexpr std::size_t kAsPanels = 0;
  for (std::size_t head = 0; head < s.H; ++head) {
    const PackedHead& w = layer.heads[head];
    apply_linear(forward, w.query, h, scratch.q, s.head_padded);
    apply_linear(forward, w.key, h, scratch.k, s.head_padded);
    apply_linear(forward, w.value, h, scratch.v, kAsPanels);
    forward.kernels.transpose_to_panels(scratch.k, s.head_padded, s.T, s.d_head, scratch.k_panels);
    measure_sparsity(forward, key_samples);
    choose_queries(scratch.sparsity, s.sampled, forward.scratch.order);
    attend(forward);

    // A head fills T * head_padded numbers of `out`, and heads_width is H * head_padded: the heads one after
    // the other fill exactly the T rows of heads_width numbers.
    float* block = out + head * s.T * s.head_padded;
    const float* mean = scratch.top_values + s.sampled * s.head_padded;
    for (std::size_t t = 0; t < s.T; ++t) std::copy_n(mean, s.head_padded, block + t * s.head_padded);
    for (std::size_t i = 0; i < s.sampled; ++i) {
      std::copy_n(scratch.top_values + i * s.head_padded, s.head_padded,
                  block + scratch.order[i] * s.head_padded);
    }
  }
}

}  // namespace astrom3
