// SPDX-License-Identifier: MIT
//
// Builds an ONNX graph node by node from the tensors of a checkpoint.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/encoder/checkpoint.h"
#include "encoder/checkpoint_layout.h"
#include "onnx/graph.h"

namespace astrom3 {

OnnxAttribute integer_attribute(const char* name, std::int64_t value);
OnnxAttribute integers_attribute(const char* name, std::vector<std::int64_t> values);
OnnxAttribute real_attribute(const char* name, float value);

/// A value has the name of the node that makes it; each function returns it. Initializers that hold a tensor
/// of the checkpoint have its name, with `prefix` before it.
class GraphBuilder {
 public:
  GraphBuilder(const std::map<std::string, Tensor, std::less<>>& tensors, OnnxGraph& graph,
               std::string prefix = {})
      : tensors_(tensors), graph_(graph), prefix_(std::move(prefix)) {}

  std::string node(const std::string& name, const char* op, std::vector<std::string> inputs,
                   std::vector<OnnxAttribute> attributes = {});
  std::string number(const std::string& name, float value);
  std::string sizes(const std::string& name, std::vector<std::int64_t> values);
  std::string initializer(OnnxTensor tensor);

  const Tensor& tensor(const std::string& name) const { return tensors_.find(name)->second; }
  /// A tensor of the checkpoint as it is.
  std::string weight(const std::string& name);
  /// [out, in] or [out, in, 1] as [in, out], what MatMul wants; its name says so.
  std::string transposed_weight(const std::string& name);
  /// MatMul and Add.
  std::string linear(const std::string& name, const std::string& input, const AffineNames& tensors);
  /// Gemm of [batch, in], which takes the weight as it is.
  std::string gemm(const std::string& name, const std::string& input, const AffineNames& tensors);

 private:
  const std::map<std::string, Tensor, std::less<>>& tensors_;
  OnnxGraph& graph_;
  std::string prefix_;
};

/// What transposed_weight() adds to a tensor's name.
inline constexpr const char* kTransposed = ".transposed";

}  // namespace astrom3
