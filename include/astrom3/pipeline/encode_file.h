// SPDX-License-Identifier: MIT
//
// Passes tensors of a file through the encoder, and writes the results into another file.
#pragma once

#include <cstddef>
#include <filesystem>

#include "astrom3/encoder/encoder.h"
#include "astrom3/sink/sink.h"

namespace astrom3 {

/// The outputs that are written for each light curve.
struct EncodeRequest {
  bool mean = true;
  bool sequence = true;
  bool logits = true;  ///< if there is a head
  std::size_t n_threads = 0;
};

/// From a safetensors file with x_enc [B, T, 9] and mask [B, T] (float32), or from an AstroM3Processed table
/// (Parquet, each row a `photometry` [N, 9], cropped or padded to T), or from a folder of `preprocess`, to a
/// safetensors file with any of mean [B, D], sequence [B, T, D], logits [B, classes], and with the identity
/// as metadata: `astrom3 encode`. Rows of objects that `preprocess` rejected are NaN.
///
/// Returns B. Throws Error bad_tensors naming tensor and index, nonfinite_output,
/// output_error. All outputs are held in memory until they are written.
std::size_t encode_file(const std::filesystem::path& input, const Encoder& encoder,
                        const EncodeRequest& request, const Identity& identity,
                        const std::filesystem::path& output);

}  // namespace astrom3
