// SPDX-License-Identifier: MIT
//
// Vec on AVX2 is two registers. See vec.h.
#pragma once

#include <immintrin.h>

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {

// 6 x 1 Vec take 12 of 16 registers.
inline constexpr std::size_t kTileRows = 6;
inline constexpr std::size_t kTileVectors = 1;
inline constexpr std::size_t kVectorBytes = 32;

struct Vec {
  __m256 lo, hi;
};

ASTROM3_INLINE Vec broadcast(float x) {
  return {_mm256_set1_ps(x), _mm256_set1_ps(x)};
}
ASTROM3_INLINE Vec load(const float* p) {
  return {_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)};
}
ASTROM3_INLINE void store(float* p, Vec a) {
  _mm256_storeu_ps(p, a.lo);
  _mm256_storeu_ps(p + 8, a.hi);
}
ASTROM3_INLINE Vec operator+(Vec a, Vec b) {
  return {_mm256_add_ps(a.lo, b.lo), _mm256_add_ps(a.hi, b.hi)};
}
ASTROM3_INLINE Vec operator-(Vec a, Vec b) {
  return {_mm256_sub_ps(a.lo, b.lo), _mm256_sub_ps(a.hi, b.hi)};
}
ASTROM3_INLINE Vec operator*(Vec a, Vec b) {
  return {_mm256_mul_ps(a.lo, b.lo), _mm256_mul_ps(a.hi, b.hi)};
}
ASTROM3_INLINE Vec operator/(Vec a, Vec b) {
  return {_mm256_div_ps(a.lo, b.lo), _mm256_div_ps(a.hi, b.hi)};
}
/// a * b + c, rounded once.
ASTROM3_INLINE Vec fma(Vec a, Vec b, Vec c) {
  return {_mm256_fmadd_ps(a.lo, b.lo, c.lo), _mm256_fmadd_ps(a.hi, b.hi, c.hi)};
}
/// c - a * b, rounded once.
ASTROM3_INLINE Vec fnma(Vec a, Vec b, Vec c) {
  return {_mm256_fnmadd_ps(a.lo, b.lo, c.lo), _mm256_fnmadd_ps(a.hi, b.hi, c.hi)};
}
ASTROM3_INLINE Vec max(Vec a, Vec b) {
  return {_mm256_max_ps(a.lo, b.lo), _mm256_max_ps(a.hi, b.hi)};
}
ASTROM3_INLINE Vec min(Vec a, Vec b) {
  return {_mm256_min_ps(a.lo, b.lo), _mm256_min_ps(a.hi, b.hi)};
}
ASTROM3_INLINE Vec abs(Vec a) {
  const __m256 sign = _mm256_set1_ps(-0.0f);
  return {_mm256_andnot_ps(sign, a.lo), _mm256_andnot_ps(sign, a.hi)};
}

/// Lanes 2 i and 2 i + 1 exchanged.
ASTROM3_INLINE Vec swap_neighbours(Vec a) {
  return {_mm256_permute_ps(a.lo, 0xb1), _mm256_permute_ps(a.hi, 0xb1)};
}

/// All bits set in lanes first + i < n, of the eight lanes that begin at `first`.
ASTROM3_INLINE __m256i lanes_below(std::size_t n, int first) {
  const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(n) - first), lane);
}
/// The first n <= 16 lanes from memory, the others 0; nothing else is read.
ASTROM3_INLINE Vec load_first(const float* p, std::size_t n) {
  return {_mm256_maskload_ps(p, lanes_below(n, 0)), _mm256_maskload_ps(p + 8, lanes_below(n, 8))};
}
/// The first n <= 16 lanes to memory; nothing else is written.
ASTROM3_INLINE void store_first(float* p, Vec a, std::size_t n) {
  _mm256_maskstore_ps(p, lanes_below(n, 0), a.lo);
  _mm256_maskstore_ps(p + 8, lanes_below(n, 8), a.hi);
}
/// Lanes from n on become x.
ASTROM3_INLINE Vec fill_from(Vec a, std::size_t n, float x) {
  const __m256 fill = _mm256_set1_ps(x);
  return {_mm256_blendv_ps(fill, a.lo, _mm256_castsi256_ps(lanes_below(n, 0))),
          _mm256_blendv_ps(fill, a.hi, _mm256_castsi256_ps(lanes_below(n, 8)))};
}

