// SPDX-License-Identifier: MIT
//
// Sets the floating-point mode that our results need, whatever mode the host program uses.
#pragma once

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

namespace astrom3 {

/// For its lifetime: round to nearest even, denormals kept, no traps. A host that flushes denormals
/// to zero (as audio, games and -ffast-math programs do) would otherwise change results.
class ScopedFloatEnvironment {
 public:
#if defined(__SSE__)
  ScopedFloatEnvironment() noexcept : saved_(_mm_getcsr()) {
    _mm_setcsr(kDefault);
  }
  ~ScopedFloatEnvironment() {
    _mm_setcsr(saved_);
  }
#else
  ScopedFloatEnvironment() noexcept = default;
  ~ScopedFloatEnvironment() = default;
#endif
  ScopedFloatEnvironment(const ScopedFloatEnvironment&) = delete;
  ScopedFloatEnvironment& operator=(const ScopedFloatEnvironment&) = delete;

 private:
#if defined(__SSE__)
  static constexpr unsigned kDefault = 0x1f80;  // all exceptions masked, nothing else set
  unsigned saved_;
#endif
};

}  // namespace astrom3
