// SPDX-License-Identifier: MIT
#include "onnx/structure.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/encoder/checkpoint.h"
#include "encoder/checkpoint_layout.h"
#include "onnx/graph.h"
#include "onnx/graph_view.h"
#include "onnx/pieces.h"

namespace astrom3 {
namespace {

/// The weights of one layer.
struct FoundLayer {
  Linear query, key, value, out, conv1, conv2;
  Norm norm1, norm2;
};

/// Walks from the last norm to the convolution and names what it meets.
class EncoderWalk {
 public:
  EncoderWalk(const OnnxGraph& graph, const std::string& file)
      : graph_(graph),
        file_(file),
        ports_(find_ports()),
        view_(graph, input_shapes(), file),
        pieces_(view_) {}

  EncoderStructure find() {
    EncoderStructure found;
    found.ports = ports_;
    const Norm last = require_norm(ports_.sequence, "the last LayerNorm");
    config_.d_model = static_cast<std::int64_t>(last.weight.size());
    config_.seq_len = view_.shape(ports_.x_enc).at(1);
    const OnnxShape expected{1, config_.seq_len, config_.d_model};
    if (view_.shape(ports_.sequence) != expected) not_recognised(ports_.sequence, "[batch, T, D]");
    if (config_.d_model % 2 != 0) not_recognised(ports_.sequence, "an even width");
    add_norm(encoder_names(0).norm, last);
    walk_layers(last.input);
    config_.classification = !ports_.logits.empty();
    if (config_.classification) read_head();
    found.config = config_;
    found.tensors = std::move(tensors_);
    found.convolution_input = convolution_input_;
    return found;
  }

 private:
  [[noreturn]] void fail(std::string message, std::string hint = {}) const {
    throw Error(Diagnostic{
        .code = Status::bad_model, .file = file_, .message = std::move(message), .hint = std::move(hint)});
  }

  [[noreturn]] void not_recognised(const std::string& value, std::string_view expected) const {
    fail(fmt::format("{}: expected {}", view_.described_value(value), expected),
         "the structure is followed from the outputs to the inputs; this is where it was not recognised");
  }

  // ---- inputs and outputs
  // -----------------------------------------------------------------------------------

  const OnnxValue* find_value(const std::vector<OnnxValue>& values, std::string_view name, std::size_t rank,
                              bool by_rank) const {
    for (const OnnxValue& value : values) {
      if (value.name == name) return &value;
    }
    if (!by_rank) return nullptr;
    for (const OnnxValue& value : values) {
      if (value.shape.size() == rank && !is_weight(value.name)) return &value;
    }
    return nullptr;
  }

  /// Old files list their weights among the inputs.
  bool is_weight(const std::string& name) const {
    return std::any_of(graph_.initializers.begin(), graph_.initializers.end(),
                       [&](const OnnxTensor& tensor) { return tensor.name == name; });
  }

  EncoderPorts find_ports() const {
    const OnnxValue* const x_enc = find_value(graph_.inputs, "x_enc", 3, true);
    const OnnxValue* const mask = find_value(graph_.inputs, "mask", 2, true);
    const OnnxValue* const sequence = find_value(graph_.outputs, "sequence", 3, true);
    const OnnxValue* const mean = find_value(graph_.outputs, "mean", 2, true);
    const OnnxValue* const logits = find_value(graph_.outputs, "logits", 2, false);
    if (x_enc == nullptr || mask == nullptr)
      fail("expected the inputs x_enc [batch, T, 9] and mask [batch, T]; found " + listed(graph_.inputs));
    if (sequence == nullptr || mean == nullptr)
      fail("expected the outputs mean [batch, D] and sequence [batch, T, D]; found " +
           listed(graph_.outputs));
    return {.x_enc = x_enc->name,
            .mask = mask->name,
            .mean = mean->name,
            .sequence = sequence->name,
            .logits = logits != nullptr ? logits->name : std::string()};
  }

  static std::string listed(const std::vector<OnnxValue>& values) {
    std::string out;
    for (std::size_t i = 0; i < std::min<std::size_t>(values.size(), 8); ++i)
      out += fmt::format("{}\"{}\"", i == 0 ? "" : ", ", escaped(values[i].name));
    return out.empty() ? "none" : out;
  }

