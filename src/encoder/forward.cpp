// SPDX-License-Identifier: MIT
#include "encoder/forward.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>

#include "astrom3/base/stop_scope.h"
#include "astrom3/encoder/attention.h"
#include "encoder/attention.h"
#include "encoder/packed_weights.h"
#include "encoder/probsparse.h"
#include "encoder/sizes.h"
#include "encoder/token_embedding.h"
#include "kernels/int8.h"
#include "kernels/kernels.h"

namespace astrom3 {
namespace {

constexpr std::size_t kInt8Together = 4;  // blocks of rows that go through the feed-forward block together

/// Copies the rows of h that the mask keeps, one after the other, and their weights. Returns their number.
std::size_t gather_observed(const Forward& forward, const float* h, std::span<const float> mask) {
  const std::size_t stride = forward.sizes.D_padded;
  std::size_t n = 0;
  for (std::size_t t = 0; t < forward.sizes.T; ++t) {
    if (mask[t] == 0.0f) continue;
    std::copy_n(h + t * stride, stride, forward.scratch.queries + n * stride);
    forward.scratch.step[n] = static_cast<std::uint32_t>(t);
    forward.scratch.weight[n++] = mask[t];
  }
  return n;
}

void add_and_normalise(const Forward& forward, const PackedNorm& norm, const float* h, const float* y,
                       std::size_t rows, float* out) {
  forward.kernels.layer_norm({.a = h,
                              .b = y,
                              .gain = norm.gain,
                              .bias = norm.bias,
                              .rows = rows,
                              .d = forward.sizes.D,
                              .stride = forward.sizes.D_padded,
                              .epsilon = kLayerNormEpsilon,
                              .out = out});
}

/// Writes the attention of layer `index` for the rows `queries` into scratch.attention. ProbSparse attention
/// needs all rows as queries.
void attend(const Forward& forward, std::size_t index, const float* h, const float* queries,
            std::size_t rows) {
  const EncoderSizes& s = forward.sizes;
  const Workspace& scratch = forward.scratch;
  const PackedLayer& layer = forward.weights.layers[index];
  const Rows all = as_rows(forward, h, s.D_padded, s.T, s.D_padded, scratch.all_rows);
  if (forward.attention == Attention::full) {
    const Rows some =
        queries == h ? all : as_rows(forward, queries, s.D_padded, rows, s.D_padded, scratch.some_rows);
    return full_attention(forward, layer, all, some, scratch.attention);
  }
  const std::uint32_t* samples =
      forward.key_samples == nullptr ? nullptr : forward.key_samples + index * s.T * s.sampled;
  probsparse_attention(forward, layer, samples, all, scratch.attention);
}

/// Feed-forward block, in place: rows = LayerNorm(rows + conv2(activation(conv1(rows)))).
void feed_forward(const Forward& forward, const PackedLayer& layer, float* h, std::size_t rows) {
  const EncoderSizes& s = forward.sizes;
  Workspace& scratch = forward.scratch;
  const Rows in = as_rows(forward, h, s.D_padded, rows, s.D_padded, scratch.some_rows);
  apply_linear(forward, layer.conv1, in, scratch.ff, s.ff_stride, forward.activation);
  const Rows middle = as_rows(forward, scratch.ff, s.ff_stride, rows, s.ff_padded, scratch.ff_rows);
  apply_linear(forward, layer.conv2, middle, scratch.y, s.D_padded);
  add_and_normalise(forward, layer.norm2, h, scratch.y, rows, h);
}

/// One encoder layer for the rows `queries` (which may be h), in place.
void run_layer(const Forward& forward, std::size_t index, const float* h, float* queries, std::size_t rows) {
  const PackedLayer& layer = forward.weights.layers[index];
  const EncoderSizes& s = forward.sizes;
  Workspace& scratch = forward.scratch;
  throw_if_stopped();
  attend(forward, index, h, queries, rows);
  const Rows attended =
      as_rows(forward, scratch.attention, s.heads_width, rows, s.heads_width, scratch.some_rows);
  apply_linear(forward, layer.out, attended, scratch.y, s.D_padded);
  add_and_normalise(forward, layer.norm1, queries, scratch.y, rows, queries);

  // In eight bits only few rows go through the block together, so that the result of the first product is
  // still in the first-level caches when the second product reads it.
  const std::size_t together = forward.int8 == nullptr ? rows : kInt8Together * forward.int8->row_block;
  for (std::size_t first = 0; first < rows; first += together) {
    feed_forward(forward, layer, queries + first * s.D_padded, std::min(together, rows - first));
  }
}

}  // namespace

Rows as_rows(const Forward& forward, const float* x, std::size_t stride, std::size_t count, std::size_t width,
             const kernels::QuantisedRows& bytes) noexcept {
  if (forward.int8 == nullptr) return {.x = x, .stride = stride, .count = count};
  forward.int8->quantise({.x = x, .stride = stride, .rows = count, .n = width, .out = bytes});
  return {.x = x, .stride = stride, .count = count, .bytes = bytes};
}

void apply_linear(const Forward& forward, const PackedLinear& linear, const Rows& x, float* y,
                  std::size_t y_stride, kernels::Epilogue epilogue) noexcept {
  if (linear.b8 != nullptr) {
    return forward.int8->gemm({.a = x.bytes,
                               .m = x.count,
                               .k = linear.k,
                               .n = linear.n,
                               .b = linear.b8,
                               .b_scale = linear.b8_scale,
                               .b_sum = linear.b8_sum,
                               .bias = linear.bias,
                               .c = y,
                               .c_stride = y_stride,
                               .epilogue = epilogue});
  }
  forward.kernels.gemm({.a = x.x,
                        .a_stride = x.stride,
                        .m = x.count,
                        .k = linear.k,
                        .n = linear.n,
                        .b = linear.b,
                        .start = linear.bias,
                        .c = y,
                        .c_stride = y_stride,
                        .epilogue = epilogue});
}

void run_forward(const Forward& forward, std::span<const float> x_enc, std::span<const float> mask,
                 const ForwardOutput& output) {
  const EncoderSizes& s = forward.sizes;
  const PackedWeights& w = forward.weights;
  Workspace& scratch = forward.scratch;

  embed_tokens(forward, x_enc, scratch.h);

  // In the last layer a row influences no other row. Unless the sequence is asked for, the rows that the mask
  // leaves out are therefore only keys and values for the other rows and are not computed themselves. In
  // ProbSparse attention every row holds parts of several steps, so that all rows are needed there.
  const bool rows_are_steps = forward.attention == Attention::full;
  float* h = scratch.h;
  const float* weight = mask.data();
  std::size_t rows = s.T;
  std::iota(scratch.step.begin(), scratch.step.end(), 0u);
  for (std::size_t i = 0; i < s.layers; ++i) {
    if (rows_are_steps && output.sequence.empty() && i + 1 == s.layers) {
      rows = gather_observed(forward, scratch.h, mask);
      h = scratch.queries;
      weight = scratch.weight;
    }
    run_layer(forward, i, scratch.h, h, rows);
  }
  add_and_normalise(forward, w.norm, h, nullptr, rows, h);

  for (std::size_t t = 0; !output.sequence.empty() && t < s.T; ++t) {
    std::copy_n(h + t * s.D_padded, s.D, output.sequence.data() + t * s.D);
  }
  if (!output.mean.empty()) {
    forward.kernels.pool(
        {.h = h, .weight = weight, .rows = rows, .d = s.D, .stride = s.D_padded, .mean = output.mean.data()});
  }
  if (!output.logits.empty()) {
    forward.kernels.head({.h = h,
                          .weight = weight,
                          .step = scratch.step.data(),
                          .w = w.classifier.w,
                          .bias = w.classifier.bias,
                          .rows = rows,
                          .stride = s.D_padded,
                          .classes = w.classifier.classes,
                          .classes_padded = w.classifier.classes_padded,
                          .logits = output.logits.data()});
  }
}

}  // namespace astrom3
