// SPDX-License-Identifier: MIT
//
// The parts of IntVec that are the same on every aarch64, with and without dot products of bytes. See
// int_vec.h.
#pragma once

#include <arm_neon.h>

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {

struct IntVec {
  int32x4_t a, b, c, d;  ///< lanes 0-3, 4-7, 8-11, 12-15
};

ASTROM3_INLINE IntVec load_integers(const std::int32_t* p) {
  return {vld1q_s32(p), vld1q_s32(p + 4), vld1q_s32(p + 8), vld1q_s32(p + 12)};
}
ASTROM3_INLINE IntVec zero_integers() {
  const int32x4_t zero = vdupq_n_s32(0);
  return {zero, zero, zero, zero};
}
ASTROM3_INLINE Vec to_float(IntVec x) {
  return {vcvtq_f32_s32(x.a), vcvtq_f32_s32(x.b), vcvtq_f32_s32(x.c), vcvtq_f32_s32(x.d)};
}

/// The low bytes of sixteen lanes.
ASTROM3_INLINE uint8x16_t low_bytes(Vec x) {
  const uint16x8_t front = vcombine_u16(vmovn_u32(to_bits(x.a)), vmovn_u32(to_bits(x.b)));
  const uint16x8_t back = vcombine_u16(vmovn_u32(to_bits(x.c)), vmovn_u32(to_bits(x.d)));
  return vcombine_u8(vmovn_u16(front), vmovn_u16(back));
}
ASTROM3_INLINE void store_low_bytes(std::uint8_t* p, Vec x) {
  vst1q_u8(p, low_bytes(x));
}
/// Stores, for each lane i, the low bytes of a[i], b[i], c[i] and d[i], in this order.
ASTROM3_INLINE void store_low_bytes(std::int8_t* p, Vec a, Vec b, Vec c, Vec d) {
  const int8x16x4_t bytes = {{vreinterpretq_s8_u8(low_bytes(a)), vreinterpretq_s8_u8(low_bytes(b)),
                              vreinterpretq_s8_u8(low_bytes(c)), vreinterpretq_s8_u8(low_bytes(d))}};
  vst4q_s8(p, bytes);
}

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
