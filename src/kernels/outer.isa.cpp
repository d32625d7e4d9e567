// SPDX-License-Identifier: MIT
//
// Sums of outer products, which are the gradient of weights. A tile of C stays in registers for all rows.
#include "kernels/by_rows.h"
#include "kernels/micro_kernel.h"
#include "kernels/training_table.h"

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {

namespace {

/// c[i][j] += sum_t a[t][i] b[t][j] for a tile of Rows x Vectors * kLanes. The next tile, at `next`, is
/// fetched into the cache meanwhile.
template <std::size_t Rows, std::size_t Vectors>
void outer_tile(const OuterArgs<float>& args, const float* a, const float* b, float* c, const float* next) {
  Vec acc[Rows][Vectors];
#pragma GCC unroll 16
  for (std::size_t i = 0; i < Rows; ++i) {
#pragma GCC unroll 4
    for (std::size_t j = 0; j < Vectors; ++j) acc[i][j] = load(c + i * args.c_stride + kLanes * j);
  }
  for (std::size_t t = 0; t < args.rows; ++t) {
    if (t < Rows) {
#pragma GCC unroll 4
      for (std::size_t j = 0; j < Vectors; ++j) prefetch(next + t * args.c_stride + kLanes * j);
    }
    Vec row[Vectors];
#pragma GCC unroll 4
    for (std::size_t j = 0; j < Vectors; ++j) row[j] = load(b + kLanes * j);
#pragma GCC unroll 16
    for (std::size_t i = 0; i < Rows; ++i) {
      const Vec element = broadcast(a[i]);
#pragma GCC unroll 4
      for (std::size_t j = 0; j < Vectors; ++j) acc[i][j] = fma(element, row[j], acc[i][j]);
    }
    a += args.a_stride;
    b += args.b_stride;
    asm volatile(
        ""
        : "+r"(a), "+r"(b)
        :
        : "memory");  // keeps the rows one after the other: interleaved rows would need too many registers
  }
#pragma GCC unroll 16
  for (std::size_t i = 0; i < Rows; ++i) {
#pragma GCC unroll 4
    for (std::size_t j = 0; j < Vectors; ++j) store(c + i * args.c_stride + kLanes * j, acc[i][j]);
  }
}

using OuterTile = void (*)(const OuterArgs<float>&, const float*, const float*, float*, const float*);

template <std::size_t Vectors, std::size_t... Rows>
OuterTile tile_with_rows(std::size_t rows, Counts<Rows...>) {
  static constexpr OuterTile kTiles[] = {outer_tile<Rows, Vectors>...};
  return kTiles[rows - 1];
}

OuterTile tile_for(std::size_t rows, std::size_t vectors) {
  constexpr UpTo<kTileRows> kRows;
  return vectors == kTileVectors ? tile_with_rows<kTileVectors>(rows, kRows) : tile_with_rows<1>(rows, kRows);
}

}  // namespace

void outer(const OuterArgs<float>& args) {
  if (args.m == 0) return;
  const RowBlocks blocks(args.m);
  for (std::size_t j = 0; j < args.n; j += kPanelWidth) {
    const std::size_t width = args.n - j < kPanelWidth ? args.n - j : kPanelWidth;
    std::size_t i = 0;
    for (std::size_t block = 0; block < blocks.count; ++block) {
      const std::size_t rows = blocks.rows(block);
      float* c = args.c + i * args.c_stride + j;
      const float* next = block + 1 < blocks.count ? c + rows * args.c_stride : args.c + j + width;
      tile_for(rows, width / kLanes)(args, args.a + i, args.b + j, c, next);
      i += rows;
    }
  }
}

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
