// SPDX-License-Identifier: MIT
//
// IntVec on aarch64 with dot products of bytes (Armv8.2). See int_vec.h.
//
// SDOT multiplies signed bytes. So a, which is unsigned, is multiplied as a - 128, and 128 times the sum of
// the bytes of b, which is the same for all rows of a tile, is added. USDOT would need neither, but fewer
// CPUs have it.
#pragma once

#include "kernels/int_registers_neon.h"

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {

// 5 x 1 IntVec take 20 of 32 registers; a row of B with its sums takes eight, quads of A take some of the
// others.
inline constexpr std::size_t kInt8TileRows = 5;
inline constexpr std::size_t kInt8TileVectors = 1;

inline constexpr const char* kInt8Needs = nullptr;
ASTROM3_INLINE bool int8_available() {
  return true;
}

/// The quads of four lanes, and 128 times the sum of each.
struct FourQuads {
  int8x16_t bytes;
  int32x4_t centre;
};
struct Quads {
  FourQuads a, b, c, d;
};
struct Quad {
  int8x16_t bytes;  ///< less 128
};

ASTROM3_INLINE FourQuads load_four_quads(const std::int8_t* p) {
  const int8x16_t bytes = vld1q_s8(p), half = vdupq_n_s8(64);
  return {bytes, vdotq_s32(vdotq_s32(vdupq_n_s32(0), bytes, half), bytes, half)};
}
ASTROM3_INLINE Quads load_quads(const std::int8_t* p) {
  return {load_four_quads(p), load_four_quads(p + 16), load_four_quads(p + 32), load_four_quads(p + 48)};
}
ASTROM3_INLINE Quad broadcast_quad(const std::uint8_t* p) {
  std::uint32_t four;
  __builtin_memcpy(&four, p, sizeof four);
  return {vreinterpretq_s8_u32(vdupq_n_u32(four ^ 0x80808080u))};
}
ASTROM3_INLINE int32x4_t dot4(int32x4_t acc, Quad a, FourQuads b) {
  return vdotq_s32(vaddq_s32(acc, b.centre), a.bytes, b.bytes);
}
ASTROM3_INLINE IntVec dot(IntVec acc, Quad a, Quads b) {
  return {dot4(acc.a, a, b.a), dot4(acc.b, a, b.b), dot4(acc.c, a, b.c), dot4(acc.d, a, b.d)};
}

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
