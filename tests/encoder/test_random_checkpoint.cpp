// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "astrom3/encoder/checkpoint.h"
#include "encoder/checkpoint_layout.h"
#include "formats/safetensors.h"
#include "tests/base/file_contents.h"
#include "tests/base/rejection.h"
#include "tests/base/temporary_folder.h"

namespace astrom3 {
namespace {

/// Sizes that differ from each other, so that no two can be mistaken.
EncoderConfig small_config() {
  EncoderConfig config;
  config.num_classes = 4;
  config.seq_len = 21;
  config.d_model = 24;
  config.n_heads = 3;
  config.d_ff = 40;
  config.e_layers = 2;
  config.activation = Activation::relu;
  return config;
}

double mean_square(const std::vector<float>& values) {
  double sum = 0;
  for (const float value : values) sum += static_cast<double>(value) * static_cast<double>(value);
  return sum / static_cast<double>(values.size());
}

TEST(RandomCheckpoint, LoadsAsUntrainedWithItsConfigAndScaling) {
  const TemporaryFolder folder;
  write_random_checkpoint(folder / "new/model", small_config(), 7, published_scaling());
  const auto checkpoint = load_checkpoint(folder / "new/model");
  EXPECT_TRUE(checkpoint->warnings.empty());
  EXPECT_EQ(to_json(checkpoint->config), to_json(small_config()));
  EXPECT_FALSE(checkpoint->is_trained());
  EXPECT_EQ(checkpoint->training_attention(), "full");
  EXPECT_EQ(checkpoint->metadata.at("astrom3.seed"), "7");
  EXPECT_EQ(checkpoint->metadata.at("format"), "pt");
  EXPECT_TRUE(checkpoint->has_head());
  ASSERT_TRUE(checkpoint->scaling.has_value());
  EXPECT_EQ(checkpoint->scaling->std, published_scaling().std);
}

TEST(RandomCheckpoint, HasNoHeadWithoutClassification) {
  const TemporaryFolder folder;
  EncoderConfig config = small_config();
  config.classification = false;
  write_random_checkpoint(folder / "m", config, 0, no_scaling());
  const auto checkpoint = load_checkpoint(folder / "m");
  EXPECT_FALSE(checkpoint->has_head());
  EXPECT_TRUE(checkpoint->warnings.empty());
  EXPECT_TRUE(checkpoint->scaling->none);
}

TEST(RandomCheckpoint, IsTheSameBytesForTheSameSeedAndOthersForAnother) {
  const TemporaryFolder folder;
  write_random_checkpoint(folder / "a", small_config(), 7, published_scaling());
  write_random_checkpoint(folder / "b", small_config(), 7, published_scaling());
  write_random_checkpoint(folder / "c", small_config(), 8, published_scaling());
  for (const char* name : {"config.json", "model.safetensors", "preprocessor_config.json"}) {
    EXPECT_EQ(read_file(folder / "a" / name), read_file(folder / "b" / name)) << name;
  }
  EXPECT_NE(read_file(folder / "a" / "model.safetensors"), read_file(folder / "c" / "model.safetensors"));
}

// The bytes of a seed are a promise: this hash changes only with a note in the CHANGELOG.
TEST(RandomCheckpoint, IsPinnedToItsBytes) {
  const TemporaryFolder folder;
  write_random_checkpoint(folder / "m", small_config(), 7, published_scaling());
  EXPECT_EQ(load_checkpoint(folder / "m")->sha256,
            "8a99509806d03d8fecaab9b9ffbd5a925a2ebbcc0becc3877f040dc809f8165b");
}

TEST(RandomCheckpoint, InitialisesAsPyTorchDoes) {
  const TemporaryFolder folder;
  EncoderConfig config = small_config();
  config.d_model = 96;
  config.d_ff = 200;
  write_random_checkpoint(folder / "m", config, 1, no_scaling());
  const auto checkpoint = load_checkpoint(folder / "m");
  std::vector<TensorSpec> specs = encoder_tensors(config);
  for (TensorSpec& spec : head_tensors(config)) specs.push_back(spec);
  for (const TensorSpec& spec : specs) {
    const std::vector<float>& values = checkpoint->tensors.at(spec.name).data;
    const auto n = static_cast<double>(values.size());
    if (spec.role == TensorRole::linear) {
      // Uniform in +-1/sqrt(fan_in): variance bound^2/3; its estimate scatters by sqrt(4/5/n).
      const double bound = 1 / std::sqrt(static_cast<double>(spec.fan_in));
      for (const float value : values) ASSERT_LE(std::fabs(value), bound * (1 + 1e-7)) << spec.name;
      EXPECT_NEAR(mean_square(values) / (bound * bound / 3), 1, 5 * std::sqrt(0.8 / n)) << spec.name;
    } else if (spec.role == TensorRole::token_convolution) {
      // Kaiming normal: variance 2/(1 + 0.01^2)/fan_in; its estimate scatters by sqrt(2/n).
      EXPECT_NEAR(mean_square(values) * 27 * 1.0001 / 2, 1, 5 * std::sqrt(2 / n));
    } else if (spec.role == TensorRole::norm_weight) {
      EXPECT_TRUE(std::all_of(values.begin(), values.end(), [](float value) { return value == 1; }));
    } else if (spec.role == TensorRole::norm_bias) {
      EXPECT_TRUE(std::all_of(values.begin(), values.end(), [](float value) { return value == 0; }));
    }
  }
}

TEST(RandomCheckpoint, DrawsEveryTensorAnew) {
  const TemporaryFolder folder;
  write_random_checkpoint(folder / "m", small_config(), 1, no_scaling());
  const auto checkpoint = load_checkpoint(folder / "m");
  EXPECT_NE(checkpoint->tensors.at("encoder.attn_layers.0.attention.query_projection.weight").data,
            checkpoint->tensors.at("encoder.attn_layers.0.attention.key_projection.weight").data);
  EXPECT_NE(checkpoint->tensors.at("encoder.attn_layers.0.conv1.weight").data,
            checkpoint->tensors.at("encoder.attn_layers.1.conv1.weight").data);
}

TEST(RandomCheckpoint, IsNotWrittenOverAnything) {
  const TemporaryFolder folder;
  write_file(folder / "note.txt", "mine");
  const Diagnostic diagnostic =
      rejection_of([&] { write_random_checkpoint(folder.path(), small_config(), 1, no_scaling()); });
  EXPECT_EQ(diagnostic.code, Status::output_error);
  EXPECT_TRUE(contains(diagnostic.message, "not empty"));
  EXPECT_EQ(rejection_of([&] {
              write_random_checkpoint(folder / "note.txt", small_config(), 1, no_scaling());
            }).code,
            Status::output_error);
  EXPECT_EQ(read_file(folder / "note.txt"), "mine");
  std::filesystem::create_directory(folder / "empty");
  EXPECT_NO_THROW(write_random_checkpoint(folder / "empty", small_config(), 1, no_scaling()));
}

TEST(RandomCheckpoint, IsNotWrittenFromAConfigThatCannotBeRead) {
  const TemporaryFolder folder;
  EncoderConfig config = small_config();
  config.n_heads = 5;
  EXPECT_EQ(rejection_of([&] { write_random_checkpoint(folder / "m", config, 1, no_scaling()); }).code,
            Status::bad_config);
  EXPECT_FALSE(std::filesystem::exists(folder / "m"));
}

// sin^2 + cos^2 = 1, row 0 is (0, 1, 0, 1, ...), column 0 is sin(t).
TEST(Positions, AreTheSineCosineTable) {
  std::vector<double> table(50 * 8);
  fill_positions(50, 8, table.data());
  for (std::size_t t = 0; t < 50; ++t) {
    EXPECT_EQ(table[t * 8], std::sin(static_cast<double>(t)));
    // w_1 = 10000^(-2/8) = 0.1
    EXPECT_NEAR(table[t * 8 + 3], std::cos(0.1 * static_cast<double>(t)), 1e-14 * static_cast<double>(t + 1));
    for (std::size_t i = 0; i < 8; i += 2) {
      EXPECT_NEAR(std::hypot(table[t * 8 + i], table[t * 8 + i + 1]), 1, 1e-15);
    }
  }
}

// Golden files were written from upstream's state_dict, in its order.
TEST(CheckpointLayout, HasUpstreamsNamesInUpstreamsOrder) {
  const auto tiny = std::filesystem::path(ASTROM3_TEST_DATA) / "tiny";
  std::vector<std::string> names;
  const EncoderConfig config = load_checkpoint(tiny)->config;
  for (const TensorSpec& spec : encoder_tensors(config)) names.push_back(spec.name);
  for (const TensorSpec& spec : head_tensors(config)) names.push_back(spec.name);
  EXPECT_EQ(SafetensorsFile::open(tiny / "model.safetensors").names(), names);
}

TEST(CheckpointLayout, CountsAHundredAndThirtyTwoTensorsForThePublishedSizes) {
  EXPECT_EQ(encoder_tensors(EncoderConfig{}).size(), 132u);
}

TEST(Checkpoint, LoadsTheOtherGoldenSizesWithoutARemark) {
  for (const char* name : {"full", "odd"}) {
    const auto directory = std::filesystem::path(ASTROM3_SHARED_DIR) / "golden" / name;
    if (!std::filesystem::exists(directory)) GTEST_SKIP() << directory << " is not here";
    const auto checkpoint = load_checkpoint(directory, {.strict = true});
    EXPECT_TRUE(checkpoint->warnings.empty());
    EXPECT_EQ(checkpoint->tensors.size(),
              4u + 16 * static_cast<std::size_t>(checkpoint->config.e_layers) + 2);
  }
}

}  // namespace
}  // namespace astrom3
