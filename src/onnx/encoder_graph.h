// SPDX-License-Identifier: MIT
//
// The encoder as an ONNX graph.
#pragma once

#include "astrom3/encoder/checkpoint.h"
#include "onnx/graph.h"

namespace astrom3 {

/// LayerNormalization is an operator of its own from here on; ONNX 1.12, the oldest this builds with, ends
/// here.
inline constexpr std::int64_t kOnnxOpset = 17;
/// The version of the file format that came with opset 17.
inline constexpr std::int64_t kOnnxIrVersion = 8;

/// The graph of `checkpoint` with full attention; `logits` asks for the head's output. Initializers that hold
/// a tensor of the checkpoint as it is have its name; those of `MatMul` are transposed, and their name says
/// so. Equal checkpoints give equal graphs. Throws Error usage where logits are asked for without a head.
OnnxGraph encoder_graph(const Checkpoint& checkpoint, bool logits);

}  // namespace astrom3
