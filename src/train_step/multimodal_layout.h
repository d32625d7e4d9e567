// SPDX-License-Identifier: MIT
//
// Where each tensor of a checkpoint with several modalities lies in the one array of padded parameters.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "astrom3/shared_space/multimodal_checkpoint.h"
#include "encoder/sizes.h"
#include "train_step/parameters.h"
#include "train_step/spectra_layout.h"

namespace astrom3::train {

/// The two layers of the metadata encoder.
struct MetadataPlaces {
  LinearPlace first, second;
};

/// The photo encoder's part and the spectra encoder's are layouts of their own, whose places count from where
/// the part begins. All others count from the beginning of the array.
class MultimodalLayout {
 public:
  /// For spectra of `n_pixels`. Throws Error usage where they are too short.
  MultimodalLayout(const MultimodalConfig& config, std::size_t n_pixels);

  std::optional<EncoderSizes> photo_sizes;
  std::optional<ParameterLayout> photo;  ///< without a head
  std::optional<SpectraLayout> spectra;
  std::optional<MetadataPlaces> metadata;
  std::size_t photo_first = 0, spectra_first = 0;

  /// From the flattened result of an encoder into the shared space; only of a checkpoint of kind shared.
  PerModality<std::optional<LinearPlace>> projections;
  /// logit_scale of each pair; only of the pairs whose two modalities are there.
  std::array<std::optional<std::size_t>, kModalityPairs.size()> temperatures;
  std::optional<LinearPlace> head;

  std::vector<TensorPlace> tensors;
  std::vector<ParameterRange> decays;  ///< the matrices, ascending
  std::size_t size = 0;

  /// Numbers that an encoder gives, padded: what its projection, or the head, reads.
  std::size_t flat_size(Modality modality) const;
  std::size_t space() const { return space_; }  ///< of the shared space, padded
  bool is_concatenated() const { return is_concatenated_; }

 private:
  void add_part(const std::vector<TensorPlace>& places, const std::vector<ParameterRange>& matrices,
                std::size_t count, const std::string& prefix);
  void add_metadata(const MetadataConfig& config, const std::string& prefix);
  void add_space(const MultimodalConfig& config);
  void add_head(const MultimodalConfig& config);
  /// A matrix whose column i of the file is column `column(i)` of the place.
  LinearPlace add_linear(const TensorSpec& weight, const TensorSpec& bias, std::size_t inputs,
                         std::function<std::size_t(std::size_t)> column);
  /// Place of number i of a flattened result, as the file orders it, among flat_size() numbers.
  std::function<std::size_t(std::size_t)> flat_place(Modality modality) const;

  std::size_t space_ = 0;
  bool is_concatenated_ = false;
};

}  // namespace astrom3::train
