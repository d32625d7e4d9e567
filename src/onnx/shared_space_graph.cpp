// SPDX-License-Identifier: MIT
#include "onnx/shared_space_graph.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/version.h"
#include "astrom3/shared_space/modality.h"
#include "astrom3/shared_space/multimodal_checkpoint.h"
#include "astrom3/spectra_encoder/spectra_encoder.h"
#include "encoder/checkpoint_layout.h"
#include "metadata_encoder/checkpoint_layout.h"
#include "onnx/encoder_graph.h"
#include "onnx/graph.h"
#include "onnx/graph_builder.h"
#include "onnx/photo_graph.h"
#include "shared_space/checkpoint_layout.h"
#include "spectra_encoder/checkpoint_layout.h"

namespace astrom3 {
namespace {

OnnxDimension sized(std::int64_t size) {
  return {.size = size, .name = {}};
}

/// Adds what a checkpoint has, one modality after the other.
class SharedSpaceGraph {
 public:
  SharedSpaceGraph(const MultimodalCheckpoint& checkpoint, OnnxGraph& graph)
      : checkpoint_(checkpoint),
        c_(checkpoint.config),
        is_shared_(c_.kind == CheckpointKind::shared),
        graph_(graph),
        space_(checkpoint.space, graph) {}

  /// Returns the value of the embedding, an output of the graph.
  void add(Modality modality) {
    const std::string flat = modality == Modality::photo     ? photo()
                             : modality == Modality::spectra ? spectra()
                                                             : metadata();
    const std::string name(embedding_name(modality));
    if (is_shared_) {
      project(modality, flat, name);
    } else {
      space_.node(name, "Identity", {flat});
    }
    const std::int64_t positions = static_cast<std::int64_t>(checkpoint_.spectra_positions);
    output(name, is_shared_ ? c_.hidden_dim : flat_size(c_, modality, positions));
    embeddings_.push_back(name);
    flat_ = flat;
  }

  /// What needs all modalities: the fused embedding and the temperatures.
  void add_fused() {
    if (c_.fusion == Fusion::concat) {
      space_.node(kFusedOutput, "Concat", embeddings_, {integer_attribute("axis", 1)});
    } else {
      std::string sum = embeddings_.front();
      for (std::size_t i = 1; i < embeddings_.size(); ++i)
        sum = space_.node(fmt::format("fused/sum{}", i), "Add", {sum, embeddings_[i]});
      space_.node(kFusedOutput, "Div",
                  {sum, space_.number("fused/count", static_cast<float>(embeddings_.size()))});
    }
    const auto n = static_cast<std::int64_t>(embeddings_.size());
    output(kFusedOutput, c_.hidden_dim * (c_.fusion == Fusion::concat ? n : 1));
    flat_ = kFusedOutput;
    std::vector<std::string> scales;
    const std::string first_axis = space_.sizes("axis/first", {0});
    for (const ModalityPair& pair : kModalityPairs) {
      if (!c_.has(pair.rows) || !c_.has(pair.columns)) continue;
      const std::string name = temperature_name(pair);
      scales.push_back(space_.node(name + "/row", "Unsqueeze", {space_.weight(name), first_axis}));
    }
    const std::string all =
        space_.node("temperatures/scales", "Concat", scales, {integer_attribute("axis", 0)});
    const std::string raised = space_.node("temperatures/exp", "Exp", {all});
    space_.node(
        kTemperaturesOutput, "Clip",
        {raised, space_.number("temperatures/least", 1.0F), space_.number("temperatures/most", 100.0F)});
    graph_.outputs.push_back(
        {.name = kTemperaturesOutput, .shape = {sized(static_cast<std::int64_t>(scales.size()))}});
  }

  void add_logits() {
    space_.gemm(kLogitsOutput, flat_, head_names());
    output(kLogitsOutput, c_.num_classes);
  }

 private:
  static OnnxDimension batch() { return {.size = -1, .name = "batch"}; }

  void input(std::string_view name, std::vector<OnnxDimension> sizes) {
    sizes.insert(sizes.begin(), batch());
    graph_.inputs.push_back({.name = std::string(name), .shape = std::move(sizes)});
  }
  void output(std::string_view name, std::int64_t width) {
    graph_.outputs.push_back({.name = std::string(name), .shape = {batch(), sized(width)}});
  }

  std::string prefix(Modality modality) const {
    return is_shared_ ? encoder_prefix(modality) : std::string();
  }

  /// flatten(h * mask), step by step.
  std::string photo() {
    input(input_name(Modality::photo), {sized(c_.photo.seq_len), sized(c_.photo.enc_in)});
    input(kMaskInput, {sized(c_.photo.seq_len)});
    GraphBuilder build(checkpoint_.photo->tensors, graph_, prefix(Modality::photo));
    const std::string seen = add_seen_steps(build, add_photo_encoder(build, c_.photo, PhotoPositions::whole));
    return build.node("photo/flat", "Reshape",
                      {seen, build.sizes("shape/flat", {0, c_.photo.seq_len * c_.photo.d_model})});
  }

