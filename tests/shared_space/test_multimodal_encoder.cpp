// SPDX-License-Identifier: MIT
//
// The encoders of every modality and their shared space against golden numbers, which were computed in
// float64 and agree with upstream's own modules to 1e-15.
#include <cmath>
#include <map>

#include "tests/kernels/kernel_testing.h"
#include "tests/shared_space/multimodal_cases.h"
#include "tests/shared_space/published_recipe.h"

namespace astrom3 {
namespace {

class MultimodalGolden : public EveryIsa {
 protected:
  void open(const std::string& name, AttentionOptions attention = {}) {
    folder_ = multimodal_golden(name);
    if (!std::filesystem::exists(folder_)) GTEST_SKIP() << folder_ << " is not there";
    encoder_.emplace(load_multimodal_checkpoint(folder_),
                     EncoderOptions{.isa = GetParam(), .attention = std::move(attention)});
    file_.emplace(SafetensorsFile::open(folder_ / "cases.safetensors"));
    cases_.emplace(*file_);
  }

  /// A checkpoint of one modality: what its encoder gives, and the head's logits of that.
  void expect_single(const std::string& name, Modality modality, const std::string& flat_name) {
    open(name);
    if (IsSkipped()) return;
    const std::vector<float> flat = flat_of(*encoder_, cases_->input(modality));
    expect_golden(flat, *file_, flat_name);
    EXPECT_EQ(flat, embedding_of(*encoder_, cases_->input(modality)));
    expect_golden(logits_of(*encoder_, flat), *file_, "logits");
  }

  /// The embeddings of all modalities, and the scaled cosines of each pair.
  void expect_space(const std::string& prefix) {
    PerModality<std::vector<float>> embeddings;
    for (const Modality modality : kModalities) {
      embeddings[index_of(modality)] = embedding_of(*encoder_, cases_->input(modality));
      expect_golden(embeddings[index_of(modality)], *file_,
                    prefix + std::string(modality_name(modality).substr(0, 1)) + "_emb");
    }
    for (const ModalityPair& pair : kModalityPairs) {
      expect_golden(cosines(embeddings[index_of(pair.rows)], embeddings[index_of(pair.columns)],
                            encoder_->temperature(pair)),
                    *file_, prefix + "logits_" + std::string(pair.name));
    }
  }

  std::vector<float> cosines(const std::vector<float>& rows, const std::vector<float>& columns, float scale) {
    const std::size_t width = encoder_->embedding_size(), B = rows.size() / width;
    std::vector<float> out;
    for (std::size_t i = 0; i < B * B; ++i) {
      double sum = 0;
      for (std::size_t k = 0; k < width; ++k)
        sum += static_cast<double>(rows[i / B * width + k]) * static_cast<double>(columns[i % B * width + k]);
      out.push_back(static_cast<float>(static_cast<double>(scale) * sum));
    }
    return out;
  }

  std::vector<std::uint32_t> draws() const {
    const SafetensorsFile file = SafetensorsFile::open(folder_ / "cases.safetensors");
    std::vector<std::uint32_t> out;
    for (const std::int64_t key : to_int64(file.at("probsparse_key_samples")))
      out.push_back(static_cast<std::uint32_t>(key));
    return out;
  }

