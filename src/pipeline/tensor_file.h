// SPDX-License-Identifier: MIT
//
// Files that hold light curves as tensors.
#pragma once

#include <filesystem>
#include <vector>

#include "astrom3/encoder/encoder.h"

namespace astrom3 {

struct TensorFile {
  std::vector<float> x_enc;  ///< [B, T, 9]
  std::vector<float> mask;   ///< [B, T]
};

/// Reads a safetensors file with `x_enc` [B, T, 9] and `mask` [B, T] in float32, or a Parquet table with
/// `photometry`, for each light curve a list of rows of nine numbers (AstroM3Processed), of which the middle
/// T are taken, or all rows and zeros after them. Every value is finite. Throws Error bad_tensors naming
/// tensor and element, or row.
TensorFile read_tensor_file(const std::filesystem::path& file, const EncoderConfig& config);

}  // namespace astrom3
