// SPDX-License-Identifier: MIT
//
// IntVec on AVX2: products of 16 bits, two by two, which cannot overflow as vpmaddubsw can. See int_vec.h.
#pragma once

#include <immintrin.h>

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {

// A product of bytes is made of two of 16 bits, which takes registers.
inline constexpr std::size_t kInt8TileRows = 4;
inline constexpr std::size_t kInt8TileVectors = 1;

inline constexpr const char* kInt8Needs = nullptr;
ASTROM3_INLINE bool int8_available() {
  return true;
}

struct IntVec {
  __m256i lo, hi;
};
struct Quads {
  IntVec even, odd;  ///< bytes 0 and 2, bytes 1 and 3 of each lane, widened to 16 bits
};
struct Quad {
  __m256i even, odd;
};

ASTROM3_INLINE __m256i load256(const void* p) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(p));
}
ASTROM3_INLINE IntVec load_integers(const std::int32_t* p) {
  return {load256(p), load256(p + 8)};
}
ASTROM3_INLINE IntVec zero_integers() {
  return {_mm256_setzero_si256(), _mm256_setzero_si256()};
}
ASTROM3_INLINE Quads load_quads(const std::int8_t* p) {
  const __m256i lo = load256(p), hi = load256(p + 32);
  return {{_mm256_srai_epi16(_mm256_slli_epi16(lo, 8), 8), _mm256_srai_epi16(_mm256_slli_epi16(hi, 8), 8)},
          {_mm256_srai_epi16(lo, 8), _mm256_srai_epi16(hi, 8)}};
}
ASTROM3_INLINE Quad broadcast_quad(const std::uint8_t* p) {
  std::int32_t four;
  __builtin_memcpy(&four, p, sizeof four);
  const __m256i all = _mm256_set1_epi32(four);
  return {_mm256_and_si256(all, _mm256_set1_epi16(0xff)), _mm256_srli_epi16(all, 8)};
}
ASTROM3_INLINE IntVec dot(IntVec acc, Quad a, Quads b) {
  const __m256i lo =
      _mm256_add_epi32(_mm256_madd_epi16(a.even, b.even.lo), _mm256_madd_epi16(a.odd, b.odd.lo));
  const __m256i hi =
      _mm256_add_epi32(_mm256_madd_epi16(a.even, b.even.hi), _mm256_madd_epi16(a.odd, b.odd.hi));
  return {_mm256_add_epi32(acc.lo, lo), _mm256_add_epi32(acc.hi, hi)};
}
ASTROM3_INLINE Vec to_float(IntVec a) {
  return {_mm256_cvtepi32_ps(a.lo), _mm256_cvtepi32_ps(a.hi)};
}

/// The low bytes of eight lanes, once in the lower four and once in the upper four bytes of 8.
ASTROM3_INLINE __m128i low_bytes8(__m256 a) {
  const __m256i pick = _mm256_setr_epi8(0, 4, 8, 12, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,  //
                                        0, 4, 8, 12, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1);
  const __m256i bytes = _mm256_shuffle_epi8(_mm256_castps_si256(a), pick);
  return _mm_unpacklo_epi32(_mm256_castsi256_si128(bytes), _mm256_extracti128_si256(bytes, 1));
}
ASTROM3_INLINE void store_low_bytes(std::uint8_t* p, Vec a) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm_unpacklo_epi64(low_bytes8(a.lo), low_bytes8(a.hi)));
}
ASTROM3_INLINE __m256i interleave_low_bytes(__m256 a, __m256 b, __m256 c, __m256 d) {
  const __m256i byte = _mm256_set1_epi32(0xff);
  const __m256i low = _mm256_or_si256(_mm256_and_si256(_mm256_castps_si256(a), byte),
                                      _mm256_slli_epi32(_mm256_and_si256(_mm256_castps_si256(b), byte), 8));
  const __m256i high = _mm256_or_si256(_mm256_slli_epi32(_mm256_and_si256(_mm256_castps_si256(c), byte), 16),
                                       _mm256_slli_epi32(_mm256_castps_si256(d), 24));
  return _mm256_or_si256(low, high);
}
/// Lane i becomes the low bytes of a[i], b[i], c[i], d[i], in this order in memory.
ASTROM3_INLINE void store_low_bytes(std::int8_t* p, Vec a, Vec b, Vec c, Vec d) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), interleave_low_bytes(a.lo, b.lo, c.lo, d.lo));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p + 32), interleave_low_bytes(a.hi, b.hi, c.hi, d.hi));
}

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
