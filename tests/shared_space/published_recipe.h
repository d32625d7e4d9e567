// SPDX-License-Identifier: MIT
//
// The weights of the golden case full_clip, of the published size: made by their recipe instead of being
// stored.
#pragma once

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "astrom3/shared_space/multimodal_checkpoint.h"
#include "base/regular_file.h"
#include "base/sha256.h"
#include "encoder/required_tensor.h"
#include "formats/json.h"
#include "shared_space/checkpoint_layout.h"

namespace astrom3 {

/// h = FNV-1a64(name), z = h + i through splitmix64, u = (z >> 40) 2^-23 - 1: exact in any language.
inline double recipe_uniform(const std::string& name, std::uint64_t i) {
  std::uint64_t h = 0xCBF29CE484222325ull;
  for (const char c : name) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001B3ull;
  std::uint64_t z = h + i + 0x9E3779B97F4A7C15ull;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  z ^= z >> 31;
  return static_cast<double>(z >> 40) * 0x1p-23 - 1.0;
}

/// The tensor of that spec. Matrices have u times a power of two for their fan-in, vectors u / 16, norms u /
/// 8 and one more for their weights.
inline Tensor recipe_tensor(const TensorSpec& spec) {
  Tensor tensor{.shape = spec.shape, .data = {}, .dtype = "F32"};
  std::size_t count = 1, fan = 1;
  for (std::size_t k = 0; k < spec.shape.size(); ++k) {
    count *= static_cast<std::size_t>(spec.shape[k]);
    if (k > 0) fan *= static_cast<std::size_t>(spec.shape[k]);
  }
  if (spec.shape.empty()) {
    const double scale = spec.name.ends_with("ps") ? 14.3 : spec.name.ends_with("sm") ? 40 : 99;
    tensor.data = {static_cast<float>(std::log(scale))};
    return tensor;
  }
  if (spec.role == TensorRole::positions) {
    std::vector<double> positions(count);
    fill_positions(spec.shape[1], spec.shape[2], positions.data());
    tensor.data.assign(positions.begin(), positions.end());
    return tensor;
  }
  const bool is_norm = spec.name.find("norm") != std::string::npos;
  const double scale = spec.shape.size() > 1
                           ? std::ldexp(1.0, -((static_cast<int>(std::bit_width(fan)) - 1) / 2))
                       : is_norm ? 1.0 / 8
                                 : 1.0 / 16;
  const double plus = spec.role == TensorRole::norm_weight ? 1 : 0;
  for (std::size_t i = 0; i < count; ++i)
    tensor.data.push_back(static_cast<float>(recipe_uniform(spec.name, i) * scale + plus));
  return tensor;
}

/// The checkpoint of full_clip, in memory; the hash of every tensor must be the one in recipe.json.
inline std::shared_ptr<const MultimodalCheckpoint> make_published(const std::filesystem::path& folder) {
  auto checkpoint = std::make_shared<MultimodalCheckpoint>();
  checkpoint->config = read_multimodal_config(folder / "config.json", checkpoint->warnings);
  checkpoint->spectra_positions = 37;
  const std::string text = read_text_file(folder / "recipe.json", std::size_t{1} << 20, Status::bad_config);
  const JsonValue recipe = parse_json(text, {.code = Status::bad_config, .file = "recipe.json"});
  const JsonValue& hashes = *recipe.find("tensors");
  const std::vector<TensorSpec> specs = multimodal_tensors(checkpoint->config, 37);
  EXPECT_EQ(specs.size(), hashes.keys.size());
  TensorMap all;
  for (const TensorSpec& spec : specs) {
    Tensor tensor = recipe_tensor(spec);
    EXPECT_EQ(sha256_hex(std::as_bytes(std::span(tensor.data))),
              hashes.find(spec.name)->find("sha256_of_float32_le")->text)
        << spec.name;
    all[spec.name] = std::move(tensor);
  }
  auto photo = std::make_shared<Checkpoint>();
  photo->config = checkpoint->config.photo;
  photo->tensors = take_part(all, encoder_prefix(Modality::photo));
  checkpoint->photo = std::move(photo);
  checkpoint->spectra = take_part(all, encoder_prefix(Modality::spectra));
  checkpoint->metadata = take_part(all, encoder_prefix(Modality::metadata));
  checkpoint->space = std::move(all);
  return checkpoint;
}

}  // namespace astrom3
