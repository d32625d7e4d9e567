// SPDX-License-Identifier: MIT
//
// Objects with any of their modalities to the tensors of the encoders: a folder of arrays.
#pragma once

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <functional>

#include "astrom3/pipeline/embed_modalities.h"

namespace astrom3 {

/// Sizes of the tensors that encoders read.
struct TensorSizes {
  std::size_t n_steps = 200;    ///< of light curves
  std::size_t n_pixels = 2575;  ///< of spectra
  std::size_t n_columns = 34;   ///< of metadata
};

/// What embed_modalities() gives the encoders, row by row in its order, as float32 arrays in `folder`:
///
///   x_enc.npy [N, T, 9] and mask.npy [N, T]   where there are light curves
///   spectra.npy [N, 3, pixels]                where there are spectra
///   metadata.npy [N, columns]                 where there are metadata
///   objects.csv                               object_id, status, flags, modalities
///   meta.json                                 the identity
///   scaling.json                              the scaling, as in preprocessor_config.json: train needs it
///
/// An object without a modality is zeros in its array; `modalities` of objects.csv says which it has.
/// encode_modalities() reads the folder. `folder` must be new or empty unless `force`. Nothing is final
/// before all is complete. Throws Error as embed_modalities(), and output_error.
MultimodalSummary preprocess_modalities(const ModalitySources& sources, const TensorSizes& sizes,
                                        const MultimodalRequest& request, const std::filesystem::path& folder,
                                        bool force, const Identity& identity,
                                        const std::atomic<bool>* stop = nullptr,
                                        const std::function<void(const RunProgress&)>& progress = {});

/// What such a folder says of itself: the grid and the treatment of spectra, the columns of metadata and
/// their scaling.
Identity describe_tensors(const ModalitySources& sources, const MultimodalRequest& request);

}  // namespace astrom3
