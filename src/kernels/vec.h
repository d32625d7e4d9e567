// SPDX-License-Identifier: MIT
//
// Sixteen floats: one zmm register, two ymm registers or an array, with one set of functions.
//
// Kernels are written over Vec once. All three forms do the same IEEE operations on the same lanes
// in the same order, therefore every instruction set gives the same bits:
//   * a product and a sum are fused only by fma();
//   * max(a, b) is a > b ? a : b and min(a, b) a < b ? a : b, so that a NaN in b is kept;
//   * reductions pair lane i with i + 8, then i + 4, i + 2, i + 1.
// vec_<set>.h also holds the sizes that suit the registers of its set: kTileRows, kTileVectors, kVectorBytes.
//
// Everything here lives in the namespace of one instruction set and is forced inline: no copy
// compiled for a better CPU can end up in code that runs everywhere.
#pragma once

#include <cstddef>
#include <cstdint>

#define ASTROM3_INLINE inline __attribute__((always_inline))

// vec_<set>.h of the set that is compiled.
#include ASTROM3_KERNEL_VEC

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {

inline constexpr std::size_t kLanes = 16;

/// Asks for the cache line at p, which need not exist.
ASTROM3_INLINE void prefetch(const float* p) {
  __builtin_prefetch(p, 0, 2);
}

/// Lanes of the last, partly filled vector of an array of n: 1..16.
ASTROM3_INLINE std::size_t last_lanes(std::size_t n) {
  return n % kLanes == 0 ? kLanes : n % kLanes;
}

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