  std::filesystem::path folder_;
  std::optional<MultimodalEncoder> encoder_;
  std::optional<SafetensorsFile> file_;
  std::optional<MultimodalCases> cases_;
};

TEST_P(MultimodalGolden, TinySpectraAreReproduced) {
  expect_single("tiny_spectra", Modality::spectra, "flat");
}
TEST_P(MultimodalGolden, SpectraOfOddSizesAreReproduced) {
  expect_single("odd_spectra", Modality::spectra, "flat");
}
TEST_P(MultimodalGolden, SpectraOfThePublishedSizeAreReproduced) {
  expect_single("full_spectra", Modality::spectra, "flat");
}
TEST_P(MultimodalGolden, TinyMetadataAreReproduced) {
  expect_single("tiny_meta", Modality::metadata, "hidden");
}
TEST_P(MultimodalGolden, MetadataOfThePublishedSizeAreReproduced) {
  expect_single("full_meta", Modality::metadata, "hidden");
}

TEST_P(MultimodalGolden, TheSharedSpaceIsReproduced) {
  open("tiny_clip");
  expect_space("");
}
TEST_P(MultimodalGolden, TheSharedSpaceIsReproducedWithUpstreamsDrawsOfAttention) {
  folder_ = multimodal_golden("tiny_clip");
  open("tiny_clip", {.form = Attention::probsparse, .key_samples = draws()});
  expect_space("probsparse_");
}

TEST_P(MultimodalGolden, AnySubsetOfModalitiesIsFusedByItsMean) {
  open("tiny_fused");
  expect_golden(logits_of(*encoder_, fused_of(*encoder_, *cases_, "psm")), *file_, "logits");
  for (const std::string letters : {"p", "s", "m", "ps", "sm", "pm"}) {
    expect_golden(logits_of(*encoder_, fused_of(*encoder_, *cases_, letters)), *file_, "logits_" + letters);
  }
}
TEST_P(MultimodalGolden, AllThreeAreFusedByConcatenationInTheirOrder) {
  open("tiny_fused_concat");
  expect_golden(logits_of(*encoder_, fused_of(*encoder_, *cases_, "psm")), *file_, "logits");
  const std::vector<float> photo = embedding_of(*encoder_, cases_->input(Modality::photo));
  std::vector<float> fused(encoder_->fused_size(), 1.0f);
  EXPECT_EQ(encoder_->fuse({photo.data(), nullptr, nullptr}, fused), Status::missing_modality);
  EXPECT_EQ(fused, std::vector<float>(fused.size()));
}

TEST_P(MultimodalGolden, TheSharedSpaceOfThePublishedSizeIsReproduced) {
  if (GetParam() == Isa::scalar)
    GTEST_SKIP() << "the published size takes a minute there; same bits are tested";
  folder_ = multimodal_golden("full_clip");
  if (!std::filesystem::exists(folder_)) GTEST_SKIP() << folder_ << " is not there";
  encoder_.emplace(make_published(folder_), EncoderOptions{.isa = GetParam()});
  file_.emplace(SafetensorsFile::open(folder_ / "cases.safetensors"));
  cases_.emplace(*file_);
  expect_space("");
}

// ---- the same bits
// ---------------------------------------------------------------------------------------------------

class SameMultimodalBits : public MultimodalGolden {
 protected:
  void expect_same_bits(const std::string& name) {
    open(name);
    const MultimodalEncoder scalar(load_multimodal_checkpoint(folder_), EncoderOptions{.isa = Isa::scalar});
    for (const Modality modality : kModalities) {
      const ModalityInput input = cases_->input(modality);
      if (input.values.empty()) continue;
      const std::vector<float> expected = embedding_of(scalar, input);
      EXPECT_EQ(first_difference(embedding_of(*encoder_, input), expected), -1);
      EXPECT_EQ(first_difference(embedding_of(*encoder_, input, 3), expected), -1);
      const std::size_t B = encoder_->count(input), width = encoder_->embedding_size();
      for (std::size_t b = 0; b < B; ++b) {
        const MultimodalCases one = cases_->part(B, b, 1);
        EXPECT_EQ(first_difference(embedding_of(*encoder_, one.input(modality)),
                                   std::span(expected).subspan(b * width, width)),
                  -1)
            << modality_name(modality) << " " << b;
      }
    }
  }
};

TEST_P(SameMultimodalBits, AsTheScalarPathForAnyBatchAndThreads) {
  for (const char* name : {"tiny_clip", "tiny_spectra", "odd_spectra", "tiny_meta"}) expect_same_bits(name);
}

INSTANTIATE_FOR_EVERY_ISA(MultimodalGolden);
INSTANTIATE_FOR_EVERY_ISA(SameMultimodalBits);

// ---- what cannot be embedded
// -----------------------------------------------------------------------------------------

MultimodalEncoder tiny(const std::string& name) {
  return MultimodalEncoder(load_multimodal_checkpoint(multimodal_golden(name)));
}

std::string usage_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Status::usage);
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

TEST(MultimodalEncoder, GivesAnEmbeddingWithoutLengthAStatusAndNoNumbers) {
  auto checkpoint =
      std::make_shared<MultimodalCheckpoint>(*load_multimodal_checkpoint(multimodal_golden("tiny_clip")));
  for (const char* name : {"metadata_proj.weight", "metadata_proj.bias"}) {
    auto& values = checkpoint->space.find(name)->second.data;
    std::fill(values.begin(), values.end(), 0.0f);
  }
  const MultimodalEncoder encoder(checkpoint);
  const std::vector<float> metadata(34, 1.0f);
  std::vector<float> embedding(encoder.embedding_size(), 7.0f);
  std::vector<Status> status(1);
  encoder.embed({.modality = Modality::metadata, .values = metadata}, embedding, status);
  EXPECT_EQ(status[0], Status::zero_embedding);
  EXPECT_EQ(embedding, std::vector<float>(embedding.size()));
}

TEST(MultimodalEncoder, GivesAnEmbeddingThatIsNotFiniteAStatusAndNoNumbers) {
  const MultimodalEncoder encoder = tiny("tiny_clip");
  std::vector<float> spectra(3 * 2575, 3e38f);
  std::vector<float> embedding(encoder.embedding_size(), 7.0f);
  std::vector<Status> status(1);
  encoder.embed({.modality = Modality::spectra, .values = spectra, .n_pixels = 2575}, embedding, status);
  EXPECT_EQ(status[0], Status::nonfinite_output);
  EXPECT_EQ(embedding, std::vector<float>(embedding.size()));
}

TEST(MultimodalEncoder, NamesTheModalityThatTheCheckpointLacks) {
  const MultimodalEncoder encoder = tiny("tiny_spectra");
  const std::vector<float> metadata(34);
  const std::string message =
      usage_of([&] { encoder.count({.modality = Modality::metadata, .values = metadata}); });
  EXPECT_NE(message.find("no encoder of metadata: its kind is spectra"), std::string::npos) << message;
}

TEST(MultimodalEncoder, NamesThePixelsThatTheWeightsAreFor) {
  const MultimodalEncoder encoder = tiny("tiny_spectra");
  const std::vector<float> spectra(3 * 2602);
  const std::string message =
      usage_of([&] { encoder.count({.modality = Modality::spectra, .values = spectra, .n_pixels = 2602}); });
  EXPECT_NE(message.find("2602 pixels; the weights are for 2538 to 2601"), std::string::npos) << message;
}

TEST(MultimodalEncoder, ClampsTemperatures) {
  const MultimodalEncoder encoder = tiny("tiny_clip");
  EXPECT_EQ(encoder.temperature(kModalityPairs[2]), 100.0f);  // the golden one is ln 120
}

TEST(MultimodalEncoder, FusesNothingToNothing) {
  const MultimodalEncoder encoder = tiny("tiny_fused");
  std::vector<float> fused(encoder.fused_size(), 1.0f);
  EXPECT_EQ(encoder.fuse({}, fused), Status::no_modality);
  EXPECT_EQ(fused, std::vector<float>(fused.size()));
}

TEST(MultimodalIdentity, ChangesWithEverythingThatDecidesANumber) {
  const auto checkpoint = load_multimodal_checkpoint(multimodal_golden("tiny_clip"));
  const auto of = [](std::shared_ptr<const MultimodalCheckpoint> c, AttentionOptions attention,
                     const std::string& inputs) {
    return model_identity(MultimodalEncoder(std::move(c), {.attention = std::move(attention)}), inputs);
  };
  const std::string plain = of(checkpoint, {}, "grid");
  EXPECT_EQ(plain, of(checkpoint, {}, "grid"));
  EXPECT_NE(plain, of(checkpoint, {}, "another"));
  EXPECT_NE(plain, of(checkpoint, {.form = Attention::probsparse_exact}, "grid"));
  auto other = std::make_shared<MultimodalCheckpoint>(*checkpoint);
  other->sha256[0] = other->sha256[0] == '0' ? '1' : '0';
  EXPECT_NE(plain, of(other, {}, "grid"));
  other = std::make_shared<MultimodalCheckpoint>(*checkpoint);
  other->config.fusion = Fusion::concat;
  EXPECT_NE(plain, of(other, {}, "grid"));
  other = std::make_shared<MultimodalCheckpoint>(*checkpoint);
  other->config.spectra.dropout_rate = 0.5;
  other->config.photo.dropout = 0.5;
  EXPECT_EQ(plain, of(other, {}, "grid"));  // inference does not use it
  other->sha256.clear();
  const std::string of_tensors = of(other, {}, "grid");
  other->spectra.begin()->second.data[0] += 1;
  EXPECT_NE(of_tensors, of(other, {}, "grid"));
}

}  // namespace
}  // namespace astrom3
