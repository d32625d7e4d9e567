// SPDX-License-Identifier: MIT
//
// What a core can do at most: multiply-adds in registers, of floats or of bytes, and nothing else.
#pragma once

#include <immintrin.h>

#include <cstddef>

#include "astrom3/kernels/isa.h"

namespace astrom3::bench {

constexpr std::size_t kPeakSteps = 20000;

/// Twelve independent chains of fused multiply-adds: more than latency times ports needs.
#define ASTROM3_PEAK(name, isa, Register, set1, fmadd)                                                    \
  __attribute__((target(isa), noinline)) inline void name() {                                             \
    const Register x = set1(0.999f), y = set1(0.001f);                                                    \
    Register a = y, b = y, c = y, d = y, e = y, f = y, g = y, h = y, i = y, j = y, k = y, l = y;          \
    for (std::size_t step = 0; step < kPeakSteps; ++step) {                                               \
      a = fmadd(a, x, y), b = fmadd(b, x, y), c = fmadd(c, x, y), d = fmadd(d, x, y), e = fmadd(e, x, y), \
      f = fmadd(f, x, y), g = fmadd(g, x, y), h = fmadd(h, x, y), i = fmadd(i, x, y), j = fmadd(j, x, y), \
      k = fmadd(k, x, y), l = fmadd(l, x, y);                                                             \
      asm volatile("" : "+v"(a), "+v"(b), "+v"(c), "+v"(d), "+v"(e), "+v"(f));                            \
      asm volatile("" : "+v"(g), "+v"(h), "+v"(i), "+v"(j), "+v"(k), "+v"(l));                            \
    }                                                                                                     \
  }
ASTROM3_PEAK(peak_avx2, "avx2,fma", __m256, _mm256_set1_ps, _mm256_fmadd_ps)
ASTROM3_PEAK(peak_avx512, "avx512f", __m512, _mm512_set1_ps, _mm512_fmadd_ps)

/// The same with dot products of four bytes; needs AVX512-VNNI.
__attribute__((target("avx512f,avx512vnni"), noinline)) inline void peak_vnni() {
  const __m512i x = _mm512_set1_epi8(1), y = _mm512_set1_epi8(2);
  __m512i a = y, b = y, c = y, d = y, e = y, f = y, g = y, h = y, i = y, j = y, k = y, l = y;
  for (std::size_t step = 0; step < kPeakSteps; ++step) {
    // Not in a loop over pointers, which some compilers keep in memory.
    a = _mm512_dpbusd_epi32(a, x, y), b = _mm512_dpbusd_epi32(b, x, y), c = _mm512_dpbusd_epi32(c, x, y);
    d = _mm512_dpbusd_epi32(d, x, y), e = _mm512_dpbusd_epi32(e, x, y), f = _mm512_dpbusd_epi32(f, x, y);
    g = _mm512_dpbusd_epi32(g, x, y), h = _mm512_dpbusd_epi32(h, x, y), i = _mm512_dpbusd_epi32(i, x, y);
    j = _mm512_dpbusd_epi32(j, x, y), k = _mm512_dpbusd_epi32(k, x, y), l = _mm512_dpbusd_epi32(l, x, y);
    asm volatile("" : "+v"(a), "+v"(b), "+v"(c), "+v"(d), "+v"(e), "+v"(f));
    asm volatile("" : "+v"(g), "+v"(h), "+v"(i), "+v"(j), "+v"(k), "+v"(l));
  }
}
/// Thousand millions of multiplications and additions of one call of peak_vnni().
inline double peak_vnni_gop() {
  return 2e-9 * 12 * 64 * static_cast<double>(kPeakSteps);
}

/// What is measured for an instruction set: scalar code, too, is compared with AVX2.
inline void (*peak_of(Isa isa))() {
  return isa == Isa::avx512 ? peak_avx512 : peak_avx2;
}

/// GFLOP of one call.
inline double peak_gflop(Isa isa) {
  return 2e-9 * 12 * (isa == Isa::avx512 ? 16 : 8) * static_cast<double>(kPeakSteps);
}
#undef ASTROM3_PEAK

}  // namespace astrom3::bench
