// SPDX-License-Identifier: MIT
//
// The innermost loop of matrix products in eight bits: a tile of integer sums stays in registers and is
// converted to floats at the end.
#pragma once

#include "kernels/int_vec.h"

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {

/// One tile. sum[i][j] = start[j] + sum_k a[i][k] b[k][j] are integers, and
///   Biased    c[i][j] = scale[i] sum[i][j] b_scale[j] + (low[i] b_sum[j] + bias[j])
///   else      c[i][j] = scale[i] sum[i][j] b_scale[j]
struct Int8Tile {
  const std::uint8_t* a;
  std::size_t a_stride;
  const std::int8_t* b;  ///< quads, width columns each, contiguous
  std::size_t quads;
  const std::int32_t* start;  ///< null: zeros
  const float* scale;
  const float* low;  ///< Biased only, as b_sum and bias
  const float* b_scale;
  const float* b_sum;
  const float* bias;
  float* c;
  std::size_t c_stride;
};

/// acc[i][j] += a[i] . b[j], for one quad. As in micro_kernel.h, one pointer serves three rows.
template <std::size_t Rows, std::size_t Vectors>
ASTROM3_INLINE void dot_step(const std::uint8_t* const* a, std::size_t a_stride, const std::int8_t* b,
                             IntVec (&acc)[Rows][Vectors]) {
  Quads row[Vectors];
#pragma GCC unroll 4
  for (std::size_t j = 0; j < Vectors; ++j) row[j] = load_quads(b + kQuad * kLanes * j);
#pragma GCC unroll 16
  for (std::size_t i = 0; i < Rows; ++i) {
    const Quad quad = broadcast_quad(a[i / 3] + i % 3 * a_stride);
#pragma GCC unroll 4
    for (std::size_t j = 0; j < Vectors; ++j) acc[i][j] = dot(acc[i][j], quad, row[j]);
  }
}

template <std::size_t Rows, std::size_t Vectors, bool Biased>
void int8_tile(const Int8Tile& tile) {
  constexpr std::size_t kStep = kQuad * kLanes * Vectors;  // bytes of B for one quad
  constexpr std::size_t kPointers = (Rows + 2) / 3;
  IntVec acc[Rows][Vectors];
#pragma GCC unroll 4
  for (std::size_t j = 0; j < Vectors; ++j) {
    const IntVec start = tile.start == nullptr ? zero_integers() : load_integers(tile.start + kLanes * j);
#pragma GCC unroll 16
    for (std::size_t i = 0; i < Rows; ++i) acc[i][j] = start;
  }
  const std::size_t a_stride = tile.a_stride;
  const std::uint8_t* a[kPointers];
#pragma GCC unroll 4
  for (std::size_t p = 0; p < kPointers; ++p) {
    a[p] = tile.a + p * 3 * a_stride;
    asm("" : "+r"(a[p]));  // a value of its own, as in micro_kernel.h
  }
  const std::int8_t* b = tile.b;
#pragma GCC unroll 4  // as in micro_kernel.h: what a loop costs competes with the products
  for (std::size_t quads = tile.quads; quads > 0; --quads) {
    dot_step<Rows, Vectors>(a, a_stride, b, acc);
#pragma GCC unroll 4
    for (std::size_t p = 0; p < kPointers; ++p) a[p] += kQuad;
    b += kStep;
  }

#pragma GCC unroll 4
  for (std::size_t j = 0; j < Vectors; ++j) {
    const Vec b_scale = load(tile.b_scale + kLanes * j);
    const Vec b_sum = Biased ? load(tile.b_sum + kLanes * j) : b_scale;
    const Vec bias = Biased ? load(tile.bias + kLanes * j) : b_scale;
#pragma GCC unroll 16
    for (std::size_t i = 0; i < Rows; ++i) {
      const Vec product = broadcast(tile.scale[i]) * to_float(acc[i][j]);
      store(tile.c + i * tile.c_stride + kLanes * j,
            Biased ? fma(product, b_scale, fma(broadcast(tile.low[i]), b_sum, bias)) : product * b_scale);
    }
  }
}

/// int8_tile<rows, vectors, biased>; 1 <= rows <= kInt8TileRows, 1 <= vectors <= kInt8TileVectors.
using Int8TileKernel = void (*)(const Int8Tile&);
Int8TileKernel int8_tile_for(std::size_t rows, std::size_t vectors, bool biased);

/// Cuts m rows into blocks of nearly equal size, at most kInt8TileRows.
struct Int8RowBlocks {
  std::size_t count, size, larger;  ///< the first `larger` blocks have size + 1 rows

  ASTROM3_INLINE explicit Int8RowBlocks(std::size_t m)
      : count((m + kInt8TileRows - 1) / kInt8TileRows),
        size(count == 0 ? 0 : m / count),
        larger(m - size * count) {}
  ASTROM3_INLINE std::size_t rows(std::size_t block) const { return size + (block < larger ? 1 : 0); }
};

/// The columns of the strip that begins at column j of n.
ASTROM3_INLINE std::size_t int8_strip(std::size_t j, std::size_t n) {
  return n - j < kInt8PanelWidth ? n - j : kInt8PanelWidth;
}

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
