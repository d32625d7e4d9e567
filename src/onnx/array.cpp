// SPDX-License-Identifier: MIT
#include "onnx/array.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "onnx/graph.h"

namespace astrom3 {

OnnxArray to_array(const OnnxTensor& tensor) {
  OnnxArray array{.shape = tensor.shape, .is_real = tensor.type == OnnxType::float32};
  array.has_data = tensor.type != OnnxType::unsupported;
  array.reals.assign(tensor.floats.begin(), tensor.floats.end());
  array.integers = tensor.integers;
  return array;
}

std::string described(const OnnxNode& node) {
  const std::string& name = !node.name.empty() || node.outputs.empty() ? node.name : node.outputs.front();
  return fmt::format("node \"{}\" ({})", escaped(name), escaped(node.op));
}

const OnnxArray& OperatorCall::input(std::size_t i) const {
  if (!has_input(i)) fail(fmt::format("input {} is missing", i));
  return *inputs_[i];
}

const std::vector<std::int64_t>& OperatorCall::known_integers(std::size_t i) const {
  const OnnxArray& array = input(i);
  if (array.is_real || !array.has_data)
    fail(fmt::format("input {} must be integers that do not depend on the light curve", i));
  return array.integers;
}

bool OperatorCall::all_inputs_have_data() const noexcept {
  return std::all_of(inputs_.begin(), inputs_.end(),
                     [](const OnnxArray* array) { return array == nullptr || array->has_data; });
}

std::int64_t OperatorCall::integer(std::string_view attribute, std::int64_t otherwise) const {
  const OnnxAttribute* const found = node_.find(attribute);
  return found != nullptr && found->kind == OnnxAttributeKind::integer ? found->integer : otherwise;
}

double OperatorCall::real(std::string_view attribute, double otherwise) const {
  const OnnxAttribute* const found = node_.find(attribute);
  return found != nullptr && found->kind == OnnxAttributeKind::real ? static_cast<double>(found->real)
                                                                    : otherwise;
}

std::string OperatorCall::text(std::string_view attribute, std::string otherwise) const {
  const OnnxAttribute* const found = node_.find(attribute);
  return found != nullptr && found->kind == OnnxAttributeKind::text ? found->text : otherwise;
}

std::vector<std::int64_t> OperatorCall::integers(std::string_view attribute) const {
  const OnnxAttribute* const found = node_.find(attribute);
  return found != nullptr && found->kind == OnnxAttributeKind::integers ? found->integers
                                                                        : std::vector<std::int64_t>();
}

std::size_t OperatorCall::axis(std::int64_t axis, std::int64_t rank) const {
  const std::int64_t from_front = axis < 0 ? axis + rank : axis;
  if (from_front < 0 || from_front >= rank) fail(fmt::format("axis {} of {} axes", axis, rank));
  return static_cast<std::size_t>(from_front);
}

OnnxArray& OperatorCall::add_output(OnnxShape shape, bool is_real, bool with_data) {
  constexpr std::size_t kMaxRank = 8;
  constexpr std::uint64_t kMaxElements = std::uint64_t{1} << 40;
  if (shape.size() > kMaxRank) fail(fmt::format("a result of {} axes", shape.size()));
  std::uint64_t count = 1;
  for (const std::int64_t size : shape) {
    if (size < 0) fail(fmt::format("a result with a dimension of {}", size));
    if (size != 0 && count > kMaxElements / static_cast<std::uint64_t>(size)) fail("the result is too large");
    count *= static_cast<std::uint64_t>(size);
  }
  OnnxArray& output = outputs_.emplace_back();
  output.shape = std::move(shape);
  output.is_real = is_real;
  output.has_data = with_data;
  if (!with_data) return output;
  if (count > budget_.elements) fail("computes more values than an encoder of these weights has");
  budget_.elements -= count;
  if (is_real) {
    output.reals.resize(static_cast<std::size_t>(count));
  } else {
    output.integers.resize(static_cast<std::size_t>(count));
  }
  return output;
}

void OperatorCall::work(std::uint64_t count) {
  if (count > budget_.operations) fail("computes more than an encoder of these weights does");
  budget_.operations -= count;
}

void OperatorCall::fail(std::string message) const {
  throw Error(Diagnostic{
      .code = Status::bad_model, .file = file_, .message = fmt::format("{}: {}", described(node_), message)});
}

OnnxShape broadcast(const OnnxShape& a, const OnnxShape& b, const OperatorCall& call) {
  OnnxShape result(std::max(a.size(), b.size()));
  for (std::size_t i = 0; i < result.size(); ++i) {  // from the last axis
    const std::int64_t x = i < a.size() ? a[a.size() - 1 - i] : 1;
    const std::int64_t y = i < b.size() ? b[b.size() - 1 - i] : 1;
    if (x != y && x != 1 && y != 1) call.fail(fmt::format("sizes {} and {} do not fit", x, y));
    result[result.size() - 1 - i] = x == 1 ? y : x;
  }
  return result;
}

std::vector<std::size_t> broadcast_strides(const OnnxShape& shape, const OnnxShape& target) {
  std::vector<std::size_t> strides(target.size(), 0);
  std::size_t step = 1;
  for (std::size_t i = shape.size(); i-- > 0;) {
    const std::size_t at = i + target.size() - shape.size();
    strides[at] = shape[i] == 1 ? 0 : step;
    step *= static_cast<std::size_t>(shape[i]);
  }
  return strides;
}

}  // namespace astrom3
