// SPDX-License-Identifier: MIT
//
// The encoder found in an ONNX graph: which constant is which weight.
#pragma once

#include <map>
#include <string>

#include "astrom3/encoder/checkpoint.h"
#include "onnx/self_check.h"

namespace astrom3 {

/// The parts of an encoder that an ONNX graph holds.
struct EncoderStructure {
  EncoderConfig config;  ///< what the graph says; the rest has the published values
  std::map<std::string, Tensor, std::less<>> tensors;  ///< upstream's names and shapes
  EncoderPorts ports;
  std::string convolution_input;  ///< the value [1, C, T+2] that the token convolution reads
};

/// Follows the graph from its outputs to its inputs. Throws Error bad_model naming `file`, the node it could
/// not go past and what was expected there.
EncoderStructure find_encoder(const OnnxGraph& graph, const std::string& file);

}  // namespace astrom3
