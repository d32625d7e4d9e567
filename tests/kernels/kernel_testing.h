// SPDX-License-Identifier: MIT
//
// What tests of vector code share: every instruction set as a parameter, comparison of bits, ulps.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "astrom3/kernels/isa.h"
#include "base/aligned_buffer.h"

namespace astrom3 {

/// A test for every instruction set: shown as skipped, never as passed, where the CPU lacks it.
class EveryIsa : public testing::TestWithParam<Isa> {
 protected:
  void SetUp() override {
    if (!isa_supported(GetParam())) GTEST_SKIP() << "this CPU does not have " << isa_name(GetParam());
  }
};

#define INSTANTIATE_FOR_EVERY_ISA(Suite)              \
  INSTANTIATE_TEST_SUITE_P(                           \
      Isa, Suite, testing::ValuesIn(compiled_isas()), \
      [](const testing::TestParamInfo<Isa>& p) { return std::string(isa_name(p.param)); })

/// Uniform numbers in [low, high), the same on every run.
inline std::vector<float> random_floats(std::size_t n, std::uint32_t seed, float low = -1, float high = 1) {
  std::mt19937 engine(seed);
  std::uniform_real_distribution<float> distribution(low, high);
  std::vector<float> values(n);
  for (float& v : values) v = distribution(engine);
  return values;
}

/// The sizes of one head of attention, and rows for it.
struct Head {
  std::size_t n_queries, n_keys, d_head;
  float spread = 1;

  std::size_t padded() const { return round_up(d_head, 16); }
  std::vector<float> rows(std::size_t n, std::uint32_t seed) const {  // padding columns are 0
    std::vector<float> r = random_floats(n * padded(), seed, -spread, spread);
    for (std::size_t i = 0; i < r.size(); ++i) {
      if (i % padded() >= d_head) r[i] = 0;
    }
    return r;
  }
};

/// The index of the first value whose bits differ, or -1. Two NaN count as equal.
inline std::ptrdiff_t first_difference(std::span<const float> a, std::span<const float> b) {
  if (a.size() != b.size()) return 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::isnan(a[i]) && std::isnan(b[i])) continue;
    if (std::bit_cast<std::uint32_t>(a[i]) != std::bit_cast<std::uint32_t>(b[i]))
      return static_cast<std::ptrdiff_t>(i);
  }
  return -1;
}

/// |value - exact| in units of the spacing of floats at `exact` (2^-149 among denormals).
inline double ulp_error(float value, double exact) {
  int exponent = 0;
  std::frexp(exact, &exponent);
  return std::abs(static_cast<double>(value) - exact) / std::ldexp(1.0, std::max(exponent - 24, -149));
}

}  // namespace astrom3
