// SPDX-License-Identifier: MIT
#include "train_step/multimodal_layout.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "astrom3/metadata_encoder/metadata_encoder.h"
#include "astrom3/shared_space/modality.h"
#include "astrom3/shared_space/multimodal_checkpoint.h"
#include "base/aligned_buffer.h"
#include "encoder/checkpoint_layout.h"
#include "encoder/sizes.h"
#include "metadata_encoder/checkpoint_layout.h"
#include "shared_space/checkpoint_layout.h"
#include "train_step/parameters.h"

namespace astrom3::train {
namespace {

/// Of a list of specs, the one of that name.
const TensorSpec& spec_of(const std::vector<TensorSpec>& specs, const std::string& name) {
  return *std::find_if(specs.begin(), specs.end(), [&](const TensorSpec& s) { return s.name == name; });
}

std::size_t padded(std::int64_t n) {
  return round_up(static_cast<std::size_t>(n), kVectorLanes);
}

std::size_t itself(std::size_t i) {
  return i;
}

}  // namespace

MultimodalLayout::MultimodalLayout(const MultimodalConfig& config, std::size_t n_pixels) {
  const bool is_shared = config.kind == CheckpointKind::shared;
  const auto prefix = [&](Modality modality) { return is_shared ? encoder_prefix(modality) : ""; };
  if (config.has(Modality::photo)) {
    photo_sizes.emplace(config.photo, 0);
    photo.emplace(*photo_sizes);
    photo_first = size;
    add_part(photo->tensors, photo->decays, photo->size, prefix(Modality::photo));
  }
  if (config.has(Modality::spectra)) {
    spectra.emplace(config.spectra, n_pixels);
    spectra_first = size;
    add_part(spectra->tensors, spectra->decays, spectra->size, prefix(Modality::spectra));
  }
  if (config.has(Modality::metadata)) add_metadata(config.metadata, prefix(Modality::metadata));
  if (is_shared) add_space(config);
  if (config.classification) add_head(config);
}

std::size_t MultimodalLayout::flat_size(Modality modality) const {
  if (modality == Modality::photo) return photo_sizes->T * photo_sizes->D_padded;
  return modality == Modality::spectra ? spectra->flat_size() : metadata->second.n;
}

void MultimodalLayout::add_part(const std::vector<TensorPlace>& places,
                                const std::vector<ParameterRange>& matrices, std::size_t count,
                                const std::string& prefix) {
  for (const TensorPlace& tensor : places) {
    tensors.push_back({prefix + tensor.name, tensor.shape,
                       [first = size, place = tensor.place](std::size_t i) { return first + place(i); }});
  }
  for (const ParameterRange& matrix : matrices) decays.push_back({size + matrix.first, matrix.count});
  size += count;
}

void MultimodalLayout::add_metadata(const MetadataConfig& config, const std::string& prefix) {
  std::vector<TensorSpec> specs = metadata_tensors(config);
  for (TensorSpec& spec : specs) spec.name = prefix + spec.name;
  const LinearPlace first = add_linear(specs[0], specs[1], padded(config.input_dim), itself);
  const LinearPlace second = add_linear(specs[2], specs[3], padded(config.hidden_dim), itself);
  metadata = MetadataPlaces{first, second};
}

void MultimodalLayout::add_space(const MultimodalConfig& config) {
  const std::size_t positions = spectra ? spectra->positions() : 0;
  const std::vector<TensorSpec> specs = space_tensors(config, static_cast<std::int64_t>(positions));
  space_ = padded(config.hidden_dim);
  is_concatenated_ = config.fusion == Fusion::concat;
  const std::size_t first = size;
  size += kVectorLanes;
  for (std::size_t k = 0; k < kModalityPairs.size(); ++k) {
    const ModalityPair& pair = kModalityPairs[k];
    if (!config.has(pair.rows) || !config.has(pair.columns)) continue;
    temperatures[k] = first + k;
    tensors.push_back({temperature_name(pair), {}, [place = first + k](std::size_t) { return place; }});
  }
  for (const Modality modality : kModalities) {
    if (!config.has(modality)) continue;
    const AffineNames names = projection_names(modality);
    projections[index_of(modality)] = add_linear(spec_of(specs, names.weight), spec_of(specs, names.bias),
                                                 flat_size(modality), flat_place(modality));
  }
}

void MultimodalLayout::add_head(const MultimodalConfig& config) {
  const std::size_t positions = spectra ? spectra->positions() : 0;
  const std::vector<TensorSpec> specs = space_tensors(config, static_cast<std::int64_t>(positions));
  const AffineNames names = head_names();
  const TensorSpec &weight = spec_of(specs, names.weight), &bias = spec_of(specs, names.bias);
  if (config.kind != CheckpointKind::shared) {
    const Modality only = spectra ? Modality::spectra : Modality::metadata;
    head = add_linear(weight, bias, flat_size(only), flat_place(only));
    return;
  }
  const auto width = static_cast<std::size_t>(config.hidden_dim);
  head =
      add_linear(weight, bias, space_ * (is_concatenated_ ? kModalityCount : 1),
                 [=, padded_width = space_](std::size_t i) { return i / width * padded_width + i % width; });
}

LinearPlace MultimodalLayout::add_linear(const TensorSpec& weight, const TensorSpec& bias, std::size_t inputs,
                                         std::function<std::size_t(std::size_t)> column) {
  const auto columns = static_cast<std::size_t>(weight.shape[1]);
  const std::size_t n = padded(weight.shape[0]);
  const LinearPlace place{.weight = size, .bias = size + n * inputs, .n = n, .k = inputs};
  tensors.push_back({weight.name, weight.shape, [=](std::size_t i) {
                       return place.weight + i / columns * inputs + column(i % columns);
                     }});
  tensors.push_back({bias.name, bias.shape, [=](std::size_t i) { return place.bias + i; }});
  decays.push_back({place.weight, n * inputs});
  size += n * inputs + n;
  return place;
}

std::function<std::size_t(std::size_t)> MultimodalLayout::flat_place(Modality modality) const {
  if (modality == Modality::photo) {
    return
        [D = photo_sizes->D, width = photo_sizes->D_padded](std::size_t i) { return i / D * width + i % D; };
  }
  if (modality == Modality::metadata) return itself;
  return [positions = spectra->positions(), width = spectra->width()](std::size_t i) {
    return i % positions * width + i / positions;  // the file goes channel by channel
  };
}

}  // namespace astrom3::train
