// SPDX-License-Identifier: MIT
//
// Between our plain graph and ONNX's messages.
#pragma once

#include <onnx/onnx_pb.h>

#include <string>
#include <vector>

#include "onnx/graph.h"

namespace astrom3 {

onnx::ModelProto to_message(const OnnxGraph& graph);

/// Throws Error bad_model naming `file` and the tensor whose values cannot be taken.
OnnxGraph from_message(const onnx::ModelProto& model, const std::string& file);

OnnxValue from_message(const onnx::ValueInfoProto& value);

}  // namespace astrom3