  /// Convolutions without padding, with ReLU; after each but the last the largest of every window. Flattened
  /// channel by channel.
  std::string spectra() {
    const SpectraConfig& config = c_.spectra;
    const bool is_grid = graph_pixels(checkpoint_) ==
                         static_cast<std::int64_t>(kGridPixels);  // else any of several numbers fits
    input(input_name(Modality::spectra),
          {sized(config.conv_channels.front()), is_grid ? sized(static_cast<std::int64_t>(kGridPixels))
                                                        : OnnxDimension{.size = -1, .name = "pixels"}});
    GraphBuilder build(checkpoint_.spectra, graph_, prefix(Modality::spectra));
    std::string value(input_name(Modality::spectra));
    const std::size_t n_layers = config.conv_channels.size() - 1;
    for (std::size_t i = 0; i < n_layers; ++i) {
      const std::string name = fmt::format("spectra/layer{}", i);
      const AffineNames tensors = convolution_names(i);
      value = build.node(name + "/conv", "Conv",
                         {value, build.weight(tensors.weight), build.weight(tensors.bias)},
                         {integers_attribute("kernel_shape", {config.kernel_size}),
                          integers_attribute("pads", {0, 0}), integers_attribute("strides", {1}),
                          integers_attribute("dilations", {1}), integer_attribute("group", 1)});
      value = build.node(name + "/relu", "Relu", {value});
      if (i + 1 < n_layers)
        value = build.node(name + "/largest", "MaxPool", {value},
                           {integers_attribute("kernel_shape", {config.mp_kernel_size}),
                            integers_attribute("strides", {config.mp_kernel_size})});
    }
    const auto positions = static_cast<std::int64_t>(
        spectra_positions(config, static_cast<std::size_t>(graph_pixels(checkpoint_))));
    return build.node("spectra/flat", "Reshape",
                      {value, build.sizes(kSpectraShape, {0, config.conv_channels.back() * positions})});
  }

  std::string metadata() {
    input(input_name(Modality::metadata), {sized(c_.metadata.input_dim)});
    GraphBuilder build(checkpoint_.metadata, graph_, prefix(Modality::metadata));
    const std::vector<TensorSpec> specs = metadata_tensors(c_.metadata);  // weight and bias of two layers
    std::string value(input_name(Modality::metadata));
    for (std::size_t i = 0; i + 1 < specs.size(); i += 2) {
      const std::string name = fmt::format("metadata/layer{}", i / 2);
      value = build.gemm(name, value, {specs[i].name, specs[i + 1].name});
      value = build.node(name + "/relu", "Relu", {value});
    }
    return value;
  }

  /// e = flat W^T + b, divided by its length.
  void project(Modality modality, const std::string& flat, const std::string& name) {
    if (width_axis_.empty()) width_axis_ = space_.sizes("axis/embedding", {1});
    const std::string e = space_.gemm(name + "/projected", flat, projection_names(modality));
    const std::string squares = space_.node(name + "/squares", "Mul", {e, e});
    const std::string sum =
        space_.node(name + "/sum", "ReduceSum", {squares, width_axis_}, {integer_attribute("keepdims", 1)});
    const std::string length = space_.node(name + "/length", "Sqrt", {sum});
    space_.node(name, "Div", {e, length});
  }

  const MultimodalCheckpoint& checkpoint_;
  const MultimodalConfig& c_;
  bool is_shared_;
  OnnxGraph& graph_;
  GraphBuilder space_;
  std::vector<std::string> embeddings_;
  std::string flat_;  ///< what the head reads
  std::string width_axis_;
};

}  // namespace

std::string_view input_name(Modality modality) noexcept {
  constexpr std::array<std::string_view, kModalityCount> kNames{"x_enc", "spectra", "metadata"};
  return kNames[index_of(modality)];
}

std::string_view embedding_name(Modality modality) noexcept {
  constexpr std::array<std::string_view, kModalityCount> kNames{"p_emb", "s_emb", "m_emb"};
  return kNames[index_of(modality)];
}

std::int64_t graph_pixels(const MultimodalCheckpoint& checkpoint) {
  const std::size_t positions = checkpoint.spectra_positions;
  if (positions == 0 || spectra_positions(checkpoint.config.spectra, kGridPixels) == positions)
    return static_cast<std::int64_t>(kGridPixels);
  return static_cast<std::int64_t>(pixels_for(checkpoint.config.spectra, positions).first);
}

OnnxGraph shared_space_graph(const MultimodalCheckpoint& checkpoint, std::optional<Modality> only,
                             bool logits) {
  const MultimodalConfig& c = checkpoint.config;
  if (only && !c.has(*only))
    throw Error(Status::usage, fmt::format("the checkpoint has no encoder of {}: its kind is {}",
                                           modality_name(*only), checkpoint_kind_name(c.kind)));
  if (logits && (!checkpoint.has_head() || only))
    throw Error(Status::usage, only ? "logits are of the whole, and one encoder was asked for"
                                    : "logits were asked for, and this checkpoint has no head");
  OnnxGraph graph{.name = "astrom3",
                  .documentation =
                      "AstroM3 encoders of light curves, spectra and metadata; attention is full: "
                      "the mask is not given to it",
                  .producer = "astrom3",
                  .producer_version = kVersion,
                  .ir_version = kOnnxIrVersion,
                  .opset = kOnnxOpset};
  SharedSpaceGraph build(checkpoint, graph);
  for (const Modality modality : kModalities) {
    if (c.has(modality) && (!only || *only == modality)) build.add(modality);
  }
  if (c.kind == CheckpointKind::shared && !only) build.add_fused();
  if (logits) build.add_logits();
  return graph;
}

}  // namespace astrom3
