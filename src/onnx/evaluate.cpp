// SPDX-License-Identifier: MIT
#include "onnx/evaluate.h"

#include <fmt/format.h>

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "onnx/array.h"
#include "onnx/graph.h"

namespace astrom3 {
namespace {

OnnxOperator find_operator(std::string_view name) {
  for (const auto find : {find_elementwise, find_layout, find_reduction, find_product}) {
    if (const OnnxOperator found = find(name)) return found;
  }
  return nullptr;
}

class Evaluation {
 public:
  Evaluation(const OnnxGraph& graph, const OnnxRun& run, const std::string& file)
      : graph_(graph), run_(run), file_(file), budget_(run.budget) {}

  OnnxArrays result() {
    find_needed();
    values_ = run_.feeds;
    for (const OnnxTensor& tensor : graph_.initializers) {
      if (!is_needed(tensor.name)) continue;
      if (tensor.type == OnnxType::unsupported)
        fail(fmt::format("the tensor \"{}\" has an element type that is not known here",
                         escaped(tensor.name)));
      values_.try_emplace(tensor.name, to_array(tensor));
    }
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      if (runs_[i]) run_node(i);
    }
    for (const std::string& name : run_.wanted) {
      if (values_.find(name) == values_.end())
        fail(fmt::format("no node makes the value \"{}\"", escaped(name)));
    }
    return std::move(values_);
  }

 private:
  [[noreturn]] void fail(std::string message) const {
    throw Error(Diagnostic{.code = Status::bad_model, .file = file_, .message = std::move(message)});
  }

  bool is_needed(const std::string& name) const { return run_.wanted.empty() || last_use_.count(name) > 0; }

  /// Which nodes run, and after which one a value is needed no more. From the last node to the first, since
  /// each value is made before it is used.
  void find_needed() {
    constexpr std::size_t kForever = ~std::size_t{0};
    for (const std::string& name : run_.wanted) last_use_[name] = kForever;
    runs_.assign(graph_.nodes.size(), false);
    for (std::size_t i = graph_.nodes.size(); i-- > 0;) {
      const OnnxNode& node = graph_.nodes[i];
      bool runs = run_.wanted.empty();
      bool is_fed = false;
      for (const std::string& output : node.outputs) {
        is_fed = is_fed || run_.feeds.count(output) > 0;
        runs = runs || (!output.empty() && last_use_.count(output) > 0);
      }
      runs_[i] = runs && !is_fed;
      if (!runs_[i]) continue;
      for (const std::string& input : node.inputs)
        last_use_.try_emplace(input, run_.wanted.empty() ? kForever : i);
    }
  }

  void run_node(std::size_t i) {
    const OnnxNode& node = graph_.nodes[i];
    const OnnxOperator function = node.domain.empty() ? find_operator(node.op) : nullptr;
    if (function == nullptr)
      fail(described(node) + ": this operator is not part of an encoder as it is known here");
    std::vector<const OnnxArray*> inputs;
    for (const std::string& input : node.inputs) {
      if (input.empty()) {
        inputs.push_back(nullptr);
        continue;
      }
      const auto found = values_.find(input);
      if (found == values_.end())
        fail(fmt::format("{}: its input \"{}\" is made by no node before it", described(node),
                         escaped(input)));
      inputs.push_back(&found->second);
    }
    std::vector<OnnxArray> outputs;
    OperatorCall call(node, std::move(inputs), outputs, budget_, file_);
    function(call);
    for (std::size_t k = 0; k < node.outputs.size(); ++k) {
      if (node.outputs[k].empty()) continue;
      if (k >= outputs.size()) call.fail("has an output that is not known here");
      if (!values_.try_emplace(node.outputs[k], std::move(outputs[k])).second)
        call.fail(fmt::format("the value \"{}\" is there twice", escaped(node.outputs[k])));
    }
    for (const std::string& input : node.inputs) {
      if (const auto use = last_use_.find(input); use != last_use_.end() && use->second == i)
        values_.erase(input);
    }
  }

  const OnnxGraph& graph_;
  const OnnxRun& run_;
  const std::string& file_;
  OnnxBudget budget_;
  OnnxArrays values_;
  std::vector<bool> runs_;
  std::map<std::string, std::size_t> last_use_;
};

}  // namespace

OnnxArrays evaluate(const OnnxGraph& graph, const OnnxRun& run, const std::string& file) {
  return Evaluation(graph, run, file).result();
}

}  // namespace astrom3