/// True when some lane of a is >= b.
ASTROM3_INLINE bool any_at_least(Vec a, Vec b) {
  return _mm256_movemask_ps(
             _mm256_or_ps(_mm256_cmp_ps(a.lo, b.lo, _CMP_GE_OQ), _mm256_cmp_ps(a.hi, b.hi, _CMP_GE_OQ))) != 0;
}
/// a >= b ? x : y, lane by lane.
ASTROM3_INLINE Vec where_at_least(Vec a, Vec b, Vec x, Vec y) {
  return {_mm256_blendv_ps(y.lo, x.lo, _mm256_cmp_ps(a.lo, b.lo, _CMP_GE_OQ)),
          _mm256_blendv_ps(y.hi, x.hi, _mm256_cmp_ps(a.hi, b.hi, _CMP_GE_OQ))};
}

/// The bits of each lane shifted left by 23: the low bits become the exponent.
ASTROM3_INLINE Vec shift_into_exponent(Vec a) {
  return {_mm256_castsi256_ps(_mm256_slli_epi32(_mm256_castps_si256(a.lo), 23)),
          _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_castps_si256(a.hi), 23))};
}

/// Sixteen unsigned integers of 32 bits, modulo 2^32.
struct Bits {
  __m256i lo, hi;
};
ASTROM3_INLINE Bits broadcast_bits(std::uint32_t x) {
  return {_mm256_set1_epi32(static_cast<int>(x)), _mm256_set1_epi32(static_cast<int>(x))};
}
ASTROM3_INLINE Bits operator+(Bits a, Bits b) {
  return {_mm256_add_epi32(a.lo, b.lo), _mm256_add_epi32(a.hi, b.hi)};
}
/// first, first + 1, ...
ASTROM3_INLINE Bits count_from(std::uint32_t first) {
  const Bits lane = {_mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7),
                     _mm256_setr_epi32(8, 9, 10, 11, 12, 13, 14, 15)};
  return lane + broadcast_bits(first);
}
ASTROM3_INLINE Bits operator*(Bits a, Bits b) {
  return {_mm256_mullo_epi32(a.lo, b.lo), _mm256_mullo_epi32(a.hi, b.hi)};
}
/// x ^ x >> Shift.
template <int Shift>
ASTROM3_INLINE Bits fold(Bits a) {
  return {_mm256_xor_si256(a.lo, _mm256_srli_epi32(a.lo, Shift)),
          _mm256_xor_si256(a.hi, _mm256_srli_epi32(a.hi, Shift))};
}
/// a >= b ? x : 0, lane by lane.
ASTROM3_INLINE Vec keep_at_least(Bits a, Bits b, Vec x) {
  const __m256i lo = _mm256_cmpeq_epi32(_mm256_max_epu32(a.lo, b.lo), a.lo);
  const __m256i hi = _mm256_cmpeq_epi32(_mm256_max_epu32(a.hi, b.hi), a.hi);
  return {_mm256_and_ps(_mm256_castsi256_ps(lo), x.lo), _mm256_and_ps(_mm256_castsi256_ps(hi), x.hi)};
}

