// SPDX-License-Identifier: MIT
//
// A checkpoint to one ONNX file, and an ONNX file of that structure back to a checkpoint.
//
// The file holds the network with full attention, as this engine computes it. As there, the mask is NOT given
// to attention: it takes part in `mean` and `logits` only.
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
  std::filesystem::path card = {};  ///< where; default README.md in the file's folder
};

/// What was written and how it was checked.
struct OnnxExportReport {
  std::uint64_t bytes = 0;
  std::int64_t opset = 0;
  std::filesystem::path card;     ///< empty where none was written
  double largest_difference = 0;  ///< |file - engine| over all outputs of the self-check's light curve
  bool was_run = false;           ///< false where the network is too large to be run by the slow check
};

/// Writes `checkpoint` as an ONNX model: inputs x_enc [batch, T, 9] and mask [batch, T], outputs mean [batch,
/// D], sequence [batch, T, D] and, where asked for, logits [batch, classes]; float32, batch free, opset 17,
/// all in one file. Its metadata_props name the source's sha256, licence, attribution, attention form and
/// scaling.
///
/// Nothing appears under `file` before a self-check of what is on disk passed: ONNX's checker and strict
/// shape inference, the weights read back bit by bit, and a run of the graph in double precision against
/// Encoder. An existing card that astrom3 did not write is left alone: that is an error, raised before any
/// work. Throws Error usage, output_error, or internal where the self-check fails.
OnnxExportReport export_onnx(std::shared_ptr<const Checkpoint> checkpoint, const std::filesystem::path& file,
                             const OnnxExportOptions& options = {});

/// What was found in a file.
struct OnnxImportReport {
  EncoderConfig config;
  std::string producer;  ///< the program that made the file, with its version
  bool has_head = false;
  double largest_difference = 0;  ///< |file - engine| over all outputs of the check's light curve
  bool was_run = false;           ///< false where the graph could not be run; a warning says why
  std::vector<Diagnostic> warnings;
};

/// Reads the weights out of an ONNX file of the encoder's structure, as export_onnx() or PyTorch's exporters
/// write it, into a checkpoint: config.json, model.safetensors and, where the file has one, its scaling, in
/// `directory`, which must be new or empty.
///
/// The structure is followed from the outputs to the inputs; then the graph is run as it is and compared with
/// Encoder on what was read. A file whose convolution does not wrap around as in training is read, with a
/// warning. What the file does not say gets the published value: dropout, factor. Throws Error bad_model
/// naming file, node and what was expected there; output_error.
OnnxImportReport import_onnx(const std::filesystem::path& file, const std::filesystem::path& directory);

}  // namespace astrom3
