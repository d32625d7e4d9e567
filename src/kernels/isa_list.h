// SPDX-License-Identifier: MIT
//
// The instruction sets for which the vector code is compiled, the plainest first. This is the only list of
// them: C++ code expands it, and cmake/kernels.cmake reads it through the preprocessor.
//
//   X(name, test, flags)   name    namespace of the compiled code, enumerator of Isa, word of --isa
//                          test    true where this CPU has what the flags ask for
//                          flags   of the compiler
//
// To add a set: its entry here, its enumerator in astrom3/kernels/isa.h, and vec_<name>.h and
// int_vec_<name>.h, which hold all code that differs between instruction sets.
// tests/style/check_isa.py says which instructions the code of each set may hold.
#pragma once

// A page in a browser reads the file that a person gives it, not the tables of a survey.
#if __SIZEOF_POINTER__ != 8 && !defined(__wasm32__)
#error "astrom3 needs a 64-bit target: tables of surveys are larger than the memory that 32 bits can address"
#endif
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "astrom3 needs a little-endian target: it reads and writes numbers as they lie in memory"
#endif

#if defined(__x86_64__)

// This also checks that the operating system saves the registers.
#define ASTROM3_CPU_HAS(feature) (__builtin_cpu_supports(#feature) != 0)

#define ASTROM3_ISA_LIST(X)                                                               \
  X(scalar, true, "")                                                                     \
  X(avx2, ASTROM3_CPU_HAS(avx2) && ASTROM3_CPU_HAS(fma), "-mavx2 -mfma -mf16c")           \
  X(avx512,                                                                               \
    ASTROM3_CPU_HAS(avx512f) && ASTROM3_CPU_HAS(avx512dq) && ASTROM3_CPU_HAS(avx512bw) && \
        ASTROM3_CPU_HAS(avx512vl) && ASTROM3_CPU_HAS(avx2) && ASTROM3_CPU_HAS(fma),       \
    "-mavx512f -mavx512dq -mavx512bw -mavx512vl -mavx2 -mfma -mf16c -mprefer-vector-width=512")

#elif defined(__aarch64__) && (defined(__linux__) || defined(__APPLE__))

// The operating system is asked about the CPU. Every aarch64 has NEON. Dot products of bytes came with
// Armv8.2, and every CPU on which macOS runs is later.
#if defined(__linux__)
#include <sys/auxv.h>
#define ASTROM3_CPU_HAS(feature) ((getauxval(AT_HWCAP) & HWCAP_##feature) != 0)
#define ASTROM3_DOTPROD_FLAGS "-march=armv8.2-a+dotprod"
#else
#define ASTROM3_CPU_HAS(feature) true
#define ASTROM3_DOTPROD_FLAGS ""  // compilers for macOS use these instructions by default
#endif

#define ASTROM3_ISA_LIST(X) \
  X(scalar, true, "")       \
  X(neon, true, "")         \
  X(dotprod, ASTROM3_CPU_HAS(ASIMDDP), ASTROM3_DOTPROD_FLAGS)

#elif defined(__wasm__)

// A browser refuses a whole program for one instruction that it does not have: there is no choice at run
// time.
#define ASTROM3_ISA_LIST(X) X(simd128, true, "-msimd128")

#else
#define ASTROM3_ISA_LIST(X) X(scalar, true, "")
#endif
