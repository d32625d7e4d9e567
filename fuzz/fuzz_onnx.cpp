// SPDX-License-Identifier: MIT
//
// Any bytes as an ONNX file: an Error, or weights that the engine can be compared on.
//
// Bytes alone rarely get past Protocol Buffers, so most mutants are made of a parsed graph: an operator
// renamed, an input rewired, a size or an attribute changed, a node gone. The seeds are the smallest encoder
// (3 steps, width 2) as exported by this program and by PyTorch (tests/onnx/export_reference.py).
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "astrom3/base/error.h"
#include "base/random.h"
#include "onnx/onnx_module.h"
#include "onnx/self_check.h"
#include "onnx/structure.h"
#include "require.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace {

using astrom3::OnnxAttribute;
using astrom3::OnnxGraph;
using astrom3::OnnxNode;
using astrom3::OnnxTensor;

constexpr const char* kOperators[] = {"Add",
                                      "Sub",
                                      "Mul",
                                      "Div",
                                      "Pow",
                                      "Max",
                                      "Equal",
                                      "Where",
                                      "Sqrt",
                                      "Erf",
                                      "Relu",
                                      "Gelu",
                                      "Identity",
                                      "Clip",
                                      "Cast",
                                      "Shape",
                                      "Concat",
                                      "Gather",
                                      "Reshape",
                                      "Flatten",
                                      "Squeeze",
                                      "Expand",
                                      "Unsqueeze",
                                      "Transpose",
                                      "Slice",
                                      "Pad",
                                      "Conv",
                                      "Gemm",
                                      "MatMul",
                                      "Einsum",
                                      "Softmax",
                                      "Attention",
                                      "ReduceSum",
                                      "ReduceMean",
                                      "Constant",
                                      "ConstantOfShape",
                                      "LayerNormalization"};
constexpr std::int64_t kNumbers[] = {
    0, 1, -1, 2, 3, 5, 8, -2, 40, 1000, 100000, std::int64_t{1} << 40, INT64_MAX, INT64_MIN};

class GraphMutator {
 public:
  GraphMutator(OnnxGraph& graph, std::uint64_t seed) : graph_(graph), random_(seed) {}

  void mutate() {
    for (std::uint64_t n = 1 + below(3); n > 0; --n) change();
  }

 private:
  std::uint64_t below(std::uint64_t n) { return n == 0 ? 0 : random_.bits() % n; }
  std::int64_t number() { return kNumbers[below(std::size(kNumbers))]; }

  template <class List>
  auto* any(List& list) {
    return list.empty() ? nullptr : &list[below(list.size())];
  }

  void change() {
    OnnxNode* const node = any(graph_.nodes);
    OnnxTensor* const tensor = any(graph_.initializers);
    if (node == nullptr || tensor == nullptr) return;
    switch (below(9)) {
      case 0:
        node->op = kOperators[below(std::size(kOperators))];
        break;
      case 1:
        if (std::string* input = any(node->inputs)) *input = any_value();
        break;
      case 2:
        change_attribute(*node);
        break;
      case 3:
        if (std::int64_t* value = any(tensor->integers)) *value = number();
        break;
      case 4:
        if (std::int64_t* size = any(tensor->shape)) *size = number();
        break;
      case 5:
        if (float* value = any(tensor->floats)) *value = static_cast<float>(number());
        break;
      case 6:
        if (below(2) == 0)
          node->inputs.push_back(any_value());
        else if (!node->inputs.empty())
          node->inputs.pop_back();
        break;
      case 7:
        std::swap(*node, graph_.nodes[below(graph_.nodes.size())]);
        break;
      default:
        if (auto* value = any(below(2) == 0 ? graph_.inputs : graph_.outputs))
          if (auto* dimension = any(value->shape)) *dimension = {.size = number(), .name = {}};
        break;
    }
  }

  std::string any_value() {
    if (below(8) == 0) return {};
    if (below(3) == 0 && !graph_.initializers.empty()) return any(graph_.initializers)->name;
    const OnnxNode& node = *any(graph_.nodes);
    return node.outputs.empty() ? "x_enc" : node.outputs.front();
  }

  void change_attribute(OnnxNode& node) {
    OnnxAttribute* const attribute = any(node.attributes);
    if (attribute == nullptr) return;
    attribute->integer = number();
    attribute->real = static_cast<float>(number());
    if (std::int64_t* value = any(attribute->integers)) *value = number();
    if (!attribute->text.empty()) attribute->text[below(attribute->text.size())] = "abht,->"[below(7)];
  }

  OnnxGraph& graph_;
  astrom3::Random random_;
};

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  (void)astrom3::onnx_module(astrom3::Status::internal);  // without it every input would be an Error
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned int seed) {
  if (seed % 4 != 0) {
    try {
      OnnxGraph graph = astrom3::parse_onnx({reinterpret_cast<const char*>(data), size}, "seed.onnx");
      GraphMutator(graph, seed).mutate();
      const std::string bytes = astrom3::onnx_module(astrom3::Status::internal).serialize(graph);
      if (bytes.size() <= max_size) {
        std::copy(bytes.begin(), bytes.end(), data);
        return bytes.size();
      }
    } catch (const astrom3::Error&) {
    }
  }
  return LLVMFuzzerMutate(data, size, max_size);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const OnnxGraph graph = astrom3::parse_onnx({reinterpret_cast<const char*>(data), size}, "fuzz.onnx");
    const astrom3::EncoderStructure found = astrom3::find_encoder(graph, "fuzz.onnx");
    // Only small networks are run: a large one is slow, and nothing more.
    if (astrom3::encoder_operations(found.config) > 1e5) return 0;
    auto checkpoint = std::make_shared<astrom3::Checkpoint>();
    checkpoint->config = found.config;
    checkpoint->tensors = found.tensors;
    astrom3::compare_with_engine(graph, found.ports, checkpoint, {}, "fuzz.onnx");
  } catch (const astrom3::Error& error) {
    astrom3::require(error.code() != astrom3::Status::internal && error.code() != astrom3::Status::ok);
  }
  return 0;
}
