// SPDX-License-Identifier: MIT
//
// The one entry point of astrom3_onnx.so.
#include <fmt/format.h>
#include <google/protobuf/stubs/logging.h>
#include <onnx/checker.h>
#include <onnx/common/version.h>
#include <onnx/defs/schema.h>
#include <onnx/shape_inference/implementation.h>

#include <exception>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/version.h"
#include "onnx/graph.h"
#include "onnx/module/convert.h"
#include "onnx/onnx_module.h"

namespace astrom3 {
namespace {

/// While it lives, Protocol Buffers says on no stream of ours what it thinks of a file.
using Quiet = google::protobuf::LogSilencer;

[[noreturn]] void refuse(const std::string& file, std::string message) {
  throw Error(Diagnostic{.code = Status::bad_model, .file = file, .message = std::move(message)});
}

onnx::ModelProto parse_message(std::string_view bytes, const std::string& file) {
  const Quiet quiet;
  onnx::ModelProto model;
  if (bytes.size() > std::numeric_limits<int>::max() ||
      !model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    refuse(file, "not an ONNX file: it cannot be parsed as one");
  }
  if (!model.has_graph()) refuse(file, "not an ONNX model: it holds no graph");
  return model;
}

std::string serialize(const OnnxGraph& graph) {
  const Quiet quiet;
  std::string bytes;
  if (!to_message(graph).SerializeToString(&bytes))
    throw Error(Status::internal, "the model is too large for one ONNX file (2 GiB)");
  return bytes;
}

OnnxGraph parse(std::string_view bytes, const std::string& file) {
  return from_message(parse_message(bytes, file), file);
}

std::vector<OnnxValue> check(std::string_view bytes, const std::string& file) {
  onnx::ModelProto model = parse_message(bytes, file);
  try {
    const Quiet quiet;
    onnx::checker::check_model(model);
    // What the outputs declare would be taken for granted: it is removed, to be found again.
    for (onnx::ValueInfoProto& output : *model.mutable_graph()->mutable_output())
      output.mutable_type()->mutable_tensor_type()->clear_shape();
    onnx::shape_inference::InferShapes(model, onnx::OpSchemaRegistry::Instance(),
                                       onnx::ShapeInferenceOptions{true, 1, true});
  } catch (const std::exception& error) {
    refuse(file, fmt::format("ONNX's own check refuses the model: {}", error.what()));
  }
  std::vector<OnnxValue> outputs;
  for (const onnx::ValueInfoProto& output : model.graph().output()) outputs.push_back(from_message(output));
  return outputs;
}

}  // namespace
}  // namespace astrom3

extern "C" __attribute__((visibility("default"))) const void* astrom3_onnx_module() {
  static const astrom3::OnnxModule module{.abi_version = astrom3::OnnxModule::kAbiVersion,
                                          .astrom3_version = astrom3::kVersion,
                                          .onnx_version = onnx::LAST_RELEASE_VERSION,
                                          .serialize = astrom3::serialize,
                                          .parse = astrom3::parse,
                                          .check = astrom3::check};
  return &module;
}
