// SPDX-License-Identifier: MIT
//
// The tensors of every kind of checkpoint beside the photo encoder: upstream's names and shapes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "astrom3/shared_space/multimodal_checkpoint.h"
#include "encoder/checkpoint_layout.h"

namespace astrom3 {

/// What stands before the names of a modality's encoder in a checkpoint of the shared space.
std::string encoder_prefix(Modality modality);

/// weight and bias of the projection of a modality into the shared space.
AffineNames projection_names(Modality modality);

/// The tensor with the logarithm of a pair's temperature: a scalar.
std::string temperature_name(const ModalityPair& pair);

/// Numbers that the encoder of a modality gives; of spectra, with `positions` left of the pixels.
std::int64_t flat_size(const MultimodalConfig& config, Modality modality, std::int64_t positions);

/// The tensor whose columns are the numbers of a flattened spectrum: of the head, or of the projection.
std::string flat_spectrum_reader(const MultimodalConfig& config);

/// All tensors that the configuration calls for, all required, under their names in the file.
std::vector<TensorSpec> multimodal_tensors(const MultimodalConfig& config, std::int64_t positions);

/// Those of them that belong to no encoder: projections, temperatures, and the head where there is one.
std::vector<TensorSpec> space_tensors(const MultimodalConfig& config, std::int64_t positions);

}  // namespace astrom3
