// SPDX-License-Identifier: MIT
//
// The instruction sets that the vector code is compiled for, plainest first. This is the one list: C++
// expands it, and cmake/kernels.cmake reads it through the preprocessor.
//
//   X(name, test, flags)   name    namespace of the compiled code, enumerator of Isa, word of --isa
//                          test    true where this CPU has what the flags ask for
//                          flags   of the compiler
//
// To add a set: its entry here, its enumerator in astrom3/isa.h, and vec_<name>.h and int_vec_<name>.h, which
// hold all that the code of one set does differently from another's.
#pragma once

// Also asks whether the operating system saves the registers.
#define ASTROM3_CPU_HAS(feature) (__builtin_cpu_supports(#feature) != 0)

#if defined(__x86_64__)
#define ASTROM3_ISA_LIST(X)                                                               \
  X(scalar, true, "")                                                                     \
  X(avx2, ASTROM3_CPU_HAS(avx2) && ASTROM3_CPU_HAS(fma), "-mavx2 -mfma -mf16c")           \
  X(avx512,                                                                               \
    ASTROM3_CPU_HAS(avx512f) && ASTROM3_CPU_HAS(avx512dq) && ASTROM3_CPU_HAS(avx512bw) && \
        ASTROM3_CPU_HAS(avx512vl) && ASTROM3_CPU_HAS(avx2) && ASTROM3_CPU_HAS(fma),       \
    "-mavx512f -mavx512dq -mavx512bw -mavx512vl -mavx2 -mfma -mf16c -mprefer-vector-width=512")
#else
#define ASTROM3_ISA_LIST(X) X(scalar, true, "")
#endif
