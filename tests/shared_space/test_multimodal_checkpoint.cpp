// SPDX-License-Identifier: MIT
//
// Loading checkpoints of every published kind, and what is said of those that do not fit themselves.
#include <gtest/gtest.h>

#include <map>

#include "astrom3/shared_space/multimodal_checkpoint.h"
#include "shared_space/checkpoint_layout.h"
#include "shared_space/multimodal_config.h"
#include "tests/shared_space/multimodal_cases.h"
#include "tests/shared_space/scratch_checkpoint.h"

namespace astrom3 {
namespace {

std::string error_of(const std::filesystem::path& model, Status code = Status::bad_model) {
  try {
    load_multimodal_checkpoint(model);
  } catch (const Error& error) {
    EXPECT_EQ(status_name(error.code()), status_name(code)) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "was loaded";
  return {};
}

void expect_words(const std::string& message, std::initializer_list<const char*> words) {
  for (const char* word : words) EXPECT_NE(message.find(word), std::string::npos) << message;
}

TEST(MultimodalCheckpoint, LoadsEveryKindByItsKeys) {
  const std::map<std::string, std::pair<CheckpointKind, std::size_t>> kKinds{
      {"tiny_spectra", {CheckpointKind::spectra, 10}}, {"odd_spectra", {CheckpointKind::spectra, 6}},
      {"tiny_meta", {CheckpointKind::metadata, 6}},    {"tiny_clip", {CheckpointKind::shared, 57}},
      {"tiny_fused", {CheckpointKind::shared, 59}},    {"tiny_fused_concat", {CheckpointKind::shared, 59}}};
  for (const auto& [name, expected] : kKinds) {
    const auto checkpoint = load_multimodal_checkpoint(multimodal_golden(name));
    EXPECT_EQ(checkpoint->config.kind, expected.first) << name;
    EXPECT_EQ(checkpoint_kind(multimodal_golden(name)), expected.first) << name;
    EXPECT_EQ(checkpoint->tensor_count, expected.second) << name;
    EXPECT_TRUE(checkpoint->warnings.empty()) << name << ": " << checkpoint->warnings[0].message;
  }
}

TEST(MultimodalCheckpoint, HasThePublishedCountsOfTensorsAndParameters) {
  MultimodalConfig config;
  config.spectra.conv_channels = {3, 64, 64, 32, 32};
  const auto count = [&] { return multimodal_tensors(config, 37); };
  EXPECT_EQ(count().size(), 153u);
  std::int64_t parameters = 0;
  for (const TensorSpec& spec : count()) {
    std::int64_t n = spec.role == TensorRole::positions ? 0 : 1;
    for (const std::int64_t extent : spec.shape) n *= extent;
    parameters += n;
  }
  EXPECT_EQ(parameters, 15'869'827);
  config.classification = true;
  EXPECT_EQ(count().size(), 155u);
}

TEST(MultimodalCheckpoint, ReadsEveryTypeOfWeights) {
  for (const std::string name : {"tiny_spectra", "tiny_meta", "tiny_fused"}) {
    const auto plain = load_multimodal_checkpoint(multimodal_golden(name));
    for (const std::string dtype : {"F16", "BF16", "F64"}) {
      const ScratchCheckpoint scratch(name);
      scratch.convert(dtype);
      const auto other = load_multimodal_checkpoint(scratch.path());
      // Half a step of the type; below 2^-14 the steps of float16 are 2^-24.
      const double relative = dtype == "F64" ? 0 : dtype == "F16" ? 0x1p-11 : 0x1p-8;
      const double least = dtype == "F16" ? 0x1p-25 : 0;
      const TensorMap& a = plain->space;
      for (const auto& [key, tensor] : other->space) {
        for (std::size_t i = 0; i < tensor.data.size(); ++i) {
          const float expected = a.find(key)->second.data[i];
          const double difference = std::abs(tensor.data[i] - expected);
          EXPECT_LE(difference, std::max(relative * std::abs(expected), least))
              << name << " " << dtype << " " << key;
        }
      }
    }
  }
}

TEST(MultimodalCheckpoint, NamesEveryTensorThatIsMissing) {
  const ScratchCheckpoint scratch("tiny_clip");
  scratch.rename("spectra_encoder.layers.3.bias", "spectra_encoder.layers.4.bias");
  expect_words(error_of(scratch.path()), {"1 required tensor is missing: spectra_encoder.layers.3.bias",
                                          "spectra_encoder.layers.4.bias"});
}

TEST(MultimodalCheckpoint, NamesBothSizesOfATensorOfAnother) {
  const ScratchCheckpoint scratch("tiny_clip");
  scratch.edit_config("\"hidden_dim\": 24", "\"hidden_dim\": 25");
  expect_words(error_of(scratch.path()), {"photometry_proj.weight", "[25,384]", "hidden_dim=25", "[24,384]"});
}

// MM03: a flattened spectrum that the projection is not made for.
TEST(MultimodalCheckpoint, NamesBothSidesWhereTheFlattenedSpectrumDoesNotFit) {
  const ScratchCheckpoint scratch("tiny_spectra");
  scratch.edit_config("    32\n", "    48\n");
  expect_words(error_of(scratch.path()),
               {"fc.weight", "has 1184 columns", "a multiple of 48", "[3,4,4,4,48]"});
}

// MM03: the columns of metadata.
TEST(MultimodalCheckpoint, NamesBothSidesWhereTheColumnsOfMetadataDoNotFit) {
  const ScratchCheckpoint scratch("tiny_meta");
  scratch.edit_config("\"input_dim\": 34", "\"input_dim\": 33");
  expect_words(error_of(scratch.path()), {"model.0.weight", "[16,33]", "input_dim=33", "[16,34]"});
}

TEST(MultimodalCheckpoint, RefusesAHeadWhereNoneBelongsAndNoneWhereOneDoes) {
  const ScratchCheckpoint with("tiny_fused");
  with.edit_config("\"classification\": true", "\"classification\": false");
  expect_words(error_of(with.path()), {"fc.weight", "there is a head", "\"classification\": false"});
  const ScratchCheckpoint without("tiny_clip");
  without.edit_config("\"classification\": false", "\"classification\": true");
  expect_words(error_of(without.path()), {"fc.weight", "there is no head", "\"classification\": true"});
}

// MM03: a fusion that there is not.
TEST(MultimodalCheckpoint, RefusesAnotherFusion) {
  const ScratchCheckpoint scratch("tiny_clip");
  scratch.edit_config("\"avg\"", "\"max\"");
  expect_words(error_of(scratch.path(), Status::bad_config), {"/fusion", "\"avg\" or \"concat\"", "\"max\""});
}

TEST(MultimodalCheckpoint, NamesTheKeyOfAPartAsTheFileSpellsIt) {
  const ScratchCheckpoint scratch("tiny_clip");
  scratch.edit_config("\"p_n_heads\": 2", "\"p_n_heads\": 3");
  expect_words(error_of(scratch.path(), Status::bad_config), {"/p_n_heads", "must divide d_model = 16"});
  const ScratchCheckpoint other("tiny_clip");
  other.edit_config("\"s_kernel_size\": 3", "\"s_kernel_size\": 0");
  expect_words(error_of(other.path(), Status::bad_config), {"/s_kernel_size", "must be 1 to", "found 0"});
}

TEST(MultimodalCheckpoint, IsNotThatOfAPhotoEncoder) {
  expect_words(error_of(std::filesystem::path(ASTROM3_TEST_DATA) / "tiny", Status::bad_config),
               {"config.json", "photo encoder"});
}

// Ours: a shared space of two modalities.
TEST(MultimodalConfig, MayHaveTwoOfTheModalities) {
  std::vector<Diagnostic> warnings;
  MultimodalConfig config = read_multimodal_config(multimodal_golden("tiny_clip") / "config.json", warnings);
  EXPECT_EQ(to_json(config).find("modalities"), std::string::npos);  // upstream's has no such key
  config.modalities = {true, false, true};
  const std::string text = to_json(config);
  const MultimodalConfig again = parse_multimodal_config(text, "again", warnings);
  EXPECT_TRUE(warnings.empty());
  EXPECT_EQ(again.modalities, config.modalities);
  EXPECT_FALSE(again.has(Modality::spectra));
  EXPECT_EQ(to_json(again), text);
  const auto refuses = [&](const std::string& list, const char* words) {
    std::string other = text;
    const std::size_t at = other.find("[\"photo\", \"metadata\"]");
    ASSERT_NE(at, std::string::npos);
    other.replace(at, std::string("[\"photo\", \"metadata\"]").size(), list);
    try {
      parse_multimodal_config(other, "config.json", warnings);
      ADD_FAILURE() << list;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(words), std::string::npos) << error.what();
    }
  };
  refuses("[\"photo\"]", "less than two");
  refuses("[\"photo\", \"photo\"]", "each once");
  refuses("[\"photo\", \"radio\"]", "radio");
  refuses("3", "must be an array");
}

TEST(MultimodalConfig, IsReadBackFromItsOwnText) {
  for (const char* name : {"tiny_spectra", "odd_spectra", "tiny_meta", "tiny_clip", "tiny_fused_concat"}) {
    std::vector<Diagnostic> warnings;
    const MultimodalConfig config = read_multimodal_config(multimodal_golden(name) / "config.json", warnings);
    const std::string text = to_json(config);
    EXPECT_EQ(to_json(parse_multimodal_config(text, "again", warnings)), text);
    EXPECT_TRUE(warnings.empty()) << warnings[0].message;
  }
}

}  // namespace
}  // namespace astrom3