/// A table of sixteen constants, from which the low four bits of each lane of `index` select one. The upper
/// eight constants are stored as their xor with the lower eight: a selection by "and" and "xor" takes fewer
/// instructions than a blend, which is three on recent CPUs of Intel.
struct Table16 {
  __m256 lo, difference;
};
ASTROM3_INLINE Table16 load_table(const float* p) {
  const __m256 lo = _mm256_loadu_ps(p);
  return {lo, _mm256_xor_ps(lo, _mm256_loadu_ps(p + 8))};
}
ASTROM3_INLINE __m256 look_up8(const Table16& table, __m256 index) {
  const __m256i low3 = _mm256_castps_si256(index);  // permutevar8x32 reads three bits
  const __m256i upper = _mm256_srai_epi32(_mm256_slli_epi32(low3, 28), 31);
  return _mm256_xor_ps(
      _mm256_permutevar8x32_ps(table.lo, low3),
      _mm256_and_ps(_mm256_permutevar8x32_ps(table.difference, low3), _mm256_castsi256_ps(upper)));
}
ASTROM3_INLINE Vec look_up(const Table16& table, Vec index) {
  return {look_up8(table, index.lo), look_up8(table, index.hi)};
}

/// The sum of all lanes, in the order vec.h states.
ASTROM3_INLINE float sum(Vec a) {
  const __m256 b = _mm256_add_ps(a.lo, a.hi);
  const __m128 c = _mm_add_ps(_mm256_castps256_ps128(b), _mm256_extractf128_ps(b, 1));
  const __m128 d = _mm_add_ps(c, _mm_movehl_ps(c, c));
  return _mm_cvtss_f32(_mm_add_ss(d, _mm_movehdup_ps(d)));
}
/// The largest lane.
ASTROM3_INLINE float largest(Vec a) {
  const __m256 b = _mm256_max_ps(a.lo, a.hi);
  const __m128 c = _mm_max_ps(_mm256_castps256_ps128(b), _mm256_extractf128_ps(b, 1));
  const __m128 d = _mm_max_ps(c, _mm_movehl_ps(c, c));
  return _mm_cvtss_f32(_mm_max_ss(d, _mm_movehdup_ps(d)));
}

/// dst[j][i] = src[i][j] for a block of 8 x 8.
ASTROM3_INLINE void transpose8(const float* src, std::size_t src_stride, float* dst, std::size_t dst_stride) {
  __m256 r[8], s[8];
#pragma GCC unroll 8
  for (std::size_t i = 0; i < 8; ++i) r[i] = _mm256_loadu_ps(src + i * src_stride);
#pragma GCC unroll 4
  for (std::size_t i = 0; i < 8; i += 2) {
    s[i] = _mm256_unpacklo_ps(r[i], r[i + 1]);
    s[i + 1] = _mm256_unpackhi_ps(r[i], r[i + 1]);
  }
#pragma GCC unroll 2
  for (std::size_t i = 0; i < 8; i += 4) {
    r[i] = _mm256_shuffle_ps(s[i], s[i + 2], 0x44);
    r[i + 1] = _mm256_shuffle_ps(s[i], s[i + 2], 0xee);
    r[i + 2] = _mm256_shuffle_ps(s[i + 1], s[i + 3], 0x44);
    r[i + 3] = _mm256_shuffle_ps(s[i + 1], s[i + 3], 0xee);
  }
#pragma GCC unroll 4
  for (std::size_t c = 0; c < 4; ++c) {
    _mm256_storeu_ps(dst + c * dst_stride, _mm256_permute2f128_ps(r[c], r[4 + c], 0x20));
    _mm256_storeu_ps(dst + (4 + c) * dst_stride, _mm256_permute2f128_ps(r[c], r[4 + c], 0x31));
  }
}

/// dst[j][i] = src[i][j] for a block of 16 x 16.
ASTROM3_INLINE void transpose16(const float* src, std::size_t src_stride, float* dst,
                                std::size_t dst_stride) {
  transpose8(src, src_stride, dst, dst_stride);
  transpose8(src + 8, src_stride, dst + 8 * dst_stride, dst_stride);
  transpose8(src + 8 * src_stride, src_stride, dst + 8, dst_stride);
  transpose8(src + 8 * src_stride + 8, src_stride, dst + 8 * dst_stride + 8, dst_stride);
}

/// The largest whole numbers not above x, 0 <= x < 2^51.
ASTROM3_INLINE __m256d floor_doubles(__m256d x) {
  return _mm256_floor_pd(x);
}

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
