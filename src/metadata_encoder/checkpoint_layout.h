// SPDX-License-Identifier: MIT
//
// The tensors of a metadata encoder: upstream's names, and the shapes that a configuration calls for.
#pragma once

#include <vector>

#include "astrom3/metadata_encoder/metadata_encoder.h"
#include "encoder/checkpoint_layout.h"

namespace astrom3 {

/// weight and bias of the first layer, then of the second; upstream numbers ReLU and dropout, too.
std::vector<TensorSpec> metadata_tensors(const MetadataConfig& config);

}  // namespace astrom3
