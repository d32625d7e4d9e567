// SPDX-License-Identifier: MIT
#include "encoder/attention.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "encoder/forward.h"
#include "encoder/packed_weights.h"
#include "encoder/padded_steps.h"
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

/// The `count` rows that begin at row `first`; float32 only.
Rows part_of(const Rows& rows, std::size_t first, std::size_t count) {
  Rows part = rows;
  part.x += first * rows.stride;
  part.count = count;
  return part;
}

/// apply_linear() into y, in panels that are `panel_width` columns wide. It computes every row except the
/// steps of padding (forward.scratch.padded): these are copied from `padded_rows`.
void project_around(const Forward& forward, const PackedLinear& linear, const Rows& rows,
                    std::size_t panel_width, const float* padded_rows, float* y) {
  const Steps padded = forward.scratch.padded;
  for (std::size_t j = 0; j < linear.n; j += panel_width) {
    const std::size_t width = std::min(panel_width, linear.n - j), panel = j * rows.count;
    const PackedLinear columns{
        .k = linear.k, .n = width, .b = linear.b + j * linear.k, .bias = linear.bias + j};
    const std::size_t first = panel + padded.first * width, last = panel + padded.last * width;
    apply_linear(forward, columns, part_of(rows, 0, padded.first), y + panel, width);
    std::copy(padded_rows + first, padded_rows + last, y + first);
    apply_linear(forward, columns, part_of(rows, padded.last, rows.count - padded.last), y + last, width);
  }
}

}  // namespace

void project_head(const Forward& forward, const PackedHead& weights, const Rows& h, const Rows& queries,
                  const HeadRows<const float>* padded, const HeadRows<float>& out) noexcept {
  const std::size_t width = forward.sizes.head_padded;
  constexpr std::size_t kAsPanels = 0;
  if (padded != nullptr && queries.x == h.x) {
    project_around(forward, weights.query, queries, width, padded->query, out.query);
  } else {
    apply_linear(forward, weights.query, queries, out.query, width);
  }
  if (padded != nullptr) {
    project_around(forward, weights.key, h, width, padded->key, out.key);
    project_around(forward, weights.value, h, forward.kernels.panel_width, padded->value, out.value);
  } else {
    apply_linear(forward, weights.key, h, out.key, width);
    apply_linear(forward, weights.value, h, out.value, forward.int8 != nullptr ? width : kAsPanels);
  }
}

void full_attention(const Forward& forward, const PackedLayer& layer, const Rows& h, const Rows& queries,
                    float* out) noexcept {
  const EncoderSizes& s = forward.sizes;
  const Workspace& scratch = forward.scratch;
  const float scale = 1.0f / std::sqrt(static_cast<float>(s.d_head));
  const bool int8 = forward.int8 != nullptr;
  const bool padded =
      forward.padded != nullptr && &layer == forward.weights.layers.data() && !scratch.padded.empty();
  for (std::size_t head = 0; head < s.H; ++head) {
    const HeadRows<const float> known = padded ? forward.padded->head(head) : HeadRows<const float>{};
    project_head(forward, layer.heads[head], h, queries, padded ? &known : nullptr,
                 {.query = scratch.q, .key = scratch.k, .value = scratch.v});
    (int8 ? attend_int8 : attend)(forward, queries.count, scale, out + head * s.head_padded);
  }
}

}  // namespace astrom3
