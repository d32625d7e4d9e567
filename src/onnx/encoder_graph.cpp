// SPDX-License-Identifier: MIT
#include "onnx/encoder_graph.h"

#include <fmt/format.h>

#include <string>

#include "astrom3/base/error.h"
#include "astrom3/base/version.h"
#include "astrom3/encoder/checkpoint.h"
#include "encoder/checkpoint_layout.h"
#include "onnx/graph.h"
#include "onnx/graph_builder.h"
#include "onnx/photo_graph.h"

namespace astrom3 {
namespace {

constexpr const char* kBatch = "batch";

/// mean = sum(h * mask) / max(sum(mask), 1); logits = fc(flatten(h * mask)).
void add_outputs(GraphBuilder& build, const PhotoValues& photo, const EncoderConfig& c, bool logits) {
  const std::string seen = add_seen_steps(build, photo);
  const std::string total =
      build.node("pool/total", "ReduceSum", {seen, photo.step_axis}, {integer_attribute("keepdims", 0)});
  const std::string steps =
      build.node("pool/steps", "ReduceSum", {"mask", photo.step_axis}, {integer_attribute("keepdims", 1)});
  const std::string count = build.node("pool/count", "Max", {steps, photo.one});
  build.node("mean", "Div", {total, count});
  if (!logits) return;
  const std::string flat =
      build.node("head/flat", "Reshape", {seen, build.sizes("shape/flat", {0, c.seq_len * c.d_model})});
  build.gemm("logits", flat, head_names());
}

}  // namespace

OnnxGraph encoder_graph(const Checkpoint& checkpoint, bool logits) {
  const EncoderConfig& c = checkpoint.config;
  if (logits && !checkpoint.has_head())
    throw Error(Status::usage, fmt::format("logits were asked for, and this checkpoint has no head ({})",
                                           head_names().weight));
  OnnxGraph graph{
      .name = "astrom3",
      .documentation = "AstroM3 photo encoder, full attention: the mask is not given to attention",
      .producer = "astrom3",
      .producer_version = kVersion,
      .ir_version = kOnnxIrVersion,
      .opset = kOnnxOpset};
  const OnnxDimension batch{.size = -1, .name = kBatch};
  const OnnxDimension steps{.size = c.seq_len, .name = {}};
  const OnnxDimension width{.size = c.d_model, .name = {}};
  graph.inputs = {{.name = "x_enc", .shape = {batch, steps, {.size = c.enc_in, .name = {}}}},
                  {.name = "mask", .shape = {batch, steps}}};
  graph.outputs = {{.name = "mean", .shape = {batch, width}},
                   {.name = "sequence", .shape = {batch, steps, width}}};
  if (logits)
    graph.outputs.push_back({.name = "logits", .shape = {batch, {.size = c.num_classes, .name = {}}}});

  GraphBuilder build(checkpoint.tensors, graph);
  add_outputs(build, add_photo_encoder(build, c, PhotoPositions::used), c, logits);
  return graph;
}

}  // namespace astrom3
