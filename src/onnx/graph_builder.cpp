// SPDX-License-Identifier: MIT
#include "onnx/graph_builder.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/encoder/checkpoint.h"
#include "encoder/checkpoint_layout.h"
#include "onnx/graph.h"

namespace astrom3 {

OnnxAttribute integer_attribute(const char* name, std::int64_t value) {
  return {.name = name, .kind = OnnxAttributeKind::integer, .integer = value};
}

OnnxAttribute integers_attribute(const char* name, std::vector<std::int64_t> values) {
  return {.name = name, .kind = OnnxAttributeKind::integers, .integers = std::move(values)};
}

OnnxAttribute real_attribute(const char* name, float value) {
  return {.name = name, .kind = OnnxAttributeKind::real, .real = value};
}

std::string GraphBuilder::node(const std::string& name, const char* op, std::vector<std::string> inputs,
                               std::vector<OnnxAttribute> attributes) {
  graph_.nodes.push_back({.name = name,
                          .op = op,
                          .inputs = std::move(inputs),
                          .outputs = {name},
                          .attributes = std::move(attributes)});
  return name;
}

std::string GraphBuilder::number(const std::string& name, float value) {
  return initializer({.name = name, .floats = {value}});
}

std::string GraphBuilder::sizes(const std::string& name, std::vector<std::int64_t> values) {
  const auto count = static_cast<std::int64_t>(values.size());
  return initializer(
      {.name = name, .type = OnnxType::int64, .shape = {count}, .integers = std::move(values)});
}

std::string GraphBuilder::initializer(OnnxTensor tensor) {
  graph_.initializers.push_back(std::move(tensor));
  return graph_.initializers.back().name;
}

std::string GraphBuilder::weight(const std::string& name) {
  const Tensor& of_it = tensor(name);
  return initializer({.name = prefix_ + name, .shape = of_it.shape, .floats = of_it.data});
}

std::string GraphBuilder::transposed_weight(const std::string& name) {
  const Tensor& of_it = tensor(name);
  const auto n_out = static_cast<std::size_t>(of_it.shape[0]);
  const auto n_in = static_cast<std::size_t>(of_it.shape[1]);
  std::vector<float> values(of_it.data.size());
  for (std::size_t o = 0; o < n_out; ++o) {
    for (std::size_t i = 0; i < n_in; ++i) values[i * n_out + o] = of_it.data[o * n_in + i];
  }
  return initializer({.name = prefix_ + name + kTransposed,
                      .shape = {of_it.shape[1], of_it.shape[0]},
                      .floats = std::move(values)});
}

std::string GraphBuilder::linear(const std::string& name, const std::string& input,
                                 const AffineNames& tensors) {
  const std::string product = node(name + "/matmul", "MatMul", {input, transposed_weight(tensors.weight)});
  return node(name, "Add", {product, weight(tensors.bias)});
}

std::string GraphBuilder::gemm(const std::string& name, const std::string& input,
                               const AffineNames& tensors) {
  return node(name, "Gemm", {input, weight(tensors.weight), weight(tensors.bias)},
              {integer_attribute("transB", 1)});
}

}  // namespace astrom3
