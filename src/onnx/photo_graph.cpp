// SPDX-License-Identifier: MIT
#include "onnx/photo_graph.h"

#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <utility>
#include <vector>

#include "astrom3/encoder/checkpoint.h"
#include "encoder/checkpoint_layout.h"
#include "onnx/graph_builder.h"

namespace astrom3 {
namespace {

constexpr float kNormEpsilon = 1e-5F;

/// The layers of the photo encoder.
class PhotoGraph {
 public:
  PhotoGraph(GraphBuilder& build, const EncoderConfig& config, PhotoPositions positions)
      : build_(build),
        c_(config),
        names_(encoder_names(static_cast<std::size_t>(c_.e_layers))),
        kept_positions_(positions) {}

  /// Every size and number that several nodes share, once.
  void shared_constants() {
    const std::int64_t head_width = c_.d_model / c_.n_heads;
    // A size of 0 is the input's own: the batch.
    split_heads_ = build_.sizes("shape/heads", {0, c_.seq_len, c_.n_heads, head_width});
    join_heads_ = build_.sizes("shape/joined", {0, c_.seq_len, c_.d_model});
    scale_ =
        build_.number("attention/scale", static_cast<float>(1 / std::sqrt(static_cast<double>(head_width))));
    one_ = build_.number("one", 1.0F);
    step_axis_ = build_.sizes("axis/step", {1});
    width_axis_ = build_.sizes("axis/width", {2});
    if (c_.activation == Activation::gelu) {
      sqrt_two_ = build_.number("gelu/sqrt_2", std::numbers::sqrt2_v<float>);
      half_ = build_.number("gelu/half", 0.5F);
    }
  }

  /// x_enc [B, T, C] -> h [B, T, D]. Step T-1 is put before step 0 and step 0 after step T-1; the convolution
  /// itself then pads nothing.
  std::string embedding() {
    const std::string channels = build_.node("embedding/channels_first", "Transpose", {"x_enc"},
                                             {integers_attribute("perm", {0, 2, 1})});
    const std::string zero = build_.sizes("embedding/begin", {0});
    const std::string second = build_.sizes("embedding/second", {1});
    const std::string last = build_.sizes("embedding/last", {c_.seq_len - 1});
    const std::string end = build_.sizes("embedding/end", {c_.seq_len});
    const std::string before =
        build_.node("embedding/last_step", "Slice", {channels, last, end, width_axis_});
    const std::string after =
        build_.node("embedding/first_step", "Slice", {channels, zero, second, width_axis_});
    const std::string wrapped = build_.node("embedding/wrap_around", "Concat", {before, channels, after},
                                            {integer_attribute("axis", 2)});
    const std::string token =
        build_.node("embedding/token", "Conv", {wrapped, build_.weight(names_.token_convolution)},
                    {integers_attribute("kernel_shape", {3}), integers_attribute("pads", {0, 0}),
                     integers_attribute("strides", {1}), integers_attribute("dilations", {1}),
                     integer_attribute("group", 1)});
    const std::string steps =
        build_.node("embedding/steps_first", "Transpose", {token}, {integers_attribute("perm", {0, 2, 1})});
    return build_.node("embedding/add_position", "Add", {steps, positions()});
  }

  /// The first T rows of the position buffer are used.
  std::string positions() {
    const Tensor& pe = build_.tensor(names_.positions);
    if (kept_positions_ == PhotoPositions::whole)
      return build_.node("embedding/positions", "Slice",
                         {build_.weight(names_.positions), build_.sizes("embedding/first_position", {0}),
                          build_.sizes("embedding/last_position", {c_.seq_len}), step_axis_});
    const auto count = static_cast<std::ptrdiff_t>(c_.seq_len * c_.d_model);
    return build_.initializer({.name = names_.positions,
                               .shape = {1, c_.seq_len, c_.d_model},
                               .floats = {pe.data.begin(), pe.data.begin() + count}});
  }

  std::string norm(const std::string& name, const std::string& input, const AffineNames& tensors) {
    return build_.node(name, "LayerNormalization",
                       {input, build_.weight(tensors.weight), build_.weight(tensors.bias)},
                       {integer_attribute("axis", -1), real_attribute("epsilon", kNormEpsilon)});
  }

