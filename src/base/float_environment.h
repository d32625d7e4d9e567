// SPDX-License-Identifier: MIT
//
// Sets the floating-point mode that our results need, whatever mode the host program uses.
#pragma once

#if defined(__SSE__)
#include <xmmintrin.h>
#elif defined(__aarch64__)
#include <cstdint>
#endif

namespace astrom3 {

/// The register of the floating-point mode, and the value in which it rounds to nearest even, keeps denormals
/// and traps nothing.
#if defined(__SSE__)
struct FloatControl {
  using Bits = unsigned;
  static constexpr Bits kDefault = 0x1f80;  // all exceptions masked, nothing else set

  static Bits read() noexcept { return _mm_getcsr(); }
  static void write(Bits bits) noexcept { _mm_setcsr(bits); }
};
#elif defined(__aarch64__)
struct FloatControl {
  using Bits = std::uint64_t;
  static constexpr Bits kDefault = 0;  // FPCR: no flush to zero, no trap, a NaN keeps its payload

  static Bits read() noexcept {
    Bits bits;
    asm volatile("mrs %0, fpcr" : "=r"(bits));
    return bits;
  }
  static void write(Bits bits) noexcept { asm volatile("msr fpcr, %0" : : "r"(bits) : "memory"); }
};
#elif defined(__wasm__)
struct FloatControl {  // WebAssembly has this mode and no other
  using Bits = unsigned;
  static constexpr Bits kDefault = 0;

  static Bits read() noexcept { return kDefault; }
  static void write(Bits) noexcept {}
};
#else
#error "float_environment.h does not know how this CPU's floating-point mode is set"
#endif

/// For its lifetime: round to nearest even, denormals kept, no traps. A host that flushes denormals
/// to zero (as audio, games and -ffast-math programs do) would otherwise change results.
class ScopedFloatEnvironment {
 public:
  ScopedFloatEnvironment() noexcept : saved_(FloatControl::read()) {
    FloatControl::write(FloatControl::kDefault);
  }
  ~ScopedFloatEnvironment() { FloatControl::write(saved_); }
  ScopedFloatEnvironment(const ScopedFloatEnvironment&) = delete;
  ScopedFloatEnvironment& operator=(const ScopedFloatEnvironment&) = delete;

 private:
  FloatControl::Bits saved_;
};

}  // namespace astrom3
