// SPDX-License-Identifier: MIT
//
// A program for WebAssembly, which tools/wasm.sh builds and tests/kernels/run_wasm.js runs: fma() of
// vec_simd128.h gives the bits of the C library's fmaf(), which is exact, for any bits, and where two
// roundings are one too many.
#define ASTROM3_KERNEL_NAMESPACE simd128
#define ASTROM3_KERNEL_VEC "kernels/vec_simd128.h"
#include "kernels/vec.h"
//
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <random>

namespace {

using namespace astrom3::kernels::simd128;
using Lanes = std::array<float, kLanes>;

struct Tally {
  long lanes = 0, wrong = 0, wrong_without_care = 0;

  void add(const Lanes& x, const Lanes& y, const Lanes& z) {
    Lanes result{};
    store(result.data(), fma(load(x.data()), load(y.data()), load(z.data())));
    for (std::size_t i = 0; i < kLanes; ++i) {
      const float exact = std::fma(x[i], y[i], z[i]);
      const double once = static_cast<double>(x[i]) * static_cast<double>(y[i]) + static_cast<double>(z[i]);
      ++lanes;
      if (std::isnan(exact) && std::isnan(result[i])) continue;
      if (std::bit_cast<std::uint32_t>(exact) != std::bit_cast<std::uint32_t>(result[i])) ++wrong;
      if (exact != static_cast<float>(once)) ++wrong_without_care;
    }
  }
};

std::mt19937 draw{7};

float any_float() {
  return std::bit_cast<float>(static_cast<std::uint32_t>(draw()));
}

float one_plus(unsigned steps) {
  return 1.0f + static_cast<float>(draw() % steps) * 0x1p-23f;
}

float random_sign() {
  return draw() % 2 == 0 ? 1.0f : -1.0f;
}

/// A product that is half a unit in the last place of z, or nearly so, for exponents down to the denormals.
void draw_near_halves(float& x, float& y, float& z) {
  const int exponent = static_cast<int>(draw() % 276) - 150, shift = static_cast<int>(draw() % 20) - 10;
  z = random_sign() * std::ldexp(one_plus(1u << 23), exponent);
  x = std::ldexp(one_plus(4), shift);
  const float above_or_below =
      draw() % 2 == 0 ? one_plus(3) : 1.0f - static_cast<float>(draw() % 4) * 0x1p-24f;
  y = random_sign() * std::ldexp(above_or_below, exponent - 24 - shift + static_cast<int>(draw() % 3) - 1);
}

}  // namespace

int main() {
  constexpr int kRounds = 100000;
  Tally any, near_halves;
  Lanes x{}, y{}, z{};
  for (int round = 0; round < kRounds; ++round) {
    for (std::size_t i = 0; i < kLanes; ++i) x[i] = any_float(), y[i] = any_float(), z[i] = any_float();
    any.add(x, y, z);
    for (std::size_t i = 0; i < kLanes; ++i) draw_near_halves(x[i], y[i], z[i]);
    near_halves.add(x, y, z);
  }
  std::printf("any bits: %ld of %ld wrong; near halves: %ld of %ld wrong, without care %ld\n", any.wrong,
              any.lanes, near_halves.wrong, near_halves.lanes, near_halves.wrong_without_care);
  // The test is one only if it meets the cases that it is about.
  return any.wrong + near_halves.wrong == 0 && near_halves.wrong_without_care > kRounds / 100 ? 0 : 1;
}
