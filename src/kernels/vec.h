// SPDX-License-Identifier: MIT
//
// Vec is sixteen floats: one zmm register, two ymm registers, four of NEON or an array, with the same
// functions.
//
// Kernels are written once, with Vec. All its forms do the same IEEE operations on the same lanes in the same
// order, so that every instruction set gives the same bits:
//   * a product and a sum are fused only by fma();
//   * max(a, b) is a > b ? a : b and min(a, b) a < b ? a : b, so that a NaN in b is kept;
//   * reductions pair lane i with i + 8, then i + 4, i + 2, i + 1.
// vec_<set>.h also holds the sizes that suit the registers of its set: kTileRows, kTileVectors, kVectorBytes.
//
// All of it is in the namespace of one instruction set and is always inlined: the linker can never take a
// copy that was compiled for a better CPU for code that runs everywhere.
#pragma once

#include <cstddef>
#include <cstdint>

#define ASTROM3_INLINE inline __attribute__((always_inline))

// vec_<set>.h of the set that is compiled.
#include ASTROM3_KERNEL_VEC

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {

inline constexpr std::size_t kLanes = 16;

/// Fetches the cache line at p into the cache; p may be any address.
ASTROM3_INLINE void prefetch(const float* p) {
  __builtin_prefetch(p, 0, 2);
}

/// The number of lanes in use in the last vector of an array of n floats: 1..16.
ASTROM3_INLINE std::size_t last_lanes(std::size_t n) {
  return n % kLanes == 0 ? kLanes : n % kLanes;
}

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
