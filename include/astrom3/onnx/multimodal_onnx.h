// SPDX-License-Identifier: MIT
//
// Writes checkpoints of spectra, metadata and the shared space as ONNX files, and reads such files back.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/shared_space/modality.h"
#include "astrom3/shared_space/multimodal_checkpoint.h"

namespace astrom3 {

struct MultimodalOnnxOptions {
  std::optional<Modality> only = {};  ///< of a shared checkpoint: one encoder with its projection
  bool logits = false;                ///< classes of the head as another output; not with `only`
};

struct MultimodalOnnxReport {
  MultimodalConfig config;
  std::optional<Modality> only;  ///< the one encoder that the file holds, of a shared checkpoint
  std::uint64_t bytes = 0;
  std::int64_t opset = 0;
  std::string producer;  ///< of a file that was read
  double largest_difference =
      0;                 ///< |file - MultimodalEncoder| over all outputs for the objects of the check
  bool was_run = false;  ///< false if the network is too large for the slow check
  std::vector<Diagnostic> warnings;
};

/// Writes `checkpoint` as an ONNX model, float32, any batch size, opset 17:
///
///   inputs   x_enc [batch, T, 9] and mask [batch, T]; spectra [batch, 3, N]; metadata [batch, columns]
///   outputs  p_emb, s_emb, m_emb [batch, E]; of a shared checkpoint fused [batch, F] and temperatures [3]
///   (ps,
///            sm, mp); logits [batch, classes] if they are asked for
///
/// of the modalities that the file holds. The photo encoder has full attention, as in export_onnx(); its
/// embedding is not that of a checkpoint which was trained with another form.
///
/// The file gets its name only when the bytes on disk have passed ONNX's checker, a comparison of the weights
/// bit by bit, and a run in double precision that is compared with MultimodalEncoder. Throws Error usage,
/// output_error, internal if the check fails.
MultimodalOnnxReport export_multimodal_onnx(std::shared_ptr<const MultimodalCheckpoint> checkpoint,
                                            const std::filesystem::path& file,
                                            const MultimodalOnnxOptions& options = {});

/// Whether a file says that it holds spectra, metadata or the shared space. Throws Error bad_model where it
/// is no ONNX file.
bool is_multimodal_onnx(const std::filesystem::path& file);

/// Reads a file of export_multimodal_onnx() into `directory`, which must be new or empty: config.json and
/// model.safetensors, with the same bits of every weight. A file of one encoder of a shared checkpoint is not
/// a checkpoint: an error. The weights are found by the names of the initializers; then the graph is run as
/// it is, and compared with an encoder of these weights. Throws Error bad_model naming the file and what is
/// missing; output_error.
MultimodalOnnxReport import_multimodal_onnx(const std::filesystem::path& file,
                                            const std::filesystem::path& directory);

}  // namespace astrom3
