// SPDX-License-Identifier: MIT
//
// Full attention of one head: the scores of a block of queries live in cache, never in memory.
#include "kernels/elementary.h"
#include "kernels/kernels.h"
#include "kernels/micro_kernel.h"
#include "kernels/table.h"

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {

namespace {

alignas(64) constexpr float kZeros[kPanelWidth] = {};

/// scores[i][j] = q[i] . k[j] for one block of queries and all keys.
void multiply_keys(const AttentionArgs& args, const float* q, std::size_t rows, std::size_t keys_padded) {
  for (std::size_t j = 0; j < keys_padded; j += kPanelWidth) {
    const std::size_t width = keys_padded - j < kPanelWidth ? keys_padded - j : kPanelWidth;
    micro_kernel_for(rows, width / kLanes)({.a = q,
                                            .a_stride = args.head_padded,
                                            .b = args.k_transposed + j * args.d_head,
                                            .k = args.d_head,
                                            .start = kZeros,
                                            .start_stride = 0,
                                            .c = args.scores + j,
                                            .c_stride = keys_padded});
  }
}

/// One row in place: s[j] becomes exp(scale (s[j] - max s)); returns their sum.
float exponentiate(float* s, std::size_t n, float scale_log2e) {
  const std::size_t last = (n - 1) / kLanes * kLanes;
  const std::size_t lanes = last_lanes(n);
  const Vec last_scores = fill_from(load(s + last), lanes, s[0]);  // padding must not win the maximum
  Vec top = last_scores;
  for (std::size_t j = 0; j < last; j += kLanes) top = max(top, load(s + j));
  const Vec scale = broadcast(scale_log2e);
  const Vec offset = broadcast(-(largest(top) * scale_log2e));
  Vec total = broadcast(0.0f);
  for (std::size_t j = 0; j < last; j += kLanes) {
    const Vec e = exp2(fma(load(s + j), scale, offset));
    store(s + j, e);
    total = total + e;
  }
  const Vec e = fill_from(exp2(fma(last_scores, scale, offset)), lanes, 0.0f);
  store(s + last, e);
  return sum(total + e);
}

/// out[i] = sum_j scores[i][j] v[j] / sums[i].
void multiply_values(const AttentionArgs& args, std::size_t rows, std::size_t keys_padded, const float* sums,
                     float* out) {
  for (std::size_t j = 0; j < args.head_padded; j += kPanelWidth) {
    const std::size_t width = args.head_padded - j < kPanelWidth ? args.head_padded - j : kPanelWidth;
    micro_kernel_for(rows, width / kLanes)({.a = args.scores,
                                            .a_stride = keys_padded,
                                            .b = args.v + j * args.n_keys,
                                            .k = args.n_keys,
                                            .start = kZeros,
                                            .start_stride = 0,
                                            .c = out + j,
                                            .c_stride = args.out_stride});
  }
  for (std::size_t i = 0; i < rows; ++i) {
    const Vec inverse = broadcast(1.0f / sums[i]);
    float* row = out + i * args.out_stride;
    for (std::size_t j = 0; j < args.head_padded; j += kLanes) store(row + j, load(row + j) * inverse);
  }
}

}  // namespace

void attention(const AttentionArgs& args) {
  const std::size_t keys_padded = (args.n_keys + kLanes - 1) / kLanes * kLanes;
  const float log2e = 1.44269504f;
  const float scale_log2e = args.scale * log2e;
  float* sums = args.scores + kTileRows * keys_padded;
  const RowBlocks blocks(args.n_queries);
  std::size_t first = 0;
  for (std::size_t block = 0; block < blocks.count; ++block) {
    const std::size_t rows = blocks.rows(block);
    multiply_keys(args, args.q + first * args.head_padded, rows, keys_padded);
    for (std::size_t i = 0; i < rows; ++i) {
      sums[i] = exponentiate(args.scores + i * keys_padded, args.n_keys, scale_log2e);
    }
    multiply_values(args, rows, keys_padded, sums, args.out + first * args.out_stride);
    first += rows;
  }
}

void transpose_to_panels(const float* src, std::size_t src_stride, std::size_t rows, std::size_t columns,
                         float* panels) {
  const std::size_t rows_padded = (rows + kLanes - 1) / kLanes * kLanes;
  alignas(64) float block[kLanes * kLanes];
  for (std::size_t r = 0; r < rows; r += kLanes) {
    const std::size_t panel = r / kPanelWidth * kPanelWidth;
    const std::size_t width = rows_padded - panel < kPanelWidth ? rows_padded - panel : kPanelWidth;
    float* dst = panels + panel * columns + (r - panel);
    const std::size_t lanes = rows - r < kLanes ? rows - r : kLanes;
    for (std::size_t c = 0; c < columns; c += kLanes) {
      const std::size_t n = columns - c < kLanes ? columns - c : kLanes;
      if (n == kLanes && lanes == kLanes) {
        transpose16(src + r * src_stride + c, src_stride, dst + c * width, width);
        continue;
      }
      transpose16(src + r * src_stride + c, src_stride, block, kLanes);
      for (std::size_t i = 0; i < n; ++i) {
        store(dst + (c + i) * width, fill_from(load(block + i * kLanes), lanes, 0.0f));
      }
    }
  }
}

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
