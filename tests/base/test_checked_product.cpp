// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <cstdint>

#include "base/checked_product.h"

namespace astrom3 {
namespace {

TEST(CheckedProduct, IsNothingWhereItDoesNotFit) {
  EXPECT_EQ(checked_product(3, 5), 15u);
  EXPECT_EQ(checked_product(2, 3, 4u, 5u), 120u);
  EXPECT_EQ(checked_product(UINT64_MAX, 1), UINT64_MAX);
  EXPECT_EQ(checked_product(std::uint64_t{1} << 32, std::uint64_t{1} << 32), std::nullopt);
  EXPECT_EQ(checked_product((std::uint64_t{1} << 61) + 1, 8, 4u), std::nullopt);  // 32 where it wraps around
  EXPECT_EQ(checked_product(3, UINT64_MAX, 2u), std::nullopt);
}

TEST(CheckedProduct, OfZeroIsZeroWhateverElseIsThere) {
  EXPECT_EQ(checked_product(0, UINT64_MAX, UINT64_MAX), 0u);
  EXPECT_EQ(checked_product(UINT64_MAX, UINT64_MAX, std::uint64_t{0}), 0u);
}

}  // namespace
}  // namespace astrom3
