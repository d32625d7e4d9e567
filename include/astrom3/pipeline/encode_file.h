// SPDX-License-Identifier: MIT
//
// Tensors that are made already, through the encoder: file to file.
#pragma once

#include <cstddef>
#include <filesystem>

#include "astrom3/encoder/encoder.h"
#include "astrom3/sink/sink.h"

namespace astrom3 {

/// What of each light curve is written.
struct EncodeRequest {
  bool mean = true;
  bool sequence = true;
  bool logits = true;  ///< where there is a head
  std::size_t n_threads = 0;
};

/// A safetensors file with x_enc [B, T, 9] and mask [B, T] (float32), or an AstroM3Processed table (Parquet,
/// `photometry` [N, 9] a row, cropped or padded to T), to a safetensors file with any of mean [B, D],
/// sequence [B, T, D], logits [B, classes] and the identity as metadata: `astrom3 encode`.
///
/// Returns B. Throws Error bad_tensors naming tensor and index, nonfinite_output,
/// output_error. All outputs are held in memory until they are written.
std::size_t encode_file(const std::filesystem::path& input, const Encoder& encoder,
                        const EncodeRequest& request, const Identity& identity,
                        const std::filesystem::path& output);

}  // namespace astrom3
