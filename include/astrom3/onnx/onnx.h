// SPDX-License-Identifier: MIT
//
// Writes a checkpoint as one ONNX file, and reads an ONNX file of that structure into a checkpoint.
//
// The file holds the network with full attention, as Encoder computes it. As there, the mask is NOT given
// to attention: only `mean` and `logits` use it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/encoder/checkpoint.h"

namespace astrom3 {

struct OnnxExportOptions {
  bool logits = false;              ///< a third output; needs a head
  bool write_card = true;           ///< a model card beside the file
  std::filesystem::path card = {};  ///< its file; default README.md in the folder of the ONNX file
};

/// The written file, and the result of its check.
struct OnnxExportReport {
  std::uint64_t bytes = 0;
  std::int64_t opset = 0;
  std::filesystem::path card;     ///< empty if none was written
  double largest_difference = 0;  ///< |file - Encoder| over all outputs for the light curve of the check
  bool was_run = false;           ///< false if the network is too large for the slow check
};

/// Writes `checkpoint` as an ONNX model: inputs x_enc [batch, T, 9] and mask [batch, T], outputs mean [batch,
/// D], sequence [batch, T, D] and, if wanted, logits [batch, classes]; float32, any batch size, opset 17,
/// all in one file. Its metadata_props name the checkpoint's sha256, licence, attribution, form of attention
/// and scaling.
///
/// The file gets the name `file` only when the bytes on disk have passed a check: ONNX's checker and strict
/// shape inference, a comparison of the weights bit by bit, and a run of the graph in double precision that
/// is compared with Encoder. A card that astrom3 did not write is not overwritten: it is an error, thrown
/// before any work. Throws Error usage, output_error, or internal if the check fails.
OnnxExportReport export_onnx(std::shared_ptr<const Checkpoint> checkpoint, const std::filesystem::path& file,
                             const OnnxExportOptions& options = {});

/// What is in an ONNX file.
struct OnnxImportReport {
  EncoderConfig config;
  std::string producer;  ///< the program that made the file, with its version
  bool has_head = false;
  double largest_difference = 0;  ///< |file - Encoder| over all outputs for the light curve of the check
  bool was_run = false;           ///< false if the graph could not be run; a warning says why
  std::vector<Diagnostic> warnings;
};

/// Reads the weights of an ONNX file with the encoder's structure, as export_onnx() or PyTorch's exporters
/// write it, into a checkpoint: config.json, model.safetensors and, if the file has one, its scaling, in
/// `directory`, which must be new or empty.
///
/// The structure is followed from the outputs to the inputs; then the graph is run as it is and compared with
/// an Encoder of the weights. A file whose convolution does not wrap around as in training is read, with a
/// warning. Values that the file does not hold, dropout and factor, are the published ones. Throws Error
/// bad_model naming the file, the node and what was expected there; output_error.
OnnxImportReport import_onnx(const std::filesystem::path& file, const std::filesystem::path& directory);

}  // namespace astrom3
