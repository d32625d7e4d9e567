// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/edit_distance.h"

namespace astrom3 {
namespace {

/// The textbook recursion without a limit.
std::size_t slow_distance(const std::string& a, const std::string& b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        d[i][j] = i + j;
      } else {
        d[i][j] =
            std::min({d[i - 1][j - 1] + (a[i - 1] != b[j - 1] ? 1 : 0), d[i - 1][j] + 1, d[i][j - 1] + 1});
      }
    }
  }
  return d[a.size()][b.size()];
}

TEST(EditDistance, EqualsTheFullTableUpToItsLimit) {
  std::vector<std::string> words{""};
  for (std::size_t first = 0, length = 1; length <= 5; ++length) {
    const std::size_t last = words.size();
    for (; first < last; ++first) {
      words.push_back(words[first] + "a");
      words.push_back(words[first] + "b");
    }
  }
  for (const std::string& a : words) {
    for (const std::string& b : words) {
      for (const std::size_t limit : {0u, 1u, 2u, 3u, 7u}) {
        ASSERT_EQ(edit_distance(a, b, limit), std::min(slow_distance(a, b), limit + 1))
            << a << " " << b << " " << limit;
      }
    }
  }
}

TEST(Closest, IsTheNearestWithinTheLimitOrNone) {
  const std::array<std::string, 3> words{"weigth", "weight_", "bias"};
  EXPECT_EQ(closest("weight", words, 3), "weight_");
  EXPECT_EQ(closest("weights_", words, 1), "weight_");
  EXPECT_EQ(closest("conv", words, 2), std::nullopt);
}

}  // namespace
}  // namespace astrom3
