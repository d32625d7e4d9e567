// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>

#include "astrom3/encoder/checkpoint.h"
#include "encoder/random_checkpoint.h"
#include "formats/half.h"
#include "tests/base/rejection.h"
#include "tests/base/temporary_folder.h"

namespace astrom3 {
namespace {

EncoderConfig small_config() {
  EncoderConfig config;
  config.num_classes = 3;
  config.seq_len = 12;
  config.d_model = 8;
  config.n_heads = 2;
  config.d_ff = 16;
  config.e_layers = 1;
  return config;
}

TEST(Half, EveryValueComesBackAndMidpointsGoToTheEvenOne) {
  for (std::uint32_t half = 0; half < 0x7C00; ++half) {
    const auto h = static_cast<std::uint16_t>(half);
    const float value = float_of_f16(h);
    ASSERT_EQ(f16_of_float(value), h);
    ASSERT_EQ(f16_of_float(-value), h | 0x8000u);
    // The next one; after 65504 it would be 65536, whose midpoint 65520 becomes infinite.
    const float next = half == 0x7BFF ? 65536.0f : float_of_f16(static_cast<std::uint16_t>(h + 1));
    const float middle = 0.5f * (value + next);
    ASSERT_EQ(f16_of_float(middle), half % 2 == 0 ? h : h + 1) << value;
    ASSERT_EQ(f16_of_float(std::nextafter(middle, 0.0f)), h) << value;
    ASSERT_EQ(f16_of_float(std::nextafter(middle, 1e6f)), h + 1) << value;
  }
  EXPECT_EQ(f16_of_float(INFINITY), 0x7C00);
  EXPECT_EQ(f16_of_float(-1e30f), 0xFC00);
  EXPECT_TRUE(std::isnan(float_of_f16(f16_of_float(NAN))));
}

TEST(WriteCheckpoint, ComesBackExactlyAsFloat32AndRoundedAsFloat16) {
  const Checkpoint made = random_checkpoint(small_config(), 3, published_scaling());
  for (const WeightsDtype dtype : {WeightsDtype::f32, WeightsDtype::f16}) {
    const TemporaryFolder folder;
    write_checkpoint(folder / "", made, dtype);
    const auto read = load_checkpoint(folder / "");
    EXPECT_TRUE(read->warnings.empty());
    EXPECT_EQ(read->metadata, made.metadata);
    EXPECT_EQ(read->parameter_count, made.parameter_count);
    ASSERT_EQ(read->tensors.size(), made.tensors.size());
    for (const auto& [name, tensor] : made.tensors) {
      const Tensor& other = read->tensors.at(name);
      ASSERT_EQ(other.shape, tensor.shape);
      for (std::size_t i = 0; i < tensor.data.size(); ++i) {
        const float v = tensor.data[i];
        ASSERT_EQ(other.data[i], dtype == WeightsDtype::f32 ? v : float_of_f16(f16_of_float(v))) << name;
      }
    }
  }
}

TEST(WriteCheckpoint, RefusesAWeightBeyondFloat16) {
  Checkpoint made = random_checkpoint(small_config(), 3, published_scaling());
  made.tensors.at("fc.bias").data[1] = 7e4f;
  const TemporaryFolder folder;
  EXPECT_EQ(rejection_of([&] { write_checkpoint(folder / "", made, WeightsDtype::f16); }).column, "fc.bias");
}

TEST(ReplaceHead, LeavesTheEncoderAndFitsTheClasses) {
  Checkpoint made = random_checkpoint(small_config(), 3, published_scaling());
  const Tensor before = made.tensors.at("encoder.norm.weight");
  replace_head(made, {"A", "B", "C", "D", "E"}, 4);
  EXPECT_EQ(made.tensors.at("fc.weight").shape, (std::vector<std::int64_t>{5, 12 * 8}));
  EXPECT_EQ(made.tensors.at("encoder.norm.weight").data, before.data);
  EXPECT_EQ(class_names(made.config), (std::vector<std::string>{"A", "B", "C", "D", "E"}));
  const TemporaryFolder folder;
  write_checkpoint(folder / "", made);
  EXPECT_EQ(load_checkpoint(folder / "")->parameter_count, made.parameter_count);
}

}  // namespace
}  // namespace astrom3
