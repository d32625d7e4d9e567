// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstddef>

#include "base/random.h"

namespace astrom3 {
namespace {

constexpr int kDraws = 1'000'000;

TEST(Random, GivesTheSameBitsForTheSameSeedAndStream) {
  Random a(7, 3);
  Random b(7, 3);
  Random other_stream(7, 4);
  Random other_seed(8, 3);
  const std::uint64_t first = a.bits();
  EXPECT_EQ(first, b.bits());
  EXPECT_NE(first, other_stream.bits());
  EXPECT_NE(first, other_seed.bits());
}

// A constant from this implementation: it pins the bits that checkpoints of a seed are made of.
TEST(Random, IsPinnedToItsFirstNumbers) {
  Random random(0);
  EXPECT_EQ(random.bits(), 0x568a9b0b1a2c05ecu);
  EXPECT_EQ(random.uniform(), 0x1.1396e2c51fbdcp-2);
  EXPECT_EQ(random.normal(), 0x1.31b44285fa2p-1);
}

// Mean 1/2 and variance 1/12, each within five standard errors.
TEST(Random, UniformHasItsMoments) {
  Random random(1);
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double u = random.uniform();
    ASSERT_GE(u, 0);
    ASSERT_LT(u, 1);
    sum += u - 0.5;
    squares += (u - 0.5) * (u - 0.5);
  }
  EXPECT_NEAR(sum / kDraws, 0, 5 * std::sqrt(1.0 / 12 / kDraws));
  EXPECT_NEAR(squares / kDraws, 1.0 / 12, 5 * std::sqrt(1.0 / 180 / kDraws));
}

// The share below each of nine cuts is the error function's, within five standard errors.
TEST(Random, NormalHasItsDistribution) {
  constexpr std::array<double, 9> cuts{-3, -2, -1, -0.3, 0, 0.3, 1, 2, 3};
  std::array<int, 9> below{};
  Random random(2);
  for (int i = 0; i < kDraws; ++i) {
    const double z = random.normal();
    for (std::size_t c = 0; c < cuts.size(); ++c) below[c] += z < cuts[c] ? 1 : 0;
  }
  for (std::size_t c = 0; c < cuts.size(); ++c) {
    const double p = 0.5 * std::erfc(-cuts[c] / std::sqrt(2.0));
    EXPECT_NEAR(static_cast<double>(below[c]) / kDraws, p, 5 * std::sqrt(p * (1 - p) / kDraws)) << cuts[c];
  }
}

// The test vectors of the FNV-1a draft (Fowler, Noll, Vo & Eastlake).
TEST(StreamOf, IsTheFnv1aHashOfTheName) {
  EXPECT_EQ(stream_of(""), 0xcbf29ce484222325u);
  EXPECT_EQ(stream_of("a"), 0xaf63dc4c8601ec8cu);
  EXPECT_EQ(stream_of("foobar"), 0x85944171f73967e8u);
}

}  // namespace
}  // namespace astrom3