  /// Shapes for a batch of one. T must be stated by one of the inputs.
  std::vector<std::pair<std::string, OnnxShape>> input_shapes() const {
    const OnnxValue& x_enc = *find_value(graph_.inputs, ports_.x_enc, 3, false);
    const OnnxValue& mask = *find_value(graph_.inputs, ports_.mask, 2, false);
    std::int64_t steps = x_enc.shape.size() == 3 ? x_enc.shape[1].size : -1;
    if (steps < 0 && mask.shape.size() == 2) steps = mask.shape[1].size;
    constexpr std::int64_t kMinSteps = 3;  // see config.cpp
    if (steps < kMinSteps || steps > kPositionRows)
      fail(fmt::format("the input x_enc must state its number of steps, {} to {}", kMinSteps, kPositionRows));
    return {{ports_.x_enc, {1, steps, EncoderConfig().enc_in}}, {ports_.mask, {1, steps}}};
  }

  // ---- pieces that must be there
  // ----------------------------------------------------------------------------

  Norm require_norm(const std::string& value, std::string_view what) const {
    auto norm = pieces_.norm(value);
    if (!norm || norm->weight.size() != norm->bias.size()) not_recognised(value, what);
    return std::move(*norm);
  }

  /// A projection of `n_in` values to `n_out`; 0 means any.
  Linear require_linear(const std::string& value, std::int64_t n_in, std::int64_t n_out,
                        const std::string& what) const {
    auto linear = pieces_.linear(value);
    if (!linear) not_recognised(value, what + ": MatMul with a constant and Add, Gemm, or Conv of width 1");
    if (linear->n_in != n_in || (n_out != 0 && linear->n_out != n_out))
      not_recognised(value,
                     fmt::format("{} of {} inputs, found {} to {}", what, n_in, linear->n_in, linear->n_out));
    return std::move(*linear);
  }

  // ---- the walk
  // ---------------------------------------------------------------------------------------------

  /// Layers are met last to first; their tensors get their names when all are known.
  void walk_layers(std::string value) {
    constexpr std::size_t kMaxLayers = 64;  // see config.cpp
    std::vector<FoundLayer> layers;
    while (const auto norm2 = pieces_.norm(value)) {
      if (layers.size() == kMaxLayers) not_recognised(value, fmt::format("at most {} layers", kMaxLayers));
      value = walk_layer(*norm2, layers.emplace_back());
    }
    if (layers.empty()) not_recognised(value, "the LayerNorm that ends a layer");
    config_.e_layers = static_cast<std::int64_t>(layers.size());
    std::reverse(layers.begin(), layers.end());
    const EncoderNames names = encoder_names(layers.size());
    for (std::size_t i = 0; i < layers.size(); ++i) add_layer(names.layers[i], layers[i]);
    read_embedding(value);
  }

  void add_layer(const LayerNames& names, const FoundLayer& layer) {
    add_linear(names.query, layer.query);
    add_linear(names.key, layer.key);
    add_linear(names.value, layer.value);
    add_linear(names.out, layer.out);
    add_linear(names.conv1, layer.conv1, {1});
    add_linear(names.conv2, layer.conv2, {1});
    add_norm(names.norm1, layer.norm1);
    add_norm(names.norm2, layer.norm2);
  }

  /// Reads a layer from its last norm on; returns the value that goes into it.
  std::string walk_layer(const Norm& norm2, FoundLayer& layer) {
    check_width(norm2);
    layer.norm2 = norm2;
    const std::string after_attention = read_feed_forward(norm2.input, layer);
    layer.norm1 = require_norm(after_attention, "the LayerNorm after attention");
    check_width(layer.norm1);
    return read_attention(layer.norm1.input, layer);
  }

