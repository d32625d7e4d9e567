// SPDX-License-Identifier: MIT
//
// Sixteen 32-bit integers, and products of bytes summed into them.
//
//   Quads   64 signed bytes, four for each lane
//   Quad    four unsigned bytes, the same for all lanes
//   dot(acc, a, b)     acc[i] += a[0] b[i][0] + a[1] b[i][1] + a[2] b[i][2] + a[3] b[i][3], exactly
//   store_low_bytes    the low byte of each lane's bits; where the lane is the float kByteBias + x, that is x
//                      modulo 256, rounded to the nearest (ties to even).
#pragma once

#include "kernels/vec.h"

#if ASTROM3_KERNEL_ISA == 2
#include "kernels/int_vec_avx512.h"
#elif ASTROM3_KERNEL_ISA == 1
#include "kernels/int_vec_avx2.h"
#else
#include "kernels/int_vec_scalar.h"
#endif

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {

/// 1.5 * 2^23: a float of this size counts in ones.
inline constexpr float kByteBias = 12582912.0f;

// Tiles of the integer product. AVX2 makes a product of bytes out of two of 16 bits, which takes registers.
#if ASTROM3_KERNEL_ISA == 2
inline constexpr std::size_t kInt8TileRows = 12;
inline constexpr std::size_t kInt8TileVectors = 2;
#else
inline constexpr std::size_t kInt8TileRows = 4;
inline constexpr std::size_t kInt8TileVectors = 1;
#endif
inline constexpr std::size_t kInt8PanelWidth = kInt8TileVectors * kLanes;
inline constexpr std::size_t kQuad = 4;

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
