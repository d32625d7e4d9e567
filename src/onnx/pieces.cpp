// SPDX-License-Identifier: MIT
#include "onnx/pieces.h"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/encoder/checkpoint.h"
#include "onnx/graph.h"
#include "onnx/graph_view.h"

namespace astrom3 {
namespace {

constexpr double kEncoderEpsilon = 1e-5;

std::vector<double> transposed(const std::vector<double>& values, std::int64_t n_rows,
                               std::int64_t n_columns) {
  std::vector<double> result(values.size());
  const auto rows = static_cast<std::size_t>(n_rows);
  const auto columns = static_cast<std::size_t>(n_columns);
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) result[j * rows + i] = values[i * columns + j];
  }
  return result;
}

bool is_product(const OnnxNode& node) {
  return (node.op == "MatMul" || node.op == "Einsum") && node.inputs.size() == 2;
}

}  // namespace

bool is_near(double value, double expected) {
  constexpr double kTolerance = 1e-5;
  return std::abs(value - expected) <= kTolerance * std::abs(expected);
}

std::optional<Linear> Pieces::linear(const std::string& value) const {
  const std::string end = view_.without_layout(value);
  const OnnxNode* const node = view_.maker(end);
  if (node == nullptr) return std::nullopt;
  if (node->op == "Conv") return convolution(*node);
  if (node->op == "Gemm") return gemm(*node);
  const auto sum = view_.split(end, "Add");
  if (!sum || sum->constant->rank() == 0) return std::nullopt;
  const std::string product = view_.without_layout(sum->varying);
  const OnnxNode* const multiply = view_.maker(product);
  if (multiply == nullptr || multiply->op != "MatMul" || multiply->inputs.size() != 2) return std::nullopt;
  const OnnxArray* const weight = view_.constant(multiply->inputs[1]);
  if (weight == nullptr || !weight->is_real || weight->rank() != 2) return std::nullopt;
  if (static_cast<std::int64_t>(sum->constant->reals.size()) != weight->shape[1]) return std::nullopt;
  return Linear{.input = multiply->inputs[0],
                .weight = transposed(weight->reals, weight->shape[0], weight->shape[1]),
                .bias = sum->constant->reals,
                .n_out = weight->shape[1],
                .n_in = weight->shape[0]};
}

std::optional<Norm> Pieces::norm(const std::string& value) const {
  const std::string end = view_.without_layout(value);
  const OnnxNode* const node = view_.maker(end);
  if (node == nullptr) return std::nullopt;
  if (node->op == "LayerNormalization") return norm_operator(*node);
  const auto shifted = view_.split(end, "Add");
  if (!shifted) return std::nullopt;
  const auto stretched = view_.split(shifted->varying, "Mul");
  if (!stretched || stretched->constant->rank() == 0) return std::nullopt;
  const OnnxNode* const quotient = view_.maker(stretched->varying);
  if (quotient == nullptr || quotient->op != "Div") return std::nullopt;
  const OnnxNode* const centred = view_.maker(quotient->inputs.at(0));
  const OnnxNode* const root = view_.maker(quotient->inputs.at(1));
  if (centred == nullptr || centred->op != "Sub" || root == nullptr || root->op != "Sqrt")
    return std::nullopt;
  const OnnxNode* const mean = view_.maker(centred->inputs.at(1));
  if (mean == nullptr || mean->op != "ReduceMean" || mean->inputs.at(0) != centred->inputs.at(0))
    return std::nullopt;
  return Norm{
      .input = centred->inputs[0], .weight = stretched->constant->reals, .bias = shifted->constant->reals};
}

std::optional<std::pair<std::string, Activation>> Pieces::activation(const std::string& value) const {
  const std::string end = view_.without_layout(value);
  const OnnxNode* const node = view_.maker(end);
  if (node == nullptr) return std::nullopt;
  if (node->op == "Relu") return std::pair(node->inputs.at(0), Activation::relu);
  if (node->op == "Gelu") return std::pair(node->inputs.at(0), Activation::gelu);
  if (node->op == "Mul") return gelu(end);
  return std::nullopt;
}

std::optional<AttentionPiece> Pieces::attention(const std::string& value) const {
  const std::string end = view_.without_layout(value);
  const OnnxNode* const mixed = view_.maker(end);
  if (mixed == nullptr) return std::nullopt;
  if (mixed->op == "Attention") return attention_operator(*mixed);
  if (!is_product(*mixed)) return std::nullopt;
  const std::string shares = view_.without_layout(mixed->inputs[0]);
  const OnnxNode* const softmax = view_.maker(shares);
  if (softmax == nullptr || softmax->op != "Softmax") return std::nullopt;
  const Scaled scores = view_.without_scale(softmax->inputs.at(0));
  const OnnxNode* const product = view_.maker(scores.value);
  if (product == nullptr || !is_product(*product)) return std::nullopt;
  const Scaled q = view_.without_scale(product->inputs[0]);
  const Scaled k = view_.without_scale(product->inputs[1]);
  const OnnxShape& shape = view_.shape(shares);  // [1, H, T, T] or [H, T, T]
  if (shape.size() < 3) return std::nullopt;
  return AttentionPiece{.query = q.value,
                        .key = k.value,
                        .value = view_.without_layout(mixed->inputs[1]),
                        .n_heads = shape[shape.size() - 3],
                        .scale = scores.factor * q.factor * k.factor};
}

