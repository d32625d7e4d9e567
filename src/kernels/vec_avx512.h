// SPDX-License-Identifier: MIT
//
// Vec on AVX-512 is one register. See vec.h.
#pragma once

#include <immintrin.h>

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {

// 12 x 2 Vec take 24 of 32 registers.
inline constexpr std::size_t kTileRows = 12;
inline constexpr std::size_t kTileVectors = 2;
inline constexpr std::size_t kVectorBytes = 64;

struct Vec {
  __m512 v;
};

ASTROM3_INLINE Vec broadcast(float x) {
  return {_mm512_set1_ps(x)};
}
ASTROM3_INLINE Vec load(const float* p) {
  return {_mm512_loadu_ps(p)};
}
ASTROM3_INLINE void store(float* p, Vec a) {
  _mm512_storeu_ps(p, a.v);
}
ASTROM3_INLINE Vec operator+(Vec a, Vec b) {
  return {_mm512_add_ps(a.v, b.v)};
}
ASTROM3_INLINE Vec operator-(Vec a, Vec b) {
  return {_mm512_sub_ps(a.v, b.v)};
}
ASTROM3_INLINE Vec operator*(Vec a, Vec b) {
  return {_mm512_mul_ps(a.v, b.v)};
}
ASTROM3_INLINE Vec operator/(Vec a, Vec b) {
  return {_mm512_div_ps(a.v, b.v)};
}
/// a * b + c, rounded once.
ASTROM3_INLINE Vec fma(Vec a, Vec b, Vec c) {
  return {_mm512_fmadd_ps(a.v, b.v, c.v)};
}
/// c - a * b, rounded once.
ASTROM3_INLINE Vec fnma(Vec a, Vec b, Vec c) {
  return {_mm512_fnmadd_ps(a.v, b.v, c.v)};
}
ASTROM3_INLINE Vec max(Vec a, Vec b) {
  return {_mm512_max_ps(a.v, b.v)};
}
ASTROM3_INLINE Vec min(Vec a, Vec b) {
  return {_mm512_min_ps(a.v, b.v)};
}
ASTROM3_INLINE Vec abs(Vec a) {
  return {_mm512_abs_ps(a.v)};
}

/// Lanes 2 i and 2 i + 1 exchanged.
ASTROM3_INLINE Vec swap_neighbours(Vec a) {
  return {_mm512_permute_ps(a.v, 0xb1)};
}

ASTROM3_INLINE __mmask16 first_lanes(std::size_t n) {
  return static_cast<__mmask16>((1u << n) - 1u);
}
/// The first n <= 16 lanes from memory, the others 0; nothing else is read.
ASTROM3_INLINE Vec load_first(const float* p, std::size_t n) {
  return {_mm512_maskz_loadu_ps(first_lanes(n), p)};
}
/// The first n <= 16 lanes to memory; nothing else is written.
ASTROM3_INLINE void store_first(float* p, Vec a, std::size_t n) {
  _mm512_mask_storeu_ps(p, first_lanes(n), a.v);
}
/// Lanes from n on become x.
ASTROM3_INLINE Vec fill_from(Vec a, std::size_t n, float x) {
  return {_mm512_mask_mov_ps(_mm512_set1_ps(x), first_lanes(n), a.v)};
}

/// True when some lane of a is >= b.
ASTROM3_INLINE bool any_at_least(Vec a, Vec b) {
  return _mm512_cmp_ps_mask(a.v, b.v, _CMP_GE_OQ) != 0;
}
/// a >= b ? x : y, lane by lane.
ASTROM3_INLINE Vec where_at_least(Vec a, Vec b, Vec x, Vec y) {
  return {_mm512_mask_mov_ps(y.v, _mm512_cmp_ps_mask(a.v, b.v, _CMP_GE_OQ), x.v)};
}

/// The bits of each lane shifted left by 23: the low bits become the exponent.
ASTROM3_INLINE Vec shift_into_exponent(Vec a) {
  return {_mm512_castsi512_ps(_mm512_slli_epi32(_mm512_castps_si512(a.v), 23))};
}

/// Sixteen unsigned integers of 32 bits, modulo 2^32.
struct Bits {
  __m512i v;
};
ASTROM3_INLINE Bits broadcast_bits(std::uint32_t x) {
  return {_mm512_set1_epi32(static_cast<int>(x))};
}
/// first, first + 1, ...
ASTROM3_INLINE Bits count_from(std::uint32_t first) {
  const __m512i lane = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  return {_mm512_add_epi32(lane, _mm512_set1_epi32(static_cast<int>(first)))};
}
ASTROM3_INLINE Bits operator+(Bits a, Bits b) {
  return {_mm512_add_epi32(a.v, b.v)};
}
ASTROM3_INLINE Bits operator*(Bits a, Bits b) {
  return {_mm512_mullo_epi32(a.v, b.v)};
}
/// x ^ x >> Shift.
template <int Shift>
ASTROM3_INLINE Bits fold(Bits a) {
  return {_mm512_xor_si512(a.v, _mm512_srli_epi32(a.v, Shift))};
}
/// a >= b ? x : 0, lane by lane.
ASTROM3_INLINE Vec keep_at_least(Bits a, Bits b, Vec x) {
  return {_mm512_maskz_mov_ps(_mm512_cmpge_epu32_mask(a.v, b.v), x.v)};
}

/// A table of sixteen constants, from which the low four bits of each lane of `index` select one.
struct Table16 {
  __m512 v;
};
ASTROM3_INLINE Table16 load_table(const float* p) {
  return {_mm512_loadu_ps(p)};
}
ASTROM3_INLINE Vec look_up(const Table16& table, Vec index) {
  return {_mm512_permutexvar_ps(_mm512_castps_si512(index.v), table.v)};
}

ASTROM3_INLINE __m256 upper_half(__m512 a) {
  return _mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(a), 1));
}
/// The sum of all lanes, in the order vec.h states.
ASTROM3_INLINE float sum(Vec a) {
  const __m256 b = _mm256_add_ps(_mm512_castps512_ps256(a.v), upper_half(a.v));
  const __m128 c = _mm_add_ps(_mm256_castps256_ps128(b), _mm256_extractf128_ps(b, 1));
  const __m128 d = _mm_add_ps(c, _mm_movehl_ps(c, c));
  return _mm_cvtss_f32(_mm_add_ss(d, _mm_movehdup_ps(d)));
}
/// The largest lane.
ASTROM3_INLINE float largest(Vec a) {
  const __m256 b = _mm256_max_ps(_mm512_castps512_ps256(a.v), upper_half(a.v));
  const __m128 c = _mm_max_ps(_mm256_castps256_ps128(b), _mm256_extractf128_ps(b, 1));
  const __m128 d = _mm_max_ps(c, _mm_movehl_ps(c, c));
  return _mm_cvtss_f32(_mm_max_ss(d, _mm_movehdup_ps(d)));
}

