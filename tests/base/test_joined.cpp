// SPDX-License-Identifier: MIT
//
// Words and numbers joined to one text.
#include <gtest/gtest.h>

#include <vector>

#include "base/joined.h"

namespace astrom3 {
namespace {

TEST(Joined, PutsTheSeparatorBetweenAndNowhereElse) {
  EXPECT_EQ(joined(std::vector<std::string>{}, ", "), "");
  EXPECT_EQ(joined(std::vector<std::string>{"a"}, ", "), "a");
  EXPECT_EQ(joined(std::vector<std::string>{"a", "", "c"}, ", "), "a, , c");
  EXPECT_EQ(joined(std::vector<std::int64_t>{-1, 0, 9223372036854775807}, ","), "-1,0,9223372036854775807");
  EXPECT_EQ(joined(std::vector<std::size_t>{200, 9}, ", "), "200, 9");
}

}  // namespace
}  // namespace astrom3
