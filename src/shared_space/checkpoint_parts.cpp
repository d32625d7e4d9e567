// SPDX-License-Identifier: MIT
#include "shared_space/checkpoint_parts.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/checkpoint_files.h"
#include "astrom3/base/error.h"
#include "astrom3/encoder/checkpoint.h"
#include "astrom3/shared_space/modality.h"
#include "astrom3/shared_space/multimodal_checkpoint.h"
#include "astrom3/spectra_encoder/spectra_encoder.h"
#include "encoder/checkpoint_layout.h"
#include "encoder/random_checkpoint.h"
#include "encoder/write_checkpoint.h"
#include "shared_space/checkpoint_layout.h"
#include "shared_space/multimodal_config.h"

namespace astrom3 {
namespace {

std::string prefix_of(const MultimodalConfig& config, Modality modality) {
  return config.kind == CheckpointKind::shared ? encoder_prefix(modality) : "";
}

std::vector<TensorSpec> all_specs(const MultimodalCheckpoint& checkpoint) {
  return multimodal_tensors(checkpoint.config, static_cast<std::int64_t>(checkpoint.spectra_positions));
}

void add_prefixed(TensorMap& all, const TensorMap& part, const std::string& prefix) {
  for (const auto& [name, tensor] : part) all.emplace(prefix + name, tensor);
}

/// Puts the values of `from` under the same names, without their prefix, into `part`.
void replace_part(TensorMap& part, TensorMap& from, const std::string& prefix) {
  for (auto& [name, tensor] : part) {
    const auto found = from.find(prefix + name);
    if (found != from.end()) tensor = std::move(found->second);
  }
}

}  // namespace

TensorMap joined_parts(const MultimodalCheckpoint& checkpoint) {
  const MultimodalConfig& config = checkpoint.config;
  TensorMap all = checkpoint.space;
  if (config.has(Modality::photo))
    add_prefixed(all, checkpoint.photo->tensors, prefix_of(config, Modality::photo));
  if (config.has(Modality::spectra))
    add_prefixed(all, checkpoint.spectra, prefix_of(config, Modality::spectra));
  if (config.has(Modality::metadata))
    add_prefixed(all, checkpoint.metadata, prefix_of(config, Modality::metadata));
  return all;
}

void replace_parts(MultimodalCheckpoint& checkpoint, TensorMap tensors) {
  const MultimodalConfig& config = checkpoint.config;
  checkpoint.sha256.clear();
  replace_part(checkpoint.space, tensors, "");
  replace_part(checkpoint.spectra, tensors, prefix_of(config, Modality::spectra));
  replace_part(checkpoint.metadata, tensors, prefix_of(config, Modality::metadata));
  if (checkpoint.photo == nullptr) return;
  auto photo = std::make_shared<Checkpoint>(*checkpoint.photo);
  photo->sha256.clear();
  replace_part(photo->tensors, tensors, prefix_of(config, Modality::photo));
  checkpoint.photo = std::move(photo);
}

MultimodalCheckpoint random_multimodal_checkpoint(const MultimodalConfig& config, std::size_t positions,
                                                  std::uint64_t seed, float logit_scale) {
  std::vector<Diagnostic> warnings;
  MultimodalCheckpoint checkpoint;
  checkpoint.config = parse_multimodal_config(to_json(config), kConfigName, warnings);
  checkpoint.spectra_positions = config.has(Modality::spectra) ? positions : 0;
  checkpoint.file_metadata = {{"format", "pt"}, {"astrom3.trained", "false"}, {"astrom3.attention", "full"}};
  std::vector<TensorSpec> specs = all_specs(checkpoint);
  TensorMap all;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    const bool is_temperature = specs[i].shape.empty();
    all[specs[i].name] = is_temperature ? Tensor{.shape = {}, .data = {logit_scale}, .dtype = "F32"}
                                        : random_tensor(specs[i], seed, i);
  }
  const auto take = [&](const TensorMap& from, const std::string& prefix) {
    TensorMap part;
    for (const auto& [name, tensor] : from) {
      if (name.starts_with(prefix)) part.emplace(name.substr(prefix.size()), tensor);
    }
    return part;
  };
  TensorMap space;
  for (const TensorSpec& spec : space_tensors(checkpoint.config, static_cast<std::int64_t>(positions)))
    space.insert(all.extract(spec.name));
  checkpoint.space = std::move(space);
  if (config.has(Modality::spectra)) checkpoint.spectra = take(all, prefix_of(config, Modality::spectra));
  if (config.has(Modality::metadata)) checkpoint.metadata = take(all, prefix_of(config, Modality::metadata));
  if (config.has(Modality::photo)) {
    auto photo = std::make_shared<Checkpoint>();
    photo->config = checkpoint.config.photo;
    photo->metadata = checkpoint.file_metadata;
    photo->tensors = take(all, prefix_of(config, Modality::photo));
    checkpoint.photo = std::move(photo);
  }
  return checkpoint;
}

void write_multimodal_checkpoint(const std::filesystem::path& directory,
                                 const MultimodalCheckpoint& checkpoint,
                                 const std::optional<std::string>& preprocessing, WeightsDtype dtype) {
  const TensorMap all = joined_parts(checkpoint);
  CheckpointContents contents{.config = to_json(checkpoint.config),
                              .preprocessing = preprocessing,
                              .tensors = {},
                              .metadata = checkpoint.file_metadata};
  for (const TensorSpec& spec : all_specs(checkpoint))
    contents.tensors.emplace_back(spec.name, &all.find(spec.name)->second);
  write_checkpoint_files(directory, contents, dtype);
}

}  // namespace astrom3
