// SPDX-License-Identifier: MIT
//
// Checkpoints of spectra, metadata and the shared space as an ONNX graph.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "astrom3/shared_space/multimodal_checkpoint.h"
#include "onnx/graph.h"

namespace astrom3 {

/// Names of a graph's inputs and outputs.
std::string_view input_name(Modality modality) noexcept;      ///< "x_enc", "spectra", "metadata"
std::string_view embedding_name(Modality modality) noexcept;  ///< "p_emb", "s_emb", "m_emb"
inline constexpr const char* kMaskInput = "mask";
inline constexpr const char* kFusedOutput = "fused";
inline constexpr const char* kTemperaturesOutput = "temperatures";
inline constexpr const char* kLogitsOutput = "logits";
/// The initializer {0, numbers of a flattened spectrum}.
inline constexpr const char* kSpectraShape = "shape/spectra";

/// Pixels of the spectra that a graph reads: those of the grid where the weights fit them, else the fewest
/// that do; the graph then takes any number that fits.
std::int64_t graph_pixels(const MultimodalCheckpoint& checkpoint);

/// The graph of a checkpoint with full attention, or of one encoder of it with its projection. Initializers
/// have the names of the checkpoint's tensors; those of MatMul are transposed, and their name says so. Throws
/// Error usage for a modality that the checkpoint lacks, and where logits are asked for without a head, or
/// with `only`.
OnnxGraph shared_space_graph(const MultimodalCheckpoint& checkpoint, std::optional<Modality> only,
                             bool logits);

}  // namespace astrom3