/// dst[j][i] = src[i][j] for a block of 16 x 16.
ASTROM3_INLINE void transpose16(const float* src, std::size_t src_stride, float* dst,
                                std::size_t dst_stride) {
  __m512 r[16];
#pragma GCC unroll 16
  for (std::size_t i = 0; i < 16; ++i) r[i] = _mm512_loadu_ps(src + i * src_stride);
  __m512 s[16];
#pragma GCC unroll 8
  for (std::size_t i = 0; i < 16; i += 2) {  // pairs of rows, interleaved
    s[i] = _mm512_unpacklo_ps(r[i], r[i + 1]);
    s[i + 1] = _mm512_unpackhi_ps(r[i], r[i + 1]);
  }
#pragma GCC unroll 4
  for (std::size_t i = 0; i < 16; i += 4) {  // fours of rows: column c of each 128-bit part
    r[i] = _mm512_shuffle_ps(s[i], s[i + 2], 0x44);
    r[i + 1] = _mm512_shuffle_ps(s[i], s[i + 2], 0xee);
    r[i + 2] = _mm512_shuffle_ps(s[i + 1], s[i + 3], 0x44);
    r[i + 3] = _mm512_shuffle_ps(s[i + 1], s[i + 3], 0xee);
  }
#pragma GCC unroll 4
  for (std::size_t c = 0; c < 4; ++c) {  // gather the 128-bit parts
    const __m512 a = _mm512_shuffle_f32x4(r[c], r[4 + c], 0x88);
    const __m512 b = _mm512_shuffle_f32x4(r[8 + c], r[12 + c], 0x88);
    const __m512 d = _mm512_shuffle_f32x4(r[c], r[4 + c], 0xdd);
    const __m512 e = _mm512_shuffle_f32x4(r[8 + c], r[12 + c], 0xdd);
    _mm512_storeu_ps(dst + c * dst_stride, _mm512_shuffle_f32x4(a, b, 0x88));
    _mm512_storeu_ps(dst + (8 + c) * dst_stride, _mm512_shuffle_f32x4(a, b, 0xdd));
    _mm512_storeu_ps(dst + (4 + c) * dst_stride, _mm512_shuffle_f32x4(d, e, 0x88));
    _mm512_storeu_ps(dst + (12 + c) * dst_stride, _mm512_shuffle_f32x4(d, e, 0xdd));
  }
}

/// The largest whole numbers not above x, 0 <= x < 2^51.
ASTROM3_INLINE __m512d floor_doubles(__m512d x) {
  return _mm512_floor_pd(x);
}

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
