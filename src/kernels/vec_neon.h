// SPDX-License-Identifier: MIT
//
// Vec on NEON, which every aarch64 has, is four registers. See vec.h.
#pragma once

#include <arm_neon.h>

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {

// 6 x 1 Vec take 24 of 32 registers; a row of B takes four, elements of A take some of the others.
inline constexpr std::size_t kTileRows = 6;
inline constexpr std::size_t kTileVectors = 1;
inline constexpr std::size_t kVectorBytes = 16;

struct Vec {
  float32x4_t a, b, c, d;  ///< lanes 0-3, 4-7, 8-11, 12-15
};

ASTROM3_INLINE Vec broadcast(float x) {
  const float32x4_t all = vdupq_n_f32(x);
  return {all, all, all, all};
}
ASTROM3_INLINE Vec load(const float* p) {
  return {vld1q_f32(p), vld1q_f32(p + 4), vld1q_f32(p + 8), vld1q_f32(p + 12)};
}
ASTROM3_INLINE void store(float* p, Vec x) {
  vst1q_f32(p, x.a);
  vst1q_f32(p + 4, x.b);
  vst1q_f32(p + 8, x.c);
  vst1q_f32(p + 12, x.d);
}
ASTROM3_INLINE Vec operator+(Vec x, Vec y) {
  return {vaddq_f32(x.a, y.a), vaddq_f32(x.b, y.b), vaddq_f32(x.c, y.c), vaddq_f32(x.d, y.d)};
}
ASTROM3_INLINE Vec operator-(Vec x, Vec y) {
  return {vsubq_f32(x.a, y.a), vsubq_f32(x.b, y.b), vsubq_f32(x.c, y.c), vsubq_f32(x.d, y.d)};
}
ASTROM3_INLINE Vec operator*(Vec x, Vec y) {
  return {vmulq_f32(x.a, y.a), vmulq_f32(x.b, y.b), vmulq_f32(x.c, y.c), vmulq_f32(x.d, y.d)};
}
ASTROM3_INLINE Vec operator/(Vec x, Vec y) {
  return {vdivq_f32(x.a, y.a), vdivq_f32(x.b, y.b), vdivq_f32(x.c, y.c), vdivq_f32(x.d, y.d)};
}
/// x * y + z, rounded once.
ASTROM3_INLINE Vec fma(Vec x, Vec y, Vec z) {
  return {vfmaq_f32(z.a, x.a, y.a), vfmaq_f32(z.b, x.b, y.b), vfmaq_f32(z.c, x.c, y.c),
          vfmaq_f32(z.d, x.d, y.d)};
}
/// z - x * y, rounded once.
ASTROM3_INLINE Vec fnma(Vec x, Vec y, Vec z) {
  return {vfmsq_f32(z.a, x.a, y.a), vfmsq_f32(z.b, x.b, y.b), vfmsq_f32(z.c, x.c, y.c),
          vfmsq_f32(z.d, x.d, y.d)};
}
ASTROM3_INLINE Vec abs(Vec x) {
  return {vabsq_f32(x.a), vabsq_f32(x.b), vabsq_f32(x.c), vabsq_f32(x.d)};
}
/// Lanes 2 i and 2 i + 1 exchanged.
ASTROM3_INLINE Vec swap_neighbours(Vec x) {
  return {vrev64q_f32(x.a), vrev64q_f32(x.b), vrev64q_f32(x.c), vrev64q_f32(x.d)};
}

// NEON's instructions for maximum and minimum give NaN where either operand is NaN, and order the two zeros.
// A comparison and a selection keep the second operand in these cases, as x86 does.
ASTROM3_INLINE float32x4_t max4(float32x4_t x, float32x4_t y) {
  return vbslq_f32(vcgtq_f32(x, y), x, y);
}
ASTROM3_INLINE float32x4_t min4(float32x4_t x, float32x4_t y) {
  return vbslq_f32(vcltq_f32(x, y), x, y);
}
ASTROM3_INLINE Vec max(Vec x, Vec y) {
  return {max4(x.a, y.a), max4(x.b, y.b), max4(x.c, y.c), max4(x.d, y.d)};
}
ASTROM3_INLINE Vec min(Vec x, Vec y) {
  return {min4(x.a, y.a), min4(x.b, y.b), min4(x.c, y.c), min4(x.d, y.d)};
}

/// The first n <= 16 lanes from memory, the others 0; nothing else is read.
ASTROM3_INLINE Vec load_first(const float* p, std::size_t n) {
  alignas(16) float lanes[16] = {};
  for (std::size_t i = 0; i < n; ++i) lanes[i] = p[i];
  return load(lanes);
}
/// The first n <= 16 lanes to memory; nothing else is written.
ASTROM3_INLINE void store_first(float* p, Vec x, std::size_t n) {
  alignas(16) float lanes[16];
  store(lanes, x);
  for (std::size_t i = 0; i < n; ++i) p[i] = lanes[i];
}
/// All bits set in lanes first + i < n, of the four lanes that begin at `first`.
ASTROM3_INLINE uint32x4_t lanes_below(std::size_t n, std::uint32_t first) {
  const uint32x4_t lane = {first, first + 1, first + 2, first + 3};
  return vcltq_u32(lane, vdupq_n_u32(static_cast<std::uint32_t>(n)));
}
/// Lanes from n on become x.
ASTROM3_INLINE Vec fill_from(Vec v, std::size_t n, float x) {
  const float32x4_t fill = vdupq_n_f32(x);
  return {vbslq_f32(lanes_below(n, 0), v.a, fill), vbslq_f32(lanes_below(n, 4), v.b, fill),
          vbslq_f32(lanes_below(n, 8), v.c, fill), vbslq_f32(lanes_below(n, 12), v.d, fill)};
}

/// True when some lane of x is >= y.
ASTROM3_INLINE bool any_at_least(Vec x, Vec y) {
  const uint32x4_t front = vorrq_u32(vcgeq_f32(x.a, y.a), vcgeq_f32(x.b, y.b));
  const uint32x4_t back = vorrq_u32(vcgeq_f32(x.c, y.c), vcgeq_f32(x.d, y.d));
  return vmaxvq_u32(vorrq_u32(front, back)) != 0;
}
/// x >= y ? p : q, lane by lane.
ASTROM3_INLINE Vec where_at_least(Vec x, Vec y, Vec p, Vec q) {
  return {vbslq_f32(vcgeq_f32(x.a, y.a), p.a, q.a), vbslq_f32(vcgeq_f32(x.b, y.b), p.b, q.b),
          vbslq_f32(vcgeq_f32(x.c, y.c), p.c, q.c), vbslq_f32(vcgeq_f32(x.d, y.d), p.d, q.d)};
}

ASTROM3_INLINE uint32x4_t to_bits(float32x4_t x) {
  return vreinterpretq_u32_f32(x);
}
ASTROM3_INLINE float32x4_t from_bits(uint32x4_t x) {
  return vreinterpretq_f32_u32(x);
}
/// The bits of each lane shifted left by 23: the low bits become the exponent.
ASTROM3_INLINE Vec shift_into_exponent(Vec x) {
  return {from_bits(vshlq_n_u32(to_bits(x.a), 23)), from_bits(vshlq_n_u32(to_bits(x.b), 23)),
          from_bits(vshlq_n_u32(to_bits(x.c), 23)), from_bits(vshlq_n_u32(to_bits(x.d), 23))};
}

/// Sixteen unsigned integers of 32 bits, modulo 2^32.
struct Bits {
  uint32x4_t a, b, c, d;
};
ASTROM3_INLINE Bits broadcast_bits(std::uint32_t x) {
  const uint32x4_t all = vdupq_n_u32(x);
  return {all, all, all, all};
}
ASTROM3_INLINE Bits operator+(Bits x, Bits y) {
  return {vaddq_u32(x.a, y.a), vaddq_u32(x.b, y.b), vaddq_u32(x.c, y.c), vaddq_u32(x.d, y.d)};
}
ASTROM3_INLINE Bits operator*(Bits x, Bits y) {
  return {vmulq_u32(x.a, y.a), vmulq_u32(x.b, y.b), vmulq_u32(x.c, y.c), vmulq_u32(x.d, y.d)};
}
/// first, first + 1, ...
ASTROM3_INLINE Bits count_from(std::uint32_t first) {
  const Bits lane = {{0, 1, 2, 3}, {4, 5, 6, 7}, {8, 9, 10, 11}, {12, 13, 14, 15}};
  return lane + broadcast_bits(first);
}
/// x ^ x >> Shift.
template <int Shift>
ASTROM3_INLINE Bits fold(Bits x) {
  return {veorq_u32(x.a, vshrq_n_u32(x.a, Shift)), veorq_u32(x.b, vshrq_n_u32(x.b, Shift)),
          veorq_u32(x.c, vshrq_n_u32(x.c, Shift)), veorq_u32(x.d, vshrq_n_u32(x.d, Shift))};
}
ASTROM3_INLINE float32x4_t keep_at_least4(uint32x4_t x, uint32x4_t y, float32x4_t z) {
  return from_bits(vandq_u32(vcgeq_u32(x, y), to_bits(z)));
}
/// x >= y ? z : 0, lane by lane.
ASTROM3_INLINE Vec keep_at_least(Bits x, Bits y, Vec z) {
  return {keep_at_least4(x.a, y.a, z.a), keep_at_least4(x.b, y.b, z.b), keep_at_least4(x.c, y.c, z.c),
          keep_at_least4(x.d, y.d, z.d)};
}

/// A table of sixteen constants, from which the low four bits of each lane of `index` select one. The
/// constants stay in memory: the tables of a polynomial are more than the registers hold.
struct Table16 {
  const float* constants;
};
ASTROM3_INLINE Table16 load_table(const float* p) {
  return {p};
}
ASTROM3_INLINE float32x4_t look_up4(uint8x16x4_t table, float32x4_t index) {
  // The bytes of constant i are 4 i to 4 i + 3.
  const uint32x4_t i = vandq_u32(to_bits(index), vdupq_n_u32(15));
  const uint32x4_t bytes = vmlaq_u32(vdupq_n_u32(0x03020100u), i, vdupq_n_u32(0x04040404u));
  return vreinterpretq_f32_u8(vqtbl4q_u8(table, vreinterpretq_u8_u32(bytes)));
}
ASTROM3_INLINE Vec look_up(Table16 table, Vec index) {
  const uint8x16x4_t bytes = vld1q_u8_x4(reinterpret_cast<const std::uint8_t*>(table.constants));
  return {look_up4(bytes, index.a), look_up4(bytes, index.b), look_up4(bytes, index.c),
          look_up4(bytes, index.d)};
}

/// The sum of all lanes, in the order vec.h states.
ASTROM3_INLINE float sum(Vec x) {
  const float32x4_t four = vaddq_f32(vaddq_f32(x.a, x.c), vaddq_f32(x.b, x.d));
  const float32x2_t two = vadd_f32(vget_low_f32(four), vget_high_f32(four));
  return vget_lane_f32(two, 0) + vget_lane_f32(two, 1);
}
/// The largest lane.
ASTROM3_INLINE float largest(Vec x) {
  const float32x4_t four = max4(max4(x.a, x.c), max4(x.b, x.d));
  const float32x2_t low = vget_low_f32(four), high = vget_high_f32(four);
  const float32x2_t two = vbsl_f32(vcgt_f32(low, high), low, high);
  const float first = vget_lane_f32(two, 0), second = vget_lane_f32(two, 1);
  return first > second ? first : second;
}

/// dst[j][i] = src[i][j] for a block of 4 x 4.
ASTROM3_INLINE void transpose4(const float* src, std::size_t src_stride, float* dst, std::size_t dst_stride) {
  const float32x4_t r0 = vld1q_f32(src), r1 = vld1q_f32(src + src_stride);
  const float32x4_t r2 = vld1q_f32(src + 2 * src_stride), r3 = vld1q_f32(src + 3 * src_stride);
  const float32x4_t even01 = vtrn1q_f32(r0, r1), odd01 = vtrn2q_f32(r0, r1);  // columns 0 and 2, 1 and 3
  const float32x4_t even23 = vtrn1q_f32(r2, r3), odd23 = vtrn2q_f32(r2, r3);
  vst1q_f32(dst, vcombine_f32(vget_low_f32(even01), vget_low_f32(even23)));
  vst1q_f32(dst + dst_stride, vcombine_f32(vget_low_f32(odd01), vget_low_f32(odd23)));
  vst1q_f32(dst + 2 * dst_stride, vcombine_f32(vget_high_f32(even01), vget_high_f32(even23)));
  vst1q_f32(dst + 3 * dst_stride, vcombine_f32(vget_high_f32(odd01), vget_high_f32(odd23)));
}

/// dst[j][i] = src[i][j] for a block of 16 x 16.
ASTROM3_INLINE void transpose16(const float* src, std::size_t src_stride, float* dst,
                                std::size_t dst_stride) {
  for (std::size_t i = 0; i < 16; i += 4) {
    for (std::size_t j = 0; j < 16; j += 4)
      transpose4(src + i * src_stride + j, src_stride, dst + j * dst_stride + i, dst_stride);
  }
}

typedef double TwoDoubles __attribute__((vector_size(16), may_alias));
/// The largest whole numbers not above x.
ASTROM3_INLINE TwoDoubles floor_doubles(TwoDoubles x) {
  return reinterpret_cast<TwoDoubles>(vrndmq_f64(reinterpret_cast<float64x2_t>(x)));
}

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
