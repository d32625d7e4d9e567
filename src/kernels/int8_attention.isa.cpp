// SPDX-License-Identifier: MIT
//
// Full attention of one head in eight bits, a block of queries at a time; softmax is computed in float32.
#include "kernels/coarse.h"
#include "kernels/int8_table.h"
#include "kernels/int8_tile.h"

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {

namespace {

constexpr std::size_t kTogether = 4;  // rows of scores that are computed at a time

/// Turns rows of scores s, in units of log 2, into bytes: p[j] = round(255 2^(s[j] - max s)), and 0 in the
/// padding. The inverse of each row's sum goes to `inverse`.
template <std::size_t Rows>
void weigh(float* s, std::size_t stride, std::size_t n, std::uint8_t* p, float* inverse) {
  const std::size_t last = (n - 1) / kLanes * kLanes;
  const std::size_t lanes = last_lanes(n);
  Vec top[Rows], total[Rows];
#pragma GCC unroll 4
  for (std::size_t i = 0; i < Rows; ++i) {  // padding must not win the maximum
    float* tail = s + i * stride + last;
    store(tail, fill_from(load(tail), lanes, s[i * stride]));
    top[i] = load(s + i * stride);
    total[i] = broadcast(0.0f);
  }
  for (std::size_t j = kLanes; j <= last; j += kLanes) {
#pragma GCC unroll 4
    for (std::size_t i = 0; i < Rows; ++i) top[i] = max(top[i], load(s + i * stride + j));
  }
#pragma GCC unroll 4
  for (std::size_t i = 0; i < Rows; ++i) top[i] = broadcast(largest(top[i]));
  const Vec bias = broadcast(kByteBias);
  for (std::size_t j = 0; j <= last; j += kLanes) {
#pragma GCC unroll 4
    for (std::size_t i = 0; i < Rows; ++i) {
      Vec biased = byte_of_exp2(load(s + i * stride + j) - top[i], bias);
      if (j == last) biased = fill_from(biased, lanes, kByteBias);
      store_low_bytes(p + i * stride + j, biased);
      total[i] = total[i] + (biased - bias);
    }
  }
#pragma GCC unroll 4
  for (std::size_t i = 0; i < Rows; ++i) inverse[i] = 1.0f / sum(total[i]);
}

/// Calls weigh() for all rows of a block.
void weigh_rows(const Int8AttentionArgs& args, std::size_t rows, std::size_t keys_padded, float* inverse) {
  std::size_t i = 0;
  for (; i + kTogether <= rows; i += kTogether) {
    weigh<kTogether>(args.scores + i * keys_padded, keys_padded, args.n_keys, args.weights + i * keys_padded,
                     inverse + i);
  }
  for (; i < rows; ++i) {
    weigh<1>(args.scores + i * keys_padded, keys_padded, args.n_keys, args.weights + i * keys_padded,
             inverse + i);
  }
}

/// c = a b, for one block of rows of a and all columns of b.
void multiply(Int8Tile tile, std::size_t rows, std::size_t n) {
  const std::int8_t* b = tile.b;
  for (std::size_t j = 0; j < n; j += kInt8PanelWidth) {
    const std::size_t width = int8_strip(j, n);
    tile.b = b + j * tile.quads * kQuad;
    int8_tile_for(rows, width / kLanes, false)(tile);
    if (tile.start != nullptr) tile.start += width;
    tile.b_scale += width;
    tile.c += width;
  }
}

}  // namespace

void int8_attention(const Int8AttentionArgs& args) {
  const std::size_t keys_padded = (args.n_keys + kLanes - 1) / kLanes * kLanes;
  const float scale_log2e = args.scale * 1.44269504f;
  const Int8Head& head = args.head;
  const Int8RowBlocks blocks(args.n_queries);
  std::size_t first = 0;
  for (std::size_t block = 0; block < blocks.count; ++block) {
    const std::size_t rows = blocks.rows(block);
    float scale[kInt8TileRows], inverse[kInt8TileRows];
    for (std::size_t i = 0; i < rows; ++i) scale[i] = head.q_scale[first + i] * scale_log2e;
    multiply({.a = head.q + first * args.head_padded,
              .a_stride = args.head_padded,
              .b = head.k,
              .quads = args.head_padded / kQuad,
              .start = head.k_sum,
              .scale = scale,
              .low = nullptr,
              .b_scale = head.k_scale,
              .b_sum = nullptr,
              .bias = nullptr,
              .c = args.scores,
              .c_stride = keys_padded},
             rows, keys_padded);
    weigh_rows(args, rows, keys_padded, inverse);
    multiply({.a = args.weights,
              .a_stride = keys_padded,
              .b = head.v,
              .quads = keys_padded / kQuad,
              .start = nullptr,
              .scale = inverse,
              .low = nullptr,
              .b_scale = head.v_scale,
              .b_sum = nullptr,
              .bias = nullptr,
              .c = args.out + first * args.out_stride,
              .c_stride = args.out_stride},
             rows, args.head_padded);
    first += rows;
  }
}

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
