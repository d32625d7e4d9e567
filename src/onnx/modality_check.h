// SPDX-License-Identifier: MIT
//
// Runs an ONNX graph of several modalities and the engine on made-up objects and compares what they say.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "astrom3/shared_space/multimodal_checkpoint.h"
#include "onnx/graph.h"
#include "onnx/self_check.h"

namespace astrom3 {

/// All outputs that the graph has, under the names of shared_space_graph.h. `was_run` is false where it would
/// take more than a few seconds. Throws Error bad_model where the graph cannot be run.
Comparison compare_with_engine(const OnnxGraph& graph, std::shared_ptr<const MultimodalCheckpoint> checkpoint,
                               std::optional<Modality> only, const std::string& file);

}  // namespace astrom3
