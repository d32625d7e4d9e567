// SPDX-License-Identifier: MIT
//
// IntVec on AVX2: products of bytes are summed two by two in 16 bits, where the limits on the operands
// (int8.h) prevent an overflow, and these sums two by two in 32 bits. See int_vec.h.
#pragma once

#include <immintrin.h>

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {

// 5 x 1 IntVec take 10 of 16 registers; a row of B, a quad of A and their product take the others.
inline constexpr std::size_t kInt8TileRows = 5;
inline constexpr std::size_t kInt8TileVectors = 1;

inline constexpr const char* kInt8Needs = nullptr;
ASTROM3_INLINE bool int8_available() {
  return true;
}

struct IntVec {
  __m256i lo, hi;
};
using Quads = IntVec;
struct Quad {
  __m256i bytes;
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
  return {load256(p), load256(p + 32)};
}
ASTROM3_INLINE Quad broadcast_quad(const std::uint8_t* p) {
  std::int32_t four;
  __builtin_memcpy(&four, p, sizeof four);
  return {_mm256_set1_epi32(four)};
}
ASTROM3_INLINE __m256i dot8(__m256i acc, Quad a, __m256i b) {
  return _mm256_add_epi32(acc, _mm256_madd_epi16(_mm256_maddubs_epi16(a.bytes, b), _mm256_set1_epi16(1)));
}
ASTROM3_INLINE IntVec dot(IntVec acc, Quad a, Quads b) {
  return {dot8(acc.lo, a, b.lo), dot8(acc.hi, a, b.hi)};
}
ASTROM3_INLINE Vec to_float(IntVec a) {
  return {_mm256_cvtepi32_ps(a.lo), _mm256_cvtepi32_ps(a.hi)};
}

/// The low bytes of the eight lanes of a: those of lanes 0 to 3, then those of lanes 4 to 7.
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
/// Stores, for each lane i, the low bytes of a[i], b[i], c[i] and d[i], in this order.
ASTROM3_INLINE void store_low_bytes(std::int8_t* p, Vec a, Vec b, Vec c, Vec d) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), interleave_low_bytes(a.lo, b.lo, c.lo, d.lo));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p + 32), interleave_low_bytes(a.hi, b.hi, c.hi, d.hi));
}

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
