// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <filesystem>

#include "formats/safetensors.h"

namespace astrom3 {
namespace {

TEST(Safetensors, ReadsTensorsOfSeveralTypesByName) {
  const SafetensorsFile file =
      SafetensorsFile::open(std::filesystem::path(ASTROM3_TEST_DATA) / "tiny/cases.safetensors");
  EXPECT_EQ(file.at("x_enc").shape(), (std::vector<std::int64_t>{4, 40, 9}));
  EXPECT_EQ(file.at("x_enc").dtype(), Dtype::f32);
  EXPECT_EQ(to_float32(file.at("x_enc")).size(), 4u * 40 * 9);
  EXPECT_EQ(to_float64(file.at("mean")).size(), 4u * 32);
  EXPECT_EQ(to_int64(file.at("probsparse_key_samples")).size(), 2u * 40 * 4);
  EXPECT_FALSE(file.contains("x"));
  EXPECT_THROW(to_int64(file.at("mean")), Error);
  EXPECT_THROW(to_float32(file.at("probsparse_key_samples")), Error);
}

}  // namespace
}  // namespace astrom3
