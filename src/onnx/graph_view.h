// SPDX-License-Identifier: MIT
//
// A graph whose sizes and constants are known: what a reader of its structure walks over.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "onnx/evaluate.h"

namespace astrom3 {

/// A value and what it is multiplied by.
struct Scaled {
  std::string value;
  double factor = 1;
};

/// Who makes which value, the shape of each for a batch of one, and the values of all that does not depend on
/// the light curve. Exporters write the same thing in many ways; here the differences that mean nothing
/// disappear.
class GraphView {
 public:
  /// Follows the graph with inputs of these shapes, without running it. Throws Error bad_model.
  GraphView(const OnnxGraph& graph, const std::vector<std::pair<std::string, OnnxShape>>& inputs,
            const std::string& file);

  /// The node that makes `value`; null for inputs, weights and what a fold of constants made.
  const OnnxNode* maker(std::string_view value) const;
  /// The values of what does not depend on the light curve; null for what does.
  const OnnxArray* constant(std::string_view value) const;
  const OnnxShape& shape(std::string_view value) const;
  /// The one number that a constant holds; nothing for anything else.
  std::optional<double> number(std::string_view value) const;

  /// Up through nodes that only lay values out anew: Transpose, Reshape, Squeeze, Unsqueeze, Identity, Cast,
  /// ...
  std::string without_layout(std::string value) const;
  /// The same, and through multiplications and divisions by one number, which are collected.
  Scaled without_scale(std::string value) const;

  /// `value` is a sum or a product (`op`) of something that depends on the light curve and a constant: both.
  struct Split {
    std::string varying;
    const OnnxArray* constant = nullptr;
    std::string constant_name;
  };
  std::optional<Split> split(std::string_view value, std::string_view op) const;

  /// `value "x", made by node "y" (Op)`, for messages.
  std::string described_value(std::string_view value) const;

 private:
  const OnnxGraph& graph_;
  std::map<std::string_view, const OnnxNode*> makers_;
  OnnxArrays values_;
};

}  // namespace astrom3
