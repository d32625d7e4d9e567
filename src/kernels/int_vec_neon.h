// SPDX-License-Identifier: MIT
//
// IntVec on plain NEON: bytes are multiplied as 16-bit integers, and the products are summed in 32 bits. See
// int_vec.h.
#pragma once

#include "kernels/int_registers_neon.h"

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {

// 4 x 1 IntVec take 16 of 32 registers; a row of B in 16 bits takes eight, quads of A take some of the
// others.
inline constexpr std::size_t kInt8TileRows = 4;
inline constexpr std::size_t kInt8TileVectors = 1;

inline constexpr const char* kInt8Needs = nullptr;
ASTROM3_INLINE bool int8_available() {
  return true;
}

/// Byte k of every quad, widened to 16 bits: lanes 0 to 7 and lanes 8 to 15.
struct WideBytes {
  int16x8_t front, back;
};
struct Quads {
  WideBytes k0, k1, k2, k3;
};
struct Quad {
  int16x4_t bytes;
};

ASTROM3_INLINE WideBytes widen(int8x16_t bytes) {
  return {vmovl_s8(vget_low_s8(bytes)), vmovl_high_s8(bytes)};
}
ASTROM3_INLINE Quads load_quads(const std::int8_t* p) {
  const int8x16x4_t k = vld4q_s8(p);
  return {widen(k.val[0]), widen(k.val[1]), widen(k.val[2]), widen(k.val[3])};
}
ASTROM3_INLINE Quad broadcast_quad(const std::uint8_t* p) {
  std::uint32_t four;
  __builtin_memcpy(&four, p, sizeof four);
  const uint8x8_t bytes = vreinterpret_u8_u32(vdup_n_u32(four));
  return {vreinterpret_s16_u16(vget_low_u16(vmovl_u8(bytes)))};  // at most 255, so the sign is right
}
template <int K>
ASTROM3_INLINE IntVec add_products(IntVec acc, Quad a, WideBytes b) {
  return {vmlal_lane_s16(acc.a, vget_low_s16(b.front), a.bytes, K),
          vmlal_high_lane_s16(acc.b, b.front, a.bytes, K),
          vmlal_lane_s16(acc.c, vget_low_s16(b.back), a.bytes, K),
          vmlal_high_lane_s16(acc.d, b.back, a.bytes, K)};
}
ASTROM3_INLINE IntVec dot(IntVec acc, Quad a, Quads b) {
  acc = add_products<0>(acc, a, b.k0);
  acc = add_products<1>(acc, a, b.k1);
  acc = add_products<2>(acc, a, b.k2);
  return add_products<3>(acc, a, b.k3);
}

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
