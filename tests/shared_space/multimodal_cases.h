// SPDX-License-Identifier: MIT
//
// Golden numbers of the encoders beside photometry, and how far a result is from them.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "astrom3/shared_space/multimodal_encoder.h"
#include "formats/safetensors.h"
#include "tests/encoder/encoder_cases.h"

namespace astrom3 {

/// A folder of tests/golden/multimodal, or of the material beside the checkout where it is larger.
inline std::filesystem::path multimodal_golden(const std::string& name) {
  const auto here = std::filesystem::path(ASTROM3_TEST_DATA) / "multimodal" / name;
  return std::filesystem::exists(here)
             ? here
             : std::filesystem::path(ASTROM3_SHARED_DIR) / "golden/multimodal" / name;
}

/// The promise of the project: float32 stays within 1e-5 of the largest number.
inline void expect_golden(const std::vector<float>& found, const SafetensorsFile& cases,
                          const std::string& name) {
  const std::vector<double> exact = to_float64(cases.at(name));
  EXPECT_LE(worst_difference(found, exact), 1e-5 * largest_magnitude(exact)) << name;
}

/// The inputs of golden cases, by modality.
struct MultimodalCases {
  explicit MultimodalCases(const SafetensorsFile& file) {
    for (const Modality modality : kModalities) {
      const std::string name =
          modality == Modality::photo ? "photometry" : std::string(modality_name(modality));
      if (file.contains(name)) values[index_of(modality)] = to_float32(file.at(name));
    }
    if (file.contains("photometry_mask")) mask = to_float32(file.at("photometry_mask"));
    if (file.contains("spectra")) n_pixels = static_cast<std::size_t>(file.at("spectra").shape()[2]);
  }

  ModalityInput input(Modality modality) const {
    return {.modality = modality,
            .values = values[index_of(modality)],
            .mask = modality == Modality::photo ? std::span<const float>(mask) : std::span<const float>(),
            .n_pixels = modality == Modality::spectra ? n_pixels : 0};
  }
  /// The objects from `first` on, `n` of `B`.
  MultimodalCases part(std::size_t B, std::size_t first, std::size_t n) const {
    MultimodalCases out = *this;
    for (std::vector<float>* v : {&out.values[0], &out.values[1], &out.values[2], &out.mask}) {
      const auto size = static_cast<std::ptrdiff_t>(v->size() / B);
      v->assign(v->begin() + static_cast<std::ptrdiff_t>(first) * size,
                v->begin() + static_cast<std::ptrdiff_t>(first + n) * size);
    }
    return out;
  }

  PerModality<std::vector<float>> values;
  std::vector<float> mask;
  std::size_t n_pixels = 0;
};

inline std::vector<float> flat_of(const MultimodalEncoder& encoder, const ModalityInput& input) {
  std::vector<float> flat(encoder.count(input) * encoder.flat_size(input));
  encoder.encode(input, flat);
  return flat;
}

inline std::vector<float> embedding_of(const MultimodalEncoder& encoder, const ModalityInput& input,
                                       std::size_t n_threads = 1) {
  std::vector<float> out(encoder.count(input) * encoder.embedding_size());
  std::vector<Status> status(encoder.count(input), Status::internal);
  encoder.embed(input, out, status, n_threads);
  for (const Status one : status) EXPECT_EQ(status_name(one), "ok");
  return out;
}

inline std::vector<float> logits_of(const MultimodalEncoder& encoder, const std::vector<float>& fused) {
  std::vector<float> logits(fused.size() / encoder.fused_size() * encoder.class_count());
  encoder.classify(fused, logits);
  return logits;
}

/// The embeddings of the modalities in `letters` ("ps"), fused object by object.
inline std::vector<float> fused_of(const MultimodalEncoder& encoder, const MultimodalCases& cases,
                                   const std::string& letters) {
  PerModality<std::vector<float>> embeddings;
  std::size_t B = 0;
  for (const Modality modality : kModalities) {
    if (letters.find(modality_name(modality)[0]) == std::string::npos) continue;
    embeddings[index_of(modality)] = embedding_of(encoder, cases.input(modality));
    B = encoder.count(cases.input(modality));
  }
  const std::size_t width = encoder.embedding_size();
  std::vector<float> fused(B * encoder.fused_size());
  for (std::size_t b = 0; b < B; ++b) {
    ObjectEmbeddings object{};
    for (std::size_t m = 0; m < kModalityCount; ++m)
      object[m] = embeddings[m].empty() ? nullptr : embeddings[m].data() + b * width;
    EXPECT_EQ(encoder.fuse(object, std::span(fused).subspan(b * encoder.fused_size(), encoder.fused_size())),
              Status::ok);
  }
  return fused;
}

}  // namespace astrom3