  /// The two terms of a skip connection's sum, in both orders.
  std::vector<std::pair<std::string, std::string>> sum_terms(const std::string& value,
                                                             std::string_view what) const {
    const std::string end = view_.without_layout(value);
    const OnnxNode* const sum = view_.maker(end);
    if (sum == nullptr || sum->op != "Add") not_recognised(end, what);
    return {{sum->inputs[0], sum->inputs[1]}, {sum->inputs[1], sum->inputs[0]}};
  }

  bool is_same(const std::string& a, const std::string& b) const {
    return view_.without_layout(a) == view_.without_layout(b);
  }

  /// h + conv2(gelu(conv1(h))); returns h.
  std::string read_feed_forward(const std::string& value, FoundLayer& layer) {
    for (const auto& [skip, fed] : sum_terms(value, "the sum of a skip connection and the feed-forward")) {
      const auto conv2 = pieces_.linear(fed);
      const auto active = conv2 ? pieces_.activation(conv2->input) : std::nullopt;
      if (!active) continue;
      const Linear conv1 =
          require_linear(active->first, config_.d_model, 0, "the feed-forward's first projection");
      if (!is_same(conv1.input, skip)) not_recognised(conv1.input, "the value of the skip connection");
      if (conv2->n_in != conv1.n_out || conv2->n_out != config_.d_model)
        not_recognised(fed, "a feed-forward that ends at the width it began with");
      agree("the width of the feed-forward", config_.d_ff, conv1.n_out, fed);
      if (!is_first_layer_ && config_.activation != active->second)
        not_recognised(fed, "the activation of the other layers");
      config_.activation = active->second;
      layer.conv1 = conv1;
      layer.conv2 = *conv2;
      return skip;
    }
    not_recognised(value, "one term to be a feed-forward: projection, gelu or relu, projection");
  }

  /// h + projection(softmax(q k' / sqrt(D/H)) v); returns h.
  std::string read_attention(const std::string& value, FoundLayer& layer) {
    for (const auto& [skip, attended] : sum_terms(value, "the sum of a skip connection and attention")) {
      const auto out = pieces_.linear(attended);
      const auto attention = out ? pieces_.attention(out->input) : std::nullopt;
      if (!attention) continue;
      check_heads(*attention, out->input);
      if (out->n_in != config_.d_model || out->n_out != config_.d_model)
        not_recognised(attended, fmt::format("a projection of {0} values to {0}", config_.d_model));
      layer.out = *out;
      layer.query = read_projection(attention->query, skip, "the query projection");
      layer.key = read_projection(attention->key, skip, "the key projection");
      layer.value = read_projection(attention->value, skip, "the value projection");
      is_first_layer_ = false;
      return skip;
    }
    not_recognised(value, "one term to be attention: softmax(q k' / sqrt(D/H)) v and a projection");
  }

  Linear read_projection(const std::string& value, const std::string& skip, const std::string& what) const {
    Linear projection = require_linear(value, config_.d_model, config_.d_model, what);
    if (!is_same(projection.input, skip))
      not_recognised(projection.input, "the value of the skip connection");
    return projection;
  }

  void check_heads(const AttentionPiece& attention, const std::string& value) {
    if (attention.n_heads < 1 || config_.d_model % attention.n_heads != 0)
      not_recognised(value, fmt::format("a number of heads that divides {}", config_.d_model));
    agree("the number of heads", config_.n_heads, attention.n_heads, value);
    const double expected = 1 / std::sqrt(static_cast<double>(config_.d_model / attention.n_heads));
    if (!is_near(attention.scale, expected))
      not_recognised(value, fmt::format("scores scaled by {:.6g}, found {:.6g}", expected, attention.scale));
  }

  /// All layers have one width, one number of heads; the first one met says which.
  void agree(std::string_view what, std::int64_t& known, std::int64_t found, const std::string& value) const {
    if (is_first_layer_) known = found;
    if (known != found)
      not_recognised(value, fmt::format("{} to be {} as in the other layers, found {}", what, known, found));
  }

