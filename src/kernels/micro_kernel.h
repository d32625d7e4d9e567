// SPDX-License-Identifier: MIT
//
// The innermost loop of every matrix product: a tile of C stays in registers for all k.
#pragma once

#include "kernels/vec.h"

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {

// A tile has as many accumulators as the registers hold beside a row of B and one element of A.
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
  const float* next =
      nullptr;  ///< the matrix that is needed next; a part of it is fetched into the cache with every k
  std::size_t next_step = 0;
};

// Loop overhead and address arithmetic compete with the multiply-adds for execution ports. So k runs in
// steps of kUnroll, and one pointer serves kRowsPerPointer rows: x86 addresses p, p + s and p + 2 s
// without further instructions.
inline constexpr std::size_t kUnroll = 4;
inline constexpr std::size_t kRowsPerPointer = 3;

/// acc[i][j] += a[i][offset] b[j], for one k.
template <std::size_t Rows, std::size_t Vectors>
ASTROM3_INLINE void multiply_step(const float* const* a, std::size_t a_stride, std::size_t offset,
                                  const float* b, Vec (&acc)[Rows][Vectors]) {
  Vec row[Vectors];
#pragma GCC unroll 4
  for (std::size_t j = 0; j < Vectors; ++j) row[j] = load(b + kLanes * j);
#pragma GCC unroll 16
  for (std::size_t i = 0; i < Rows; ++i) {
    const Vec element = broadcast(a[i / kRowsPerPointer][i % kRowsPerPointer * a_stride + offset]);
#pragma GCC unroll 4
    for (std::size_t j = 0; j < Vectors; ++j) acc[i][j] = fma(element, row[j], acc[i][j]);
  }
}

template <std::size_t Rows, std::size_t Vectors>
void micro_kernel(const Tile& tile) {
  Vec acc[Rows][Vectors];
#pragma GCC unroll 16
  for (std::size_t i = 0; i < Rows; ++i) {
#pragma GCC unroll 4
    for (std::size_t j = 0; j < Vectors; ++j)
      acc[i][j] = load(tile.start + i * tile.start_stride + kLanes * j);
  }
  constexpr std::size_t kPointers = (Rows + kRowsPerPointer - 1) / kRowsPerPointer;
  const std::size_t next_step = tile.next_step;
  std::size_t a_stride = tile.a_stride;
  const float* a[kPointers];
#pragma GCC unroll 4
  for (std::size_t p = 0; p < kPointers; ++p) {
    a[p] = tile.a + p * kRowsPerPointer * a_stride;
    asm(""
        : "+r"(a[p]));  // hides where the value comes from; else compilers compute it from tile.a every time
  }
  const float* b = tile.b;
  const float* next = tile.next;
  std::size_t k = tile.k;
  for (; k >= kUnroll; k -= kUnroll) {
    prefetch(next);
    next += next_step;
#pragma GCC unroll 4
    for (std::size_t step = 0; step < kUnroll; ++step) {
      multiply_step<Rows, Vectors>(a, a_stride, step, b + step * Vectors * kLanes, acc);
      // Keeps the compiler from interleaving the steps and from computing addresses ahead, for both of which
      // there are too few registers.
      asm volatile("" : "+r"(a_stride) : : "memory");
    }
#pragma GCC unroll 4
    for (std::size_t p = 0; p < kPointers; ++p) a[p] += kUnroll;
    b += kUnroll * Vectors * kLanes;
  }
  for (std::size_t offset = 0; offset < k; ++offset) {
    multiply_step<Rows, Vectors>(a, a_stride, offset, b + offset * Vectors * kLanes, acc);
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
