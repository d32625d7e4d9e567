// SPDX-License-Identifier: MIT
//
// The pieces an encoder is made of, recognised however an exporter spelt them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/encoder/checkpoint.h"
#include "onnx/graph_view.h"

namespace astrom3 {

/// A weight and bias with what they are applied to. weight [out, in], bias [out].
struct Linear {
  std::string input;
  std::vector<double> weight;
  std::vector<double> bias;
  std::int64_t n_out = 0;
  std::int64_t n_in = 0;
};

struct Norm {
  std::string input;
  std::vector<double> weight;
  std::vector<double> bias;
};

struct AttentionPiece {
  std::string query, key, value;  ///< what the three projections give
  std::int64_t n_heads = 0;
  double scale = 0;  ///< of the scores
};

/// Each function returns nothing where the value at hand is not such a piece.
class Pieces {
 public:
  explicit Pieces(const GraphView& view) : view_(view) {}

  /// MatMul and Add, Gemm, or a convolution of width 1.
  std::optional<Linear> linear(const std::string& value) const;
  /// LayerNormalization, or what it was written as before opset 17: (x - mean) / sqrt(variance + eps) * w +
  /// b.
  std::optional<Norm> norm(const std::string& value) const;
  /// Relu, Gelu, or x (1 + erf(x / sqrt 2)) / 2: what it is applied to.
  std::optional<std::pair<std::string, Activation>> activation(const std::string& value) const;
  /// softmax(scale q k') v as MatMul, Einsum or Attention.
  std::optional<AttentionPiece> attention(const std::string& value) const;

 private:
  std::optional<Linear> convolution(const OnnxNode& node) const;
  std::optional<Linear> gemm(const OnnxNode& node) const;
  std::optional<Norm> norm_operator(const OnnxNode& node) const;
  std::optional<AttentionPiece> attention_operator(const OnnxNode& node) const;
  std::optional<std::pair<std::string, Activation>> gelu(const std::string& value) const;
  void collect_factors(const std::string& value, int depth, double& factor,
                       std::vector<std::string>& factors) const;

  const GraphView& view_;
};

/// Whether `value` is `expected`, a constant of the network, as far as float32 and short printing leave it.
bool is_near(double value, double expected);

}  // namespace astrom3