  /// Convolution of width 3 plus positions.
  void read_embedding(const std::string& value) {
    const auto sum = view_.split(view_.without_layout(value), "Add");
    if (!sum) not_recognised(value, "a LayerNorm, or the token embedding plus positions");
    const auto count = static_cast<std::size_t>(config_.seq_len * config_.d_model);
    if (sum->constant->reals.size() != count)
      not_recognised(value,
                     fmt::format("positions of {} steps and width {}", config_.seq_len, config_.d_model));
    add_positions(sum->constant->reals);
    const std::string token = view_.without_layout(sum->varying);
    const OnnxNode* const node = view_.maker(token);
    const OnnxArray* const weight =
        node != nullptr && node->op == "Conv" ? view_.constant(node->inputs.at(1)) : nullptr;
    const OnnxShape expected{config_.d_model, config_.enc_in, 3};
    if (weight == nullptr || weight->shape != expected)
      not_recognised(token, fmt::format("a Conv with a constant [{}, {}, 3]: the token embedding",
                                        config_.d_model, config_.enc_in));
    if (node->inputs.size() > 2) {
      const OnnxArray* const bias = view_.constant(node->inputs[2]);
      if (bias == nullptr ||
          std::any_of(bias->reals.begin(), bias->reals.end(), [](double b) { return b != 0; }))
        not_recognised(token, "a token embedding without bias");
    }
    convolution_input_ = node->inputs.at(0);
    add(encoder_names(0).token_convolution, weight->reals, expected);
  }

  /// Files hold the first T rows, or the whole buffer cut when it is used. Rows beyond T are never used;
  /// where the file has them they are kept, else they follow from the formula.
  void add_positions(std::vector<double> rows) {
    const auto whole = static_cast<std::size_t>(kPositionRows * config_.d_model);
    for (const OnnxTensor& tensor : graph_.initializers) {
      if (tensor.floats.size() == whole && std::equal(rows.begin(), rows.end(), tensor.floats.begin())) {
        rows.assign(tensor.floats.begin(), tensor.floats.end());
        break;
      }
    }
    if (rows.size() < whole) {
      std::vector<double> formula(whole);
      fill_positions(kPositionRows, config_.d_model, formula.data());
      rows.insert(rows.end(), formula.begin() + static_cast<std::ptrdiff_t>(rows.size()), formula.end());
    }
    add(encoder_names(0).positions, rows, {1, kPositionRows, config_.d_model});
  }

  void read_head() {
    const Linear head = require_linear(ports_.logits, config_.seq_len * config_.d_model, 0, "the head");
    config_.num_classes = head.n_out;
    add_linear(head_names(), head);
  }

  // ---- what was found
  // ---------------------------------------------------------------------------------------

  void add(const std::string& name, const std::vector<double>& values, OnnxShape shape) {
    Tensor& tensor = tensors_[name];
    tensor.shape = std::move(shape);
    tensor.dtype = "F32";
    tensor.data.assign(values.begin(), values.end());
    if (!std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); }))
      fail(fmt::format("the weights of {} are not all finite", name));
  }

  /// `window`: {1} for a convolution of width 1.
  void add_linear(const AffineNames& names, const Linear& linear, const OnnxShape& window = {}) {
    OnnxShape shape{linear.n_out, linear.n_in};
    shape.insert(shape.end(), window.begin(), window.end());
    add(names.weight, linear.weight, std::move(shape));
    add(names.bias, linear.bias, {linear.n_out});
  }

  void check_width(const Norm& norm) const {
    if (static_cast<std::int64_t>(norm.weight.size()) != config_.d_model)
      not_recognised(norm.input, fmt::format("LayerNorms of width {}", config_.d_model));
  }

  void add_norm(const AffineNames& names, const Norm& norm) {
    add(names.weight, norm.weight, {config_.d_model});
    add(names.bias, norm.bias, {config_.d_model});
  }

  const OnnxGraph& graph_;
  const std::string& file_;
  EncoderPorts ports_;
  GraphView view_;
  Pieces pieces_;
  EncoderConfig config_;
  bool is_first_layer_ = true;
  std::map<std::string, Tensor, std::less<>> tensors_;
  std::string convolution_input_;
};

}  // namespace

EncoderStructure find_encoder(const OnnxGraph& graph, const std::string& file) {
  return EncoderWalk(graph, file).find();
}

}  // namespace astrom3
