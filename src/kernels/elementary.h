// SPDX-License-Identifier: MIT
//
// exp2 and gelu on Vec, accurate to 2 ulp. They do not use the C library, so that the bits are the same
// everywhere.
#pragma once

#include "kernels/vec.h"
//
#include "kernels/gelu_table.h"

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {

// 1.5 * 2^23: adding it rounds a float to an integer and leaves that integer in the low bits. With
// the exponent bias added on top, those low bits shifted left by 23 are the float 2^n.
inline constexpr float kRoundToInteger = 12582912.0f;
inline constexpr float kExponentBias = 127.0f;

/// (2^f - 1) / f for f in [-0.5, 0.5]; 1 + f times it is a minimax fit of 2^f in relative error, off
/// by at most 0.15 * 2^-24.
ASTROM3_INLINE Vec exp2_slope(Vec f) {
  Vec p = broadcast(0.000158305513f);
  p = fma(p, f, broadcast(0.00134191941f));
  p = fma(p, f, broadcast(0.00961706229f));
  p = fma(p, f, broadcast(0.0555027276f));
  p = fma(p, f, broadcast(0.240226552f));
  return fma(p, f, broadcast(0.693147242f));
}

/// 2^y for y < 127.5; below -126 the result is 2^-126. NaN stays NaN.
ASTROM3_INLINE Vec exp2(Vec y) {
  const Vec magic = broadcast(kRoundToInteger + kExponentBias);
  y = max(broadcast(-126.0f), y);
  const Vec biased = y + magic;
  const Vec fraction = y - (biased - magic);
  return fma(exp2_slope(fraction), fraction, broadcast(1.0f)) * shift_into_exponent(biased);
}

// Beyond this t, Phi(-t) falls so fast that gelu_tail() is used in place of the 16 polynomials.
inline constexpr float kGeluTail = 3.875f;

/// t Phi(-t) for t >= kGeluTail:  exp(-t^2/2) Q(1/t^2),  Q(u) = t Phi(-t) exp(t^2/2), smooth in u.
ASTROM3_INLINE Vec gelu_tail(Vec t) {
  t = min(broadcast(15.0f), t);  // from 14.2 on the result rounds to zero
  const Vec square = t * t;
  const Vec square_error = fnma(t, t, square);  // t^2 = square - square_error, exactly
  const Vec u = broadcast(1.0f) / square;
  Vec q = broadcast(421.478851f);
  q = fma(q, u, broadcast(-163.001526f));
  q = fma(q, u, broadcast(33.3811798f));
  q = fma(q, u, broadcast(-5.77436352f));
  q = fma(q, u, broadcast(1.19391179f));
  q = fma(q, u, broadcast(-0.398922473f));
  const Vec q0 = broadcast(0.398942232f);  // 1/sqrt(2 pi)
  q = q * u;                               // Q = q0 + q, not yet added up

  // exp(-t^2/2) = 2^y with y = -t^2 log2(e)/2, reduced in more than float precision. The result may
  // lie below the smallest normal float, so 2^(n + 64) is applied first and 2^-64 last.
  const Vec half_log2e = broadcast(0.721347511f);         // log2(e)/2 ...
  const Vec half_log2e_low = broadcast(9.62981517e-09f);  // ... and what float leaves of it
  const Vec magic = broadcast(kRoundToInteger + kExponentBias + 64.0f);
  const Vec biased = fnma(square, half_log2e, magic);
  const Vec n = biased - magic;
  Vec fraction = fnma(square, half_log2e, broadcast(0.0f) - n);
  fraction = fnma(square, half_log2e_low, fraction);
  fraction = fma(square_error, half_log2e, fraction);
  // Q 2^fraction = q0 + (q + Q (2^fraction - 1)): what is rounded before the last sum is small.
  const Vec growth = exp2_slope(fraction) * fraction;
  return (q0 + fma(q0 + q, growth, q)) * shift_into_exponent(biased) * broadcast(0x1p-64f);
}

/// gelu(x) = x Phi(x), Phi the normal distribution function (the exact erf form, not the tanh one).
///
/// Written as max(x, 0) - |x| Phi(-|x|), which does not cancel on either side.
struct Gelu {
  Table16 phi[kPhiDegree + 1];

  ASTROM3_INLINE static Gelu tables() {
    Gelu g;
#pragma GCC unroll 8
    for (std::size_t i = 0; i <= kPhiDegree; ++i) g.phi[i] = load_table(kPhi[i]);
    return g;
  }

  /// Phi(-t) for 0 <= t < kGeluTail.
  ASTROM3_INLINE Vec lower_tail(Vec t) const {
    const Vec to_quarter = broadcast(2097152.0f);  // 2^21: adding it rounds to a multiple of 1/4
    const Vec piece = t + to_quarter;
    const Vec d = t - (piece - to_quarter);
    Vec p = look_up(phi[kPhiDegree], piece);
#pragma GCC unroll 8
    for (std::size_t i = kPhiDegree; i-- > 0;) p = fma(p, d, look_up(phi[i], piece));
    return p;
  }

  ASTROM3_INLINE Vec operator()(Vec x) const {
    const Vec t = abs(x);
    const Vec p = lower_tail(t);
    const Vec positive = max(broadcast(0.0f), x);
    const Vec body = fnma(t, p, positive);
    const Vec tail_start = broadcast(kGeluTail);
    if (__builtin_expect(!any_at_least(t, tail_start), 1)) return body;
    return where_at_least(t, tail_start, positive - gelu_tail(t), body);
  }

  /// gelu(x) as above, and its derivative Phi(x) + x phi(x), phi the normal density, off by less than 2^-22.
  ASTROM3_INLINE Vec with_slope(Vec x, Vec& slope) const {
    const Vec t = abs(x);
    const Vec tail_start = broadcast(kGeluTail);
    Vec p = lower_tail(t);
    Vec beyond = t * p;  // t Phi(-t)
    Vec result = fnma(t, p, max(broadcast(0.0f), x));
    if (__builtin_expect(any_at_least(t, tail_start), 0)) {
      beyond = where_at_least(t, tail_start, gelu_tail(t), beyond);
      p = where_at_least(t, tail_start, beyond / t, p);
      result = where_at_least(t, tail_start, max(broadcast(0.0f), x) - beyond, result);
    }
    const Vec bounded = min(broadcast(15.0f), t);
    const Vec density = broadcast(0.398942280f) * exp2(bounded * bounded * broadcast(-0.721347520f));
    const Vec below = fnma(bounded, density, p);  // the derivative at -t
    slope = where_at_least(x, broadcast(0.0f), broadcast(1.0f) - below, below);
    return result;
  }
};

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