  /// softmax(q k' / sqrt(D/H)) v, heads apart, then the last projection. [B, T, D] -> [B, T, D]
  std::string attention(const std::string& name, const std::string& h, const LayerNames& tensors) {
    const auto heads = [&](const char* which, const AffineNames& projection,
                           std::vector<std::int64_t> order) {
      const std::string projected = build_.linear(fmt::format("{}/{}", name, which), h, projection);
      const std::string split =
          build_.node(fmt::format("{}/{}/split", name, which), "Reshape", {projected, split_heads_});
      return build_.node(fmt::format("{}/{}/heads", name, which), "Transpose", {split},
                         {integers_attribute("perm", std::move(order))});
    };
    const std::string q = heads("query", tensors.query, {0, 2, 1, 3});  // [B, H, T, D/H]
    const std::string k = heads("key", tensors.key, {0, 2, 3, 1});      // [B, H, D/H, T]
    const std::string v = heads("value", tensors.value, {0, 2, 1, 3});
    const std::string products = build_.node(name + "/scores", "MatMul", {q, k});
    const std::string scores = build_.node(name + "/scaled_scores", "Mul", {products, scale_});
    const std::string shares =
        build_.node(name + "/softmax", "Softmax", {scores}, {integer_attribute("axis", -1)});
    const std::string mixed = build_.node(name + "/mixed", "MatMul", {shares, v});
    const std::string together =
        build_.node(name + "/mixed/steps", "Transpose", {mixed}, {integers_attribute("perm", {0, 2, 1, 3})});
    const std::string joined = build_.node(name + "/mixed/joined", "Reshape", {together, join_heads_});
    return build_.linear(name + "/out", joined, tensors.out);
  }

  /// x * (1 + erf(x / sqrt(2))) * 0.5, in the order that ONNX Runtime fuses, together with the bias before
  /// it, into one kernel (BiasGelu; seen with 1.32). The operator Gelu came with opset 20, which would shut
  /// out older readers.
  std::string gelu(const std::string& name, const std::string& x) {
    const std::string scaled = build_.node(name + "/scaled", "Div", {x, sqrt_two_});
    const std::string erf = build_.node(name + "/erf", "Erf", {scaled});
    const std::string shifted = build_.node(name + "/shifted", "Add", {erf, one_});
    const std::string product = build_.node(name + "/product", "Mul", {x, shifted});
    return build_.node(name, "Mul", {product, half_});
  }

  std::string feed_forward(const std::string& name, const std::string& h, const LayerNames& tensors) {
    const std::string inner = build_.linear(name + "/in", h, tensors.conv1);
    const std::string active = c_.activation == Activation::gelu
                                   ? gelu(name + "/gelu", inner)
                                   : build_.node(name + "/relu", "Relu", {inner});
    return build_.linear(name + "/out", active, tensors.conv2);
  }

  std::string layer(std::size_t i, const std::string& h) {
    const std::string name = fmt::format("layer{}", i);
    const LayerNames& tensors = names_.layers[i];
    const std::string mixed = attention(name + "/attention", h, tensors);
    const std::string sum1 = build_.node(name + "/add_attention", "Add", {h, mixed});
    const std::string h1 = norm(name + "/norm1", sum1, tensors.norm1);
    const std::string fed = feed_forward(name + "/feed_forward", h1, tensors);
    const std::string sum2 = build_.node(name + "/add_feed_forward", "Add", {h1, fed});
    return norm(name + "/norm2", sum2, tensors.norm2);
  }

  PhotoValues values(const std::string& sequence) const { return {sequence, one_, step_axis_, width_axis_}; }

  /// x_enc to the last norm's output.
  std::string sequence() {
    std::string h = embedding();
    for (std::size_t i = 0; i < names_.layers.size(); ++i) h = layer(i, h);
    return norm("sequence", h, names_.norm);
  }

 private:
  GraphBuilder& build_;
  const EncoderConfig& c_;
  const EncoderNames names_;
  PhotoPositions kept_positions_;
  std::string split_heads_, join_heads_, scale_, one_, step_axis_, width_axis_, sqrt_two_, half_;
};

}  // namespace

PhotoValues add_photo_encoder(GraphBuilder& build, const EncoderConfig& config, PhotoPositions positions) {
  PhotoGraph graph(build, config, positions);
  graph.shared_constants();
  return graph.values(graph.sequence());
}

std::string add_seen_steps(GraphBuilder& build, const PhotoValues& values) {
  const std::string mask = build.node("pool/mask", "Unsqueeze", {"mask", values.width_axis});
  return build.node("pool/seen", "Mul", {values.sequence, mask});
}

}  // namespace astrom3
