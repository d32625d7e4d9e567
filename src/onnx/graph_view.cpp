// SPDX-License-Identifier: MIT
#include "onnx/graph_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "onnx/array.h"
#include "onnx/evaluate.h"
#include "onnx/graph.h"

namespace astrom3 {
namespace {

constexpr std::array<std::string_view, 8> kLayoutOperators{"Transpose", "Reshape", "Squeeze", "Unsqueeze",
                                                           "Identity",  "Flatten", "Cast",    "Dropout"};

bool is_layout(const OnnxNode& node) {
  return std::find(kLayoutOperators.begin(), kLayoutOperators.end(), node.op) != kLayoutOperators.end();
}

/// Folding constants may make a few copies of the weights and no more.
OnnxBudget folding_budget(const OnnxGraph& graph) {
  std::uint64_t elements = 1 << 20;
  for (const OnnxTensor& tensor : graph.initializers)
    elements += 4 * (tensor.floats.size() + tensor.integers.size());
  return {.elements = elements, .operations = std::uint64_t{1} << 30};
}

}  // namespace

GraphView::GraphView(const OnnxGraph& graph, const std::vector<std::pair<std::string, OnnxShape>>& inputs,
                     const std::string& file)
    : graph_(graph) {
  OnnxRun run{.budget = folding_budget(graph)};
  for (const auto& [name, shape] : inputs) {
    OnnxArray& feed = run.feeds[name];
    feed.shape = shape;
    feed.has_data = false;
  }
  values_ = evaluate(graph, run, file);
  for (const OnnxNode& node : graph_.nodes) {
    for (const std::string& output : node.outputs) makers_.emplace(output, &node);
  }
}

const OnnxNode* GraphView::maker(std::string_view value) const {
  const auto found = makers_.find(value);
  return found == makers_.end() ? nullptr : found->second;
}

const OnnxArray* GraphView::constant(std::string_view value) const {
  const auto found = values_.find(value);
  return found != values_.end() && found->second.has_data ? &found->second : nullptr;
}

const OnnxShape& GraphView::shape(std::string_view value) const {
  static const OnnxShape kNone;
  const auto found = values_.find(value);
  return found == values_.end() ? kNone : found->second.shape;
}

std::optional<double> GraphView::number(std::string_view value) const {
  const OnnxArray* const array = constant(value);
  if (array == nullptr || !array->is_real || array->reals.size() != 1) return std::nullopt;
  return array->reals[0];
}

std::string GraphView::without_layout(std::string value) const {
  for (const OnnxNode* node = maker(value); node != nullptr && is_layout(*node) && constant(value) == nullptr;
       node = maker(value)) {
    value = node->inputs.at(0);
  }
  return value;
}

Scaled GraphView::without_scale(std::string value) const {
  Scaled scaled{.value = without_layout(std::move(value))};
  while (const OnnxNode* const node = maker(scaled.value)) {
    if ((node->op != "Mul" && node->op != "Div") || node->inputs.size() != 2) break;
    const auto left = number(node->inputs[0]);
    const auto right = number(node->inputs[1]);
    if (right && node->op == "Div") {
      scaled.factor /= *right;
    } else if (right || (left && node->op == "Mul")) {
      scaled.factor *= right ? *right : *left;
    } else {
      break;
    }
    scaled.value = without_layout(node->inputs[right ? 0 : 1]);
  }
  return scaled;
}

std::optional<GraphView::Split> GraphView::split(std::string_view value, std::string_view op) const {
  const OnnxNode* const node = maker(value);
  if (node == nullptr || node->op != op || node->inputs.size() != 2) return std::nullopt;
  for (const std::size_t i : {std::size_t{0}, std::size_t{1}}) {
    const OnnxArray* const array = constant(node->inputs[i]);
    if (array != nullptr && array->is_real && constant(node->inputs[1 - i]) == nullptr)
      return Split{.varying = node->inputs[1 - i], .constant = array, .constant_name = node->inputs[i]};
  }
  return std::nullopt;
}

std::string GraphView::described_value(std::string_view value) const {
  const OnnxNode* const node = maker(value);
  return node == nullptr ? fmt::format("value \"{}\"", escaped(value))
                         : fmt::format("value \"{}\", made by {}", escaped(value), described(*node));
}

}  // namespace astrom3
