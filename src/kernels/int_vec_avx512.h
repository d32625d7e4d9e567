// SPDX-License-Identifier: MIT
//
// IntVec on AVX-512 with VNNI, which has an instruction for dot(). See int_vec.h.
#pragma once

#include <immintrin.h>

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {

inline constexpr std::size_t kInt8TileRows = 12;
inline constexpr std::size_t kInt8TileVectors = 2;

inline constexpr const char* kInt8Needs = "AVX512-VNNI";
ASTROM3_INLINE bool int8_available() {
  return __builtin_cpu_supports("avx512vnni") != 0;
}

struct IntVec {
  __m512i v;
};
using Quads = IntVec;
using Quad = IntVec;

ASTROM3_INLINE IntVec load_integers(const std::int32_t* p) {
  return {_mm512_loadu_si512(p)};
}
ASTROM3_INLINE IntVec zero_integers() {
  return {_mm512_setzero_si512()};
}
ASTROM3_INLINE Quads load_quads(const std::int8_t* p) {
  return {_mm512_loadu_si512(p)};
}
ASTROM3_INLINE Quad broadcast_quad(const std::uint8_t* p) {
  std::int32_t four;
  __builtin_memcpy(&four, p, sizeof four);
  return {_mm512_set1_epi32(four)};
}
ASTROM3_INLINE IntVec dot(IntVec acc, Quad a, Quads b) {
  // Assembly and not _mm512_dpbusd_epi32: with the intrinsic, GCC 12 moves the sums through memory, a third
  // of the speed. It also needs no compiler flag for VNNI, with which the compiler might use VNNI in
  // other functions of this table; those also run on CPUs without VNNI.
  asm("vpdpbusd %2, %1, %0" : "+v"(acc.v) : "v"(a.v), "v"(b.v));
  return acc;
}
ASTROM3_INLINE Vec to_float(IntVec a) {
  return {_mm512_cvtepi32_ps(a.v)};
}

ASTROM3_INLINE void store_low_bytes(std::uint8_t* p, Vec a) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm512_cvtepi32_epi8(_mm512_castps_si512(a.v)));
}
/// Stores, for each lane i, the low bytes of a[i], b[i], c[i] and d[i], in this order.
ASTROM3_INLINE void store_low_bytes(std::int8_t* p, Vec a, Vec b, Vec c, Vec d) {
  const __m512i byte = _mm512_set1_epi32(0xff);
  const __m512i low = _mm512_or_si512(_mm512_and_si512(_mm512_castps_si512(a.v), byte),
                                      _mm512_slli_epi32(_mm512_and_si512(_mm512_castps_si512(b.v), byte), 8));
  const __m512i high =
      _mm512_or_si512(_mm512_slli_epi32(_mm512_and_si512(_mm512_castps_si512(c.v), byte), 16),
                      _mm512_slli_epi32(_mm512_castps_si512(d.v), 24));
  _mm512_storeu_si512(p, _mm512_or_si512(low, high));
}

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
