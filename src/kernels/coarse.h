// SPDX-License-Identifier: MIT
//
// exp2 and gelu for numbers that are then quantised to bytes: they take few instructions, and their errors
// are far below the rounding to bytes.
#pragma once

#include "kernels/elementary.h"

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {

/// round(255 2^y) + bias, bias = kByteBias (int_vec.h), for y <= 0; exactly 255 at y = 0. 2^f is a minimax
/// polynomial of degree 3, with which the product is off by at most 0.03 before it is rounded. NaN stays NaN.
ASTROM3_INLINE Vec byte_of_exp2(Vec y, Vec bias) {
  const Vec magic = broadcast(kRoundToInteger + kExponentBias);
  y = max(broadcast(-126.0f), y);
  const Vec biased = y + magic;
  const Vec f = y - (biased - magic);
  Vec p = fma(broadcast(14.0272350f), f, broadcast(61.7638054f));
  p = fma(p, f, broadcast(176.787155f));
  p = fma(p, f, broadcast(255.0f));
  return fma(p, shift_into_exponent(biased), bias);
}

/// Phi(-t) of gelu_table.h in 16 parabolas: piece k is sum_i kCoarsePhi[i][k] (t - k/4)^i, a minimax fit, off
/// by at most 3e-5 / t.
inline constexpr std::size_t kCoarseDegree = 2;
alignas(64) inline constexpr float kCoarsePhi[kCoarseDegree + 1][16] = {
    {0.500003994f, 0.40129438f, 0.308538765f, 0.226628736f, 0.158655897f, 0.105650604f, 0.0668075755f,
     0.0400591344f, 0.022749858f, 0.0122240996f, 0.00620930362f, 0.00297947321f, 0.00134969503f,
     0.000576861727f, 0.00023255522f, 8.83746616e-05f},
    {-0.39952451f, -0.385961562f, -0.351550519f, -0.300880432f, -0.241970703f, -0.182848588f, -0.129832804f,
     -0.086624153f, -0.0543069355f, -0.0319913886f, -0.0177081116f, -0.00921027176f, -0.00450125383f,
     -0.00206720806f, -0.000891952892f, -0.000361673505f},
    {0.0124375643f, 0.0481030121f, 0.0876234993f, 0.112479948f, 0.12066289f, 0.113889053f, 0.0970194414f,
     0.0754999816f, 0.0540784672f, 0.0358266421f, 0.0220261123f, 0.012596461f, 0.00671273004f, 0.00334017095f,
     0.00155035988f, 0.000673399947f},
};

/// gelu(x), off by at most 3e-5 where |x| < 3.87 and by at most 2.1e-4 elsewhere, where |x| Phi(-|x|) keeps
/// its value at 3.87.
struct CoarseGelu {
  Table16 phi[kCoarseDegree + 1];

  ASTROM3_INLINE static CoarseGelu tables() {
    return {{load_table(kCoarsePhi[0]), load_table(kCoarsePhi[1]), load_table(kCoarsePhi[2])}};
  }

  ASTROM3_INLINE Vec operator()(Vec x) const {
    const Vec to_quarter = broadcast(2097152.0f);  // as in Gelu
    const Vec t = min(broadcast(3.8749f), abs(x));
    const Vec piece = t + to_quarter;
    const Vec d = t - (piece - to_quarter);
    Vec p = fma(look_up(phi[2], piece), d, look_up(phi[1], piece));
    p = fma(p, d, look_up(phi[0], piece));
    return fnma(t, p, max(broadcast(0.0f), x));
  }
};

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
