// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <string>

#include "astrom3/classes/holdout.h"

namespace astrom3 {
namespace {

TEST(Holdout, PositionIsTheStartOfTheHashOfTheId) {
  // Python: int.from_bytes(hashlib.sha256(id.encode()).digest()[:8], "big") / 2**64
  EXPECT_NEAR(holdout_position("ASAS_000006+2553.2"), 0.8356414029317173, 1e-15);
  EXPECT_NEAR(holdout_position(""), 0.8894159948913374, 1e-15);
}

TEST(Holdout, HoldsOutTheFractionAskedForAndMoreOnlyAdds) {
  std::size_t small = 0, large = 0;
  for (int i = 0; i < 10000; ++i) {
    const std::string id = "star " + std::to_string(i);
    small += is_held_out(id) ? 1u : 0u;
    large += is_held_out(id, 0.3) ? 1u : 0u;
    EXPECT_TRUE(!is_held_out(id) || is_held_out(id, 0.3));
    EXPECT_FALSE(is_held_out(id, 0));
    EXPECT_TRUE(is_held_out(id, 1));
  }
  EXPECT_NEAR(static_cast<double>(small), 1500, 5 * 36);  // five standard deviations of a binomial
  EXPECT_NEAR(static_cast<double>(large), 3000, 5 * 46);
}

}  // namespace
}  // namespace astrom3
