// SPDX-License-Identifier: MIT
#include "onnx/encoder_graph.h"

#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/version.h"
#include "astrom3/encoder/checkpoint.h"
#include "encoder/checkpoint_layout.h"
#include "onnx/graph.h"

namespace astrom3 {
namespace {

constexpr const char* kBatch = "batch";
constexpr float kNormEpsilon = 1e-5F;

OnnxAttribute integer(const char* name, std::int64_t value) {
  return {.name = name, .kind = OnnxAttributeKind::integer, .integer = value};
}

OnnxAttribute integers(const char* name, std::vector<std::int64_t> values) {
  return {.name = name, .kind = OnnxAttributeKind::integers, .integers = std::move(values)};
}

OnnxAttribute real(const char* name, float value) {
  return {.name = name, .kind = OnnxAttributeKind::real, .real = value};
}

/// Adds nodes one after the other. A value has the name of the node that makes it; each function returns it.
class GraphBuilder {
 public:
  GraphBuilder(const Checkpoint& checkpoint, OnnxGraph& graph)
      : checkpoint_(checkpoint),
        c_(checkpoint.config),
        names_(encoder_names(static_cast<std::size_t>(c_.e_layers))),
        graph_(graph) {}

  std::string node(const std::string& name, const char* op, std::vector<std::string> inputs,
                   std::vector<OnnxAttribute> attributes = {}) {
    graph_.nodes.push_back({.name = name,
                            .op = op,
                            .inputs = std::move(inputs),
                            .outputs = {name},
                            .attributes = std::move(attributes)});
    return name;
  }

  std::string number(const std::string& name, float value) {
    return initializer({.name = name, .floats = {value}});
  }

  std::string sizes(const std::string& name, std::vector<std::int64_t> values) {
    const auto count = static_cast<std::int64_t>(values.size());
    return initializer(
        {.name = name, .type = OnnxType::int64, .shape = {count}, .integers = std::move(values)});
  }

  /// A tensor of the checkpoint as it is.
  std::string weight(const std::string& name) {
    const Tensor& tensor = checkpoint_.tensors.at(name);
    return initializer({.name = name, .shape = tensor.shape, .floats = tensor.data});
  }

  /// [out, in] or [out, in, 1] as [in, out], what MatMul wants.
  std::string transposed_weight(const std::string& name) {
    const Tensor& tensor = checkpoint_.tensors.at(name);
    const auto n_out = static_cast<std::size_t>(tensor.shape[0]);
    const auto n_in = static_cast<std::size_t>(tensor.shape[1]);
    std::vector<float> values(tensor.data.size());
    for (std::size_t o = 0; o < n_out; ++o) {
      for (std::size_t i = 0; i < n_in; ++i) values[i * n_out + o] = tensor.data[o * n_in + i];
    }
    return initializer({.name = name + ".transposed",
                        .shape = {tensor.shape[1], tensor.shape[0]},
                        .floats = std::move(values)});
  }

  /// Every size and number that several nodes share, once.
  void shared_constants() {
    const std::int64_t head_width = c_.d_model / c_.n_heads;
    // A size of 0 is the input's own: the batch.
    split_heads_ = sizes("shape/heads", {0, c_.seq_len, c_.n_heads, head_width});
    join_heads_ = sizes("shape/joined", {0, c_.seq_len, c_.d_model});
    scale_ = number("attention/scale", static_cast<float>(1 / std::sqrt(static_cast<double>(head_width))));
    one_ = number("one", 1.0F);
    step_axis_ = sizes("axis/step", {1});
    width_axis_ = sizes("axis/width", {2});
    if (c_.activation == Activation::gelu) {
      sqrt_two_ = number("gelu/sqrt_2", std::numbers::sqrt2_v<float>);
      half_ = number("gelu/half", 0.5F);
    }
  }

  /// x_enc [B, T, C] -> h [B, T, D]. Step T-1 is put before step 0 and step 0 after step T-1; the convolution
  /// itself then pads nothing.
  std::string embedding() {
    const std::string channels =
        node("embedding/channels_first", "Transpose", {"x_enc"}, {integers("perm", {0, 2, 1})});
    const std::string zero = sizes("embedding/begin", {0});
    const std::string second = sizes("embedding/second", {1});
    const std::string last = sizes("embedding/last", {c_.seq_len - 1});
    const std::string end = sizes("embedding/end", {c_.seq_len});
    const std::string before = node("embedding/last_step", "Slice", {channels, last, end, width_axis_});
    const std::string after = node("embedding/first_step", "Slice", {channels, zero, second, width_axis_});
    const std::string wrapped =
        node("embedding/wrap_around", "Concat", {before, channels, after}, {integer("axis", 2)});
    const std::string token =
        node("embedding/token", "Conv", {wrapped, weight(names_.token_convolution)},
             {integers("kernel_shape", {3}), integers("pads", {0, 0}), integers("strides", {1}),
              integers("dilations", {1}), integer("group", 1)});
    const std::string steps =
        node("embedding/steps_first", "Transpose", {token}, {integers("perm", {0, 2, 1})});
    return node("embedding/add_position", "Add", {steps, positions()});
  }

  /// The first T rows of the position buffer; the others are never used.
  std::string positions() {
    const Tensor& pe = checkpoint_.tensors.at(names_.positions);
    const auto count = static_cast<std::ptrdiff_t>(c_.seq_len * c_.d_model);
    return initializer({.name = names_.positions,
                        .shape = {1, c_.seq_len, c_.d_model},
                        .floats = {pe.data.begin(), pe.data.begin() + count}});
  }

