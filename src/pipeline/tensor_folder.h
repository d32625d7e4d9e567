// SPDX-License-Identifier: MIT
//
// A folder of tensors, as `preprocess` writes it: rows and arrays of the same objects.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "astrom3/features/scaling.h"
#include "astrom3/metadata/metadata.h"
#include "astrom3/shared_space/modality.h"
#include "formats/npy.h"

namespace astrom3 {

/// A row of objects.csv.
struct TensorRow {
  std::string object_id;  ///< empty where there is no such column
  std::string status, flags;
  PerModality<bool> has{};  ///< by `modalities`, or by `status` where there are light curves alone
};

/// Throws Error bad_tensors naming file and line.
std::vector<TensorRow> read_tensor_rows(const std::filesystem::path& folder);

/// An array whose sizes behind the first are `tail`, where 0 may be any. Throws Error bad_tensors: other
/// sizes, not `n_objects` rows, a value that is not finite.
NpyArray read_tensor_array(const std::filesystem::path& file, std::size_t n_objects,
                           const std::vector<std::int64_t>& tail);

/// The tensors were standardised as an encoder expects them, as far as scaling.json of the folder says
/// (older folders have none) and the expectation is known. Throws Error bad_tensors.
void require_scaling(const std::filesystem::path& folder, const std::optional<Scaling>& photo,
                     const std::optional<MetadataScaling>& metadata = {});

}  // namespace astrom3
