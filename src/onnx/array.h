// SPDX-License-Identifier: MIT
//
// The values that run through an ONNX graph when it is evaluated, and what bounds their number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "onnx/graph.h"

namespace astrom3 {

using OnnxShape = std::vector<std::int64_t>;

/// A tensor in double precision or of integers, row-major. One without data stands for every value of its
/// shape: what depends on the light curve, when a graph is followed and not run.
struct OnnxArray {
  OnnxShape shape{};
  bool is_real = true;
  bool has_data = true;
  std::vector<double> reals{};
  std::vector<std::int64_t> integers{};

  std::size_t size() const noexcept {
    std::size_t count = 1;
    for (const std::int64_t size : shape) count *= static_cast<std::size_t>(size);
    return count;
  }
  std::int64_t rank() const noexcept { return static_cast<std::int64_t>(shape.size()); }
};

OnnxArray to_array(const OnnxTensor& tensor);

/// How much one evaluation may do. A small file can ask for a lot: Expand, Tile, a huge MatMul.
struct OnnxBudget {
  std::uint64_t elements = std::uint64_t{1} << 28;  ///< stored values, over all arrays ever made
  std::uint64_t operations = std::uint64_t{1} << 34;
};

/// One node at work: its inputs (null where left out), and where its outputs go.
class OperatorCall {
 public:
  OperatorCall(const OnnxNode& node, std::vector<const OnnxArray*> inputs, std::vector<OnnxArray>& outputs,
               OnnxBudget& budget, const std::string& file)
      : node_(node), inputs_(std::move(inputs)), outputs_(outputs), budget_(budget), file_(file) {}

  const OnnxNode& node() const noexcept { return node_; }
  std::size_t input_count() const noexcept { return inputs_.size(); }
  bool has_input(std::size_t i) const noexcept { return i < inputs_.size() && inputs_[i] != nullptr; }
  const OnnxArray& input(std::size_t i) const;
  /// The values of an integer input that must be known: shapes, axes.
  const std::vector<std::int64_t>& known_integers(std::size_t i) const;
  bool all_inputs_have_data() const noexcept;

  std::int64_t integer(std::string_view attribute, std::int64_t otherwise) const;
  double real(std::string_view attribute, double otherwise) const;
  std::string text(std::string_view attribute, std::string otherwise) const;
  std::vector<std::int64_t> integers(std::string_view attribute) const;  ///< empty where absent
  /// `axis` counted from the front; throws where it is not one of `rank` axes.
  std::size_t axis(std::int64_t axis, std::int64_t rank) const;

  /// A new output of `shape`, filled with zeros where `with_data`; throws where the budget does not allow it.
  OnnxArray& add_output(OnnxShape shape, bool is_real, bool with_data);
  /// Takes `count` operations from the budget.
  void work(std::uint64_t count);

  /// Throws Error bad_model naming the file, the node and its operator.
  [[noreturn]] void fail(std::string message) const;

 private:
  const OnnxNode& node_;
  std::vector<const OnnxArray*> inputs_;
  std::vector<OnnxArray>& outputs_;
  OnnxBudget& budget_;
  const std::string& file_;
};

/// `node "name" (Op)`, or by its first output where it has no name.
std::string described(const OnnxNode& node);

using OnnxOperator = void (*)(OperatorCall& call);
struct NamedOperator {
  std::string_view name;
  OnnxOperator function;
};

// The operator of that name, or null: each of these files knows some.
OnnxOperator find_elementwise(std::string_view name);  // elementwise.cpp
OnnxOperator find_layout(std::string_view name);       // layout.cpp
OnnxOperator find_reduction(std::string_view name);    // reduction.cpp
OnnxOperator find_product(std::string_view name);      // product.cpp

/// The shape two shapes broadcast to; throws where they do not fit.
OnnxShape broadcast(const OnnxShape& a, const OnnxShape& b, const OperatorCall& call);
/// Steps in memory along each axis of `target` for an array of `shape` broadcast to it: 0 where it repeats.
std::vector<std::size_t> broadcast_strides(const OnnxShape& shape, const OnnxShape& target);

}  // namespace astrom3
