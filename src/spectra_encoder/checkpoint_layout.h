// SPDX-License-Identifier: MIT
//
// The tensors of a spectra encoder: upstream's names, and the shapes that a configuration calls for.
#pragma once

#include <cstddef>
#include <vector>

#include "astrom3/spectra_encoder/spectra_encoder.h"
#include "encoder/checkpoint_layout.h"

namespace astrom3 {

/// Pixels of the grid that spectra are brought to; what an encoder reads of which no weight says more.
inline constexpr std::size_t kGridPixels = 2575;

/// The two tensors of convolution `index`: upstream numbers ReLU and maximum, too, so that it is
/// layers.(3 index).
AffineNames convolution_names(std::size_t index);

/// weight [out, in, kernel_size] and bias [out] of every convolution.
std::vector<TensorSpec> spectra_tensors(const SpectraConfig& config);

}  // namespace astrom3
