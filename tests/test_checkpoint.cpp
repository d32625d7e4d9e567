// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <filesystem>

#include "astrom3/checkpoint.h"

namespace astrom3 {
namespace {

const std::filesystem::path kTiny = std::filesystem::path(ASTROM3_TEST_DATA) / "tiny";

TEST(Checkpoint, LoadsTheTinyEncoder) {
  const auto checkpoint = load_checkpoint(kTiny);
  EXPECT_EQ(checkpoint->tensors.size(), 38u);
  EXPECT_TRUE(checkpoint->has_head());
  EXPECT_TRUE(checkpoint->warnings.empty());
}

}  // namespace
}  // namespace astrom3