  std::string linear(const std::string& name, const std::string& input, const AffineNames& tensors) {
    const std::string product = node(name + "/matmul", "MatMul", {input, transposed_weight(tensors.weight)});
    return node(name, "Add", {product, weight(tensors.bias)});
  }

  std::string norm(const std::string& name, const std::string& input, const AffineNames& tensors) {
    return node(name, "LayerNormalization", {input, weight(tensors.weight), weight(tensors.bias)},
                {integer("axis", -1), real("epsilon", kNormEpsilon)});
  }

  /// softmax(q k' / sqrt(D/H)) v, heads apart, then the last projection. [B, T, D] -> [B, T, D]
  std::string attention(const std::string& name, const std::string& h, const LayerNames& tensors) {
    const auto heads = [&](const char* which, const AffineNames& projection,
                           std::vector<std::int64_t> order) {
      const std::string projected = linear(fmt::format("{}/{}", name, which), h, projection);
      const std::string split =
          node(fmt::format("{}/{}/split", name, which), "Reshape", {projected, split_heads_});
      return node(fmt::format("{}/{}/heads", name, which), "Transpose", {split},
                  {integers("perm", std::move(order))});
    };
    const std::string q = heads("query", tensors.query, {0, 2, 1, 3});  // [B, H, T, D/H]
    const std::string k = heads("key", tensors.key, {0, 2, 3, 1});      // [B, H, D/H, T]
    const std::string v = heads("value", tensors.value, {0, 2, 1, 3});
    const std::string products = node(name + "/scores", "MatMul", {q, k});
    const std::string scores = node(name + "/scaled_scores", "Mul", {products, scale_});
    const std::string shares = node(name + "/softmax", "Softmax", {scores}, {integer("axis", -1)});
    const std::string mixed = node(name + "/mixed", "MatMul", {shares, v});
    const std::string together =
        node(name + "/mixed/steps", "Transpose", {mixed}, {integers("perm", {0, 2, 1, 3})});
    const std::string joined = node(name + "/mixed/joined", "Reshape", {together, join_heads_});
    return linear(name + "/out", joined, tensors.out);
  }

  /// x * (1 + erf(x / sqrt(2))) * 0.5, in the order that ONNX Runtime fuses, together with the bias before
  /// it, into one kernel (BiasGelu; seen with 1.32). The operator Gelu came with opset 20, which would shut
  /// out older readers.
  std::string gelu(const std::string& name, const std::string& x) {
    const std::string scaled = node(name + "/scaled", "Div", {x, sqrt_two_});
    const std::string erf = node(name + "/erf", "Erf", {scaled});
    const std::string shifted = node(name + "/shifted", "Add", {erf, one_});
    const std::string product = node(name + "/product", "Mul", {x, shifted});
    return node(name, "Mul", {product, half_});
  }

  std::string feed_forward(const std::string& name, const std::string& h, const LayerNames& tensors) {
    const std::string inner = linear(name + "/in", h, tensors.conv1);
    const std::string active = c_.activation == Activation::gelu ? gelu(name + "/gelu", inner)
                                                                 : node(name + "/relu", "Relu", {inner});
    return linear(name + "/out", active, tensors.conv2);
  }

  std::string layer(std::size_t i, const std::string& h) {
    const std::string name = fmt::format("layer{}", i);
    const LayerNames& tensors = names_.layers[i];
    const std::string mixed = attention(name + "/attention", h, tensors);
    const std::string sum1 = node(name + "/add_attention", "Add", {h, mixed});
    const std::string h1 = norm(name + "/norm1", sum1, tensors.norm1);
    const std::string fed = feed_forward(name + "/feed_forward", h1, tensors);
    const std::string sum2 = node(name + "/add_feed_forward", "Add", {h1, fed});
    return norm(name + "/norm2", sum2, tensors.norm2);
  }

  /// x_enc to the last norm's output.
  std::string sequence() {
    std::string h = embedding();
    for (std::size_t i = 0; i < names_.layers.size(); ++i) h = layer(i, h);
    return norm("sequence", h, names_.norm);
  }

  /// mean = sum(h * mask) / max(sum(mask), 1); logits = fc(flatten(h * mask)).
  void outputs(const std::string& sequence, bool logits) {
    const std::string mask = node("pool/mask", "Unsqueeze", {"mask", width_axis_});
    const std::string seen = node("pool/seen", "Mul", {sequence, mask});
    const std::string total = node("pool/total", "ReduceSum", {seen, step_axis_}, {integer("keepdims", 0)});
    const std::string steps = node("pool/steps", "ReduceSum", {"mask", step_axis_}, {integer("keepdims", 1)});
    const std::string count = node("pool/count", "Max", {steps, one_});
    node("mean", "Div", {total, count});
    if (!logits) return;
    const std::string flat =
        node("head/flat", "Reshape", {seen, sizes("shape/flat", {0, c_.seq_len * c_.d_model})});
    node("logits", "Gemm", {flat, weight(names_.head.weight), weight(names_.head.bias)},
         {integer("transB", 1)});
  }

 private:
  std::string initializer(OnnxTensor tensor) {
    graph_.initializers.push_back(std::move(tensor));
    return graph_.initializers.back().name;
  }

  const Checkpoint& checkpoint_;
  const EncoderConfig& c_;
  const EncoderNames names_;
  OnnxGraph& graph_;
  std::string split_heads_, join_heads_, scale_, one_, step_axis_, width_axis_, sqrt_two_, half_;
};

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

  GraphBuilder build(checkpoint, graph);
  build.shared_constants();
  build.outputs(build.sequence(), logits);
  return graph;
}

}  // namespace astrom3
