// SPDX-License-Identifier: MIT
//
// Sixteen 32-bit integers, and products of bytes summed into them.
//
//   Quads   64 signed bytes, four for each lane
//   Quad    four unsigned bytes, the same for all lanes
//   dot(acc, a, b)     acc[i] += a[0] b[i][0] + a[1] b[i][1] + a[2] b[i][2] + a[3] b[i][3], exactly
//   store_low_bytes    the low byte of each lane's bits; where the lane is the float kByteBias + x, that is x
//                      modulo 256, rounded to the nearest (ties to even).
//
// int_vec_<set>.h also says what tile suits its registers (kInt8TileRows, kInt8TileVectors) and what the CPU
// must have for it (kInt8Needs, int8_available).
#pragma once

#include "kernels/vec.h"
// int_vec_<set>.h of the set that is compiled.
#include ASTROM3_KERNEL_INT_VEC

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {

/// 1.5 * 2^23: a float of this size counts in ones.
inline constexpr float kByteBias = 12582912.0f;

inline constexpr std::size_t kInt8PanelWidth = kInt8TileVectors * kLanes;
inline constexpr std::size_t kQuad = 4;

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
