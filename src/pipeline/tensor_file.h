// SPDX-License-Identifier: MIT
//
// Files that hold light curves as tensors.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "astrom3/encoder/checkpoint.h"
#include "formats/safetensors.h"

namespace astrom3 {

struct TensorFile {
  std::vector<float> x_enc;  ///< [B, T, 9]
  std::vector<float> mask;   ///< [B, T]
  /// Of each object of a folder whether `preprocess` rejected it; only the others are among the B. Empty: all
  /// are.
  std::vector<bool> rejected{};
};

/// Reads a folder of `preprocess`, a safetensors file with `x_enc` [B, T, 9] and `mask` [B, T] in float32, or
/// a Parquet table with `photometry`, for each light curve a list of rows of nine numbers (AstroM3Processed),
/// of which the middle T are taken, or all rows and zeros after them. Every value is finite. Throws Error
/// bad_tensors naming tensor and element, or row; also where scaling.json of a folder has other numbers than
/// `checkpoint`.
TensorFile read_tensor_file(const std::filesystem::path& file, const Checkpoint& checkpoint);

/// Opens an input of tensors: what makes a safetensors file unusable is the same as for a checkpoint, but the
/// fault is the input's. Throws Error bad_tensors.
SafetensorsFile open_tensors(const std::filesystem::path& path);

/// The float32 tensor `name` of shape [B, tail...]; every value finite. Throws Error bad_tensors naming
/// tensor and element.
std::vector<float> read_float_tensor(const SafetensorsFile& file, const std::filesystem::path& path,
                                     const std::string& name, const std::vector<std::int64_t>& tail);

}  // namespace astrom3
