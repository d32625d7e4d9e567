// SPDX-License-Identifier: MIT
//
// Full attention of one head, a block of queries at a time, so that the block's scores stay in the cache.
#include "kernels/elementary.h"
#include "kernels/kernels.h"
#include "kernels/micro_kernel.h"
#include "kernels/table.h"

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {

namespace {

constexpr std::size_t kTogether = 4;  // rows of scores that are computed at a time

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
                                            .c_stride = keys_padded,
                                            .next = args.v});
  }
}

/// Turns rows of scores into weights in place: s[j] becomes exp(scale (s[j] - max s)). The sum of each row
/// goes to `sums`. Several rows are computed at a time, because each is a chain of dependent operations; a
/// row gets the same bits as it would alone.
template <std::size_t Rows>
void exponentiate(float* s, std::size_t stride, std::size_t n, float scale_log2e, float* sums) {
  const std::size_t last = (n - 1) / kLanes * kLanes;
  const std::size_t lanes = last_lanes(n);
  Vec top[Rows];
#pragma GCC unroll 4
  for (std::size_t i = 0; i < Rows; ++i) {  // padding must not win the maximum
    float* tail = s + i * stride + last;
    store(tail, fill_from(load(tail), lanes, s[i * stride]));
    top[i] = load(s + i * stride);
  }
  for (std::size_t j = kLanes; j <= last; j += kLanes) {
#pragma GCC unroll 4
    for (std::size_t i = 0; i < Rows; ++i) top[i] = max(top[i], load(s + i * stride + j));
  }
  const Vec scale = broadcast(scale_log2e);
  Vec offset[Rows], total[Rows];
#pragma GCC unroll 4
  for (std::size_t i = 0; i < Rows; ++i) {
    offset[i] = broadcast(-(largest(top[i]) * scale_log2e));
    total[i] = broadcast(0.0f);
  }
  for (std::size_t j = 0; j < last; j += kLanes) {
#pragma GCC unroll 4
    for (std::size_t i = 0; i < Rows; ++i) {
      const Vec e = exp2(fma(load(s + i * stride + j), scale, offset[i]));
      store(s + i * stride + j, e);
      total[i] = total[i] + e;
    }
  }
#pragma GCC unroll 4
  for (std::size_t i = 0; i < Rows; ++i) {
    float* tail = s + i * stride + last;
    const Vec e = fill_from(exp2(fma(load(tail), scale, offset[i])), lanes, 0.0f);
    store(tail, e);
    sums[i] = sum(total[i] + e);
  }
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
                                            .c_stride = args.out_stride,
                                            .next = args.k_transposed});
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
    std::size_t i = 0;
    for (; i + kTogether <= rows; i += kTogether) {
      exponentiate<kTogether>(args.scores + i * keys_padded, keys_padded, args.n_keys, scale_log2e, sums + i);
    }
    for (; i < rows; ++i) {
      exponentiate<1>(args.scores + i * keys_padded, keys_padded, args.n_keys, scale_log2e, sums + i);
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