std::optional<Linear> Pieces::convolution(const OnnxNode& node) const {
  const OnnxArray* const weight = view_.constant(node.inputs.at(1));
  const OnnxArray* const bias = node.inputs.size() > 2 ? view_.constant(node.inputs[2]) : nullptr;
  if (weight == nullptr || bias == nullptr || weight->rank() != 3 || weight->shape[2] != 1)
    return std::nullopt;
  return Linear{.input = node.inputs[0],
                .weight = weight->reals,
                .bias = bias->reals,
                .n_out = weight->shape[0],
                .n_in = weight->shape[1]};
}

std::optional<Linear> Pieces::gemm(const OnnxNode& node) const {
  const auto plain = [&](const char* name) {
    const OnnxAttribute* const attribute = node.find(name);
    return attribute == nullptr || attribute->real == 1.0F;
  };
  const OnnxArray* const weight = view_.constant(node.inputs.at(1));
  const OnnxArray* const bias = node.inputs.size() > 2 ? view_.constant(node.inputs[2]) : nullptr;
  if (weight == nullptr || bias == nullptr || weight->rank() != 2 || !plain("alpha") || !plain("beta"))
    return std::nullopt;
  const OnnxAttribute* const flag = node.find("transB");
  const bool rows_are_outputs = flag != nullptr && flag->integer != 0;
  const std::int64_t n_out = weight->shape[rows_are_outputs ? 0 : 1];
  if (static_cast<std::int64_t>(bias->reals.size()) != n_out) return std::nullopt;
  return Linear{.input = node.inputs[0],
                .weight = rows_are_outputs ? weight->reals
                                           : transposed(weight->reals, weight->shape[0], weight->shape[1]),
                .bias = bias->reals,
                .n_out = n_out,
                .n_in = weight->shape[rows_are_outputs ? 1 : 0]};
}

std::optional<AttentionPiece> Pieces::attention_operator(const OnnxNode& node) const {
  if (node.inputs.size() != 3) return std::nullopt;
  const OnnxShape& shape = view_.shape(node.inputs[0]);  // [1, H, T, E]
  if (shape.size() != 4 || shape[3] <= 0) return std::nullopt;
  const OnnxAttribute* const given = node.find("scale");
  const double own =
      given != nullptr ? static_cast<double>(given->real) : 1 / std::sqrt(static_cast<double>(shape[3]));
  const Scaled q = view_.without_scale(node.inputs[0]);
  const Scaled k = view_.without_scale(node.inputs[1]);
  return AttentionPiece{.query = q.value,
                        .key = k.value,
                        .value = view_.without_layout(node.inputs[2]),
                        .n_heads = shape[1],
                        .scale = own * q.factor * k.factor};
}

/// x (1 + erf(x / sqrt 2)) / 2 with its factors in any order: one half, x, and the sum.
std::optional<std::pair<std::string, Activation>> Pieces::gelu(const std::string& value) const {
  double factor = 1;
  std::vector<std::string> factors;
  collect_factors(value, 4, factor, factors);
  if (factors.size() != 2 || !is_near(factor, 0.5)) return std::nullopt;
  for (const std::size_t i : {std::size_t{0}, std::size_t{1}}) {
    const auto sum = view_.split(factors[i], "Add");
    if (!sum || sum->constant->reals.size() != 1 || !is_near(sum->constant->reals[0], 1)) continue;
    const OnnxNode* const erf = view_.maker(sum->varying);
    if (erf == nullptr || erf->op != "Erf") continue;
    const Scaled inside = view_.without_scale(erf->inputs.at(0));
    const std::string x = view_.without_layout(factors[1 - i]);
    if (inside.value == x && is_near(inside.factor, 1 / std::numbers::sqrt2))
      return std::pair(x, Activation::gelu);
  }
  return std::nullopt;
}

void Pieces::collect_factors(const std::string& value, int depth, double& factor,
                             std::vector<std::string>& factors) const {
  const OnnxNode* const node = view_.maker(value);
  if (const auto number = view_.number(value)) {
    factor *= *number;
  } else if (depth > 0 && node != nullptr && node->op == "Mul" && node->inputs.size() == 2) {
    for (const std::string& input : node->inputs) collect_factors(input, depth - 1, factor, factors);
  } else {
    factors.push_back(value);
  }
}

std::optional<Norm> Pieces::norm_operator(const OnnxNode& node) const {
  const OnnxArray* const weight = view_.constant(node.inputs.at(1));
  const OnnxArray* const bias = node.inputs.size() > 2 ? view_.constant(node.inputs[2]) : nullptr;
  const OnnxAttribute* const epsilon = node.find("epsilon");
  if (weight == nullptr || bias == nullptr) return std::nullopt;
  if (epsilon != nullptr && !is_near(static_cast<double>(epsilon->real), kEncoderEpsilon))
    return std::nullopt;
  return Norm{.input = node.inputs[0], .weight = weight->reals, .bias = bias->reals};
}

}  // namespace astrom3
