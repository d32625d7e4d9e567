// SPDX-License-Identifier: MIT
#include "shared_space/checkpoint_layout.h"

#include <fmt/format.h>

#include <cstdint>
#include <iterator>
#include <string>
#include <vector>

#include "astrom3/shared_space/modality.h"
#include "astrom3/shared_space/multimodal_checkpoint.h"
#include "encoder/checkpoint_layout.h"
#include "encoder/required_tensor.h"
#include "metadata_encoder/checkpoint_layout.h"
#include "spectra_encoder/checkpoint_layout.h"

namespace astrom3 {
namespace {

std::string upstream_name(Modality modality) {
  return modality == Modality::photo ? "photometry" : std::string(modality_name(modality));
}

void add_linear(std::vector<TensorSpec>& specs, const AffineNames& names, std::int64_t outputs,
                std::int64_t inputs, const std::string& reason) {
  specs.push_back({names.weight, TensorRole::linear, {outputs, inputs}, inputs, reason});
  specs.push_back({names.bias, TensorRole::linear, {outputs}, inputs, reason});
}

std::vector<TensorSpec> encoder_tensors_of(const MultimodalConfig& config, Modality modality) {
  if (modality == Modality::photo) return encoder_tensors(config.photo);
  if (modality == Modality::spectra) return spectra_tensors(config.spectra);
  return metadata_tensors(config.metadata);
}

/// What the head is given.
std::int64_t head_inputs(const MultimodalConfig& config, std::int64_t positions) {
  if (config.kind == CheckpointKind::spectra) return flat_size(config, Modality::spectra, positions);
  if (config.kind == CheckpointKind::metadata) return flat_size(config, Modality::metadata, positions);
  const bool is_concat = config.fusion == Fusion::concat;
  return config.hidden_dim * (is_concat ? static_cast<std::int64_t>(kModalityCount) : 1);
}

}  // namespace

std::string encoder_prefix(Modality modality) {
  return upstream_name(modality) + "_encoder.";
}

AffineNames projection_names(Modality modality) {
  const std::string name = upstream_name(modality) + "_proj";
  return {.weight = name + ".weight", .bias = name + ".bias"};
}

std::string temperature_name(const ModalityPair& pair) {
  return fmt::format("logit_scale_{}", pair.name);
}

std::int64_t flat_size(const MultimodalConfig& config, Modality modality, std::int64_t positions) {
  if (modality == Modality::photo) return config.photo.seq_len * config.photo.d_model;
  if (modality == Modality::spectra) return config.spectra.conv_channels.back() * positions;
  return config.metadata.hidden_dim;
}

std::string flat_spectrum_reader(const MultimodalConfig& config) {
  return config.kind == CheckpointKind::shared ? projection_names(Modality::spectra).weight
                                               : head_names().weight;
}

std::vector<TensorSpec> space_tensors(const MultimodalConfig& config, std::int64_t positions) {
  std::vector<TensorSpec> specs;
  if (config.kind == CheckpointKind::shared) {
    for (const ModalityPair& pair : kModalityPairs) {
      if (!config.has(pair.rows) || !config.has(pair.columns)) continue;
      specs.push_back({temperature_name(pair), TensorRole::linear, {}, 0, "a scalar"});
    }
    for (const Modality modality : kModalities) {
      if (!config.has(modality)) continue;
      const std::int64_t inputs = flat_size(config, modality, positions);
      add_linear(specs, projection_names(modality), config.hidden_dim, inputs,
                 fmt::format("hidden_dim={}, the {} encoder gives {} numbers", config.hidden_dim,
                             modality_name(modality), inputs));
    }
  }
  if (config.classification) {
    const std::int64_t inputs = head_inputs(config, positions);
    add_linear(specs, head_names(), config.num_classes, inputs,
               fmt::format("num_classes={}, the head is given {} numbers", config.num_classes, inputs));
  }
  return specs;
}

std::vector<TensorSpec> multimodal_tensors(const MultimodalConfig& config, std::int64_t positions) {
  std::vector<TensorSpec> specs = space_tensors(config, positions);
  for (const Modality modality : kModalities) {
    if (!config.has(modality)) continue;
    const std::string prefix = config.kind == CheckpointKind::shared ? encoder_prefix(modality) : "";
    std::vector<TensorSpec> of_it = with_prefix(encoder_tensors_of(config, modality), prefix);
    specs.insert(specs.end(), std::make_move_iterator(of_it.begin()), std::make_move_iterator(of_it.end()));
  }
  return specs;
}

}  // namespace astrom3
