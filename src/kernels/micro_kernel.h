// SPDX-License-Identifier: MIT
//
// The innermost loop of every matrix product: a tile of C held in registers while k runs.
#pragma once

#include "kernels/vec.h"

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {

// Tile sizes: as many accumulators as the registers hold beside a row of B and one element of A.
// AVX-512: 12 x 2 of 32 registers. AVX2: 6 x 1 Vec = 12 of 16 registers.
#if ASTROM3_KERNEL_ISA == 2
inline constexpr std::size_t kTileRows = 12;
inline constexpr std::size_t kTileVectors = 2;
#elif ASTROM3_KERNEL_ISA == 1
inline constexpr std::size_t kTileRows = 6;
inline constexpr std::size_t kTileVectors = 1;
#else
inline constexpr std::size_t kTileRows = 4;
inline constexpr std::size_t kTileVectors = 1;
#endif
inline constexpr std::size_t kPanelWidth = kTileVectors * kLanes;

/// One tile: c[i][j] = start[i][j] + sum_k a[i][k] b[k][j].
struct Tile {
  const float* a;
  std::size_t a_stride;
  const float* b;  ///< [k, width], contiguous; width is 16 times the number of vectors
  std::size_t k;
  const float* start;
  std::size_t start_stride;  ///< 0: the same start for all rows
  float* c;
  std::size_t c_stride;
};

template <std::size_t Rows, std::size_t Vectors>
void micro_kernel(const Tile& tile) {
  Vec acc[Rows][Vectors];
#pragma GCC unroll 16
  for (std::size_t i = 0; i < Rows; ++i) {
#pragma GCC unroll 4
    for (std::size_t j = 0; j < Vectors; ++j)
      acc[i][j] = load(tile.start + i * tile.start_stride + kLanes * j);
  }
  const float* a = tile.a;
  const float* b = tile.b;
  const std::size_t a_stride = tile.a_stride;
  for (std::size_t k = tile.k; k > 0; --k) {
    Vec row[Vectors];
#pragma GCC unroll 4
    for (std::size_t j = 0; j < Vectors; ++j) row[j] = load(b + kLanes * j);
#pragma GCC unroll 16
    for (std::size_t i = 0; i < Rows; ++i) {
      const Vec element = broadcast(a[i * a_stride]);
#pragma GCC unroll 4
      for (std::size_t j = 0; j < Vectors; ++j) acc[i][j] = fma(element, row[j], acc[i][j]);
    }
    ++a;
    b += Vectors * kLanes;
  }
#pragma GCC unroll 16
  for (std::size_t i = 0; i < Rows; ++i) {
#pragma GCC unroll 4
    for (std::size_t j = 0; j < Vectors; ++j) store(tile.c + i * tile.c_stride + kLanes * j, acc[i][j]);
  }
}

using MicroKernel = void (*)(const Tile&);

/// micro_kernel<rows, vectors>; 1 <= rows <= kTileRows, 1 <= vectors <= kTileVectors.
MicroKernel micro_kernel_for(std::size_t rows, std::size_t vectors);

/// Cuts m rows into blocks of nearly equal size, at most kTileRows: small blocks waste registers.
struct RowBlocks {
  std::size_t count, size, larger;  ///< the first `larger` blocks have size + 1 rows

  ASTROM3_INLINE explicit RowBlocks(std::size_t m)
      : count((m + kTileRows - 1) / kTileRows), size(count == 0 ? 0 : m / count), larger(m - size * count) {}
  ASTROM3_INLINE std::size_t rows(std::size_t block) const { return size + (block < larger ? 1 : 0); }
};

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
