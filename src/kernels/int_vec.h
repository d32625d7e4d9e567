// SPDX-License-Identifier: MIT
//
// Sixteen 32-bit integers, and products of bytes summed into them.
//
//   Quads   64 signed bytes, four for each lane
//   Quad    four unsigned bytes, the same for all lanes
//   dot(acc, a, b)     acc[i] += a[0] b[i][0] + a[1] b[i][1] + a[2] b[i][2] + a[3] b[i][3], exactly
//   store_low_bytes    stores the low byte of each lane's bits. For a lane that is the float kByteBias + x,
//   this
//                      byte is x modulo 256, rounded to the nearest integer (ties to even).
//
// int_vec_<set>.h also has the size of the tile that suits its registers (kInt8TileRows, kInt8TileVectors)
// and the extension that the CPU must have (kInt8Needs, int8_available).
#pragma once

#include "kernels/vec.h"
// int_vec_<set>.h of the set that is compiled.
#include ASTROM3_KERNEL_INT_VEC

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {

/// 1.5 * 2^23: neighbouring floats of this size differ by 1.
inline constexpr float kByteBias = 12582912.0f;

inline constexpr std::size_t kInt8PanelWidth = kInt8TileVectors * kLanes;
inline constexpr std::size_t kQuad = 4;

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
