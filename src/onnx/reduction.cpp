// SPDX-License-Identifier: MIT
//
// ONNX operators that reduce axes: ReduceSum, ReduceMean, MaxPool, Softmax, LayerNormalization.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "onnx/array.h"

namespace astrom3 {
namespace {

/// The axes to reduce, marked: an attribute in older opsets, an input in newer ones, all where neither is
/// there.
std::vector<bool> reduced_axes(const OperatorCall& call) {
  const OnnxArray& x = call.input(0);
  const std::vector<std::int64_t> axes = call.has_input(1) ? call.known_integers(1) : call.integers("axes");
  std::vector<bool> reduced(x.shape.size(), axes.empty());
  for (const std::int64_t axis : axes) reduced[call.axis(axis, x.rank())] = true;
  return reduced;
}

void reduce(OperatorCall& call, bool mean) {
  const OnnxArray& x = call.input(0);
  if (!x.is_real) call.fail("needs floating point");
  const std::vector<bool> reduced = reduced_axes(call);
  const bool keep = call.integer("keepdims", 1) != 0;
  OnnxShape kept_shape = x.shape;
  OnnxShape shape;
  std::size_t count = 1;
  for (std::size_t i = 0; i < x.shape.size(); ++i) {
    if (reduced[i]) {
      count *= static_cast<std::size_t>(x.shape[i]);
      kept_shape[i] = 1;
      if (!keep) continue;
    }
    shape.push_back(kept_shape[i]);
  }
  OnnxArray& out = call.add_output(std::move(shape), true, x.has_data);
  if (!out.has_data) return;
  call.work(x.size());
  const std::vector<std::size_t> step = broadcast_strides(kept_shape, x.shape);
  std::vector<std::int64_t> index(x.shape.size(), 0);
  std::size_t at = 0;
  for (const double value : x.reals) {
    out.reals[at] += value;
    for (std::size_t axis = index.size(); axis-- > 0;) {
      at += step[axis];
      if (++index[axis] < x.shape[axis]) break;
      at -= step[axis] * static_cast<std::size_t>(x.shape[axis]);
      index[axis] = 0;
    }
  }
  if (mean && count > 0) {
    for (double& value : out.reals) value /= static_cast<double>(count);
  }
}

void reduce_sum(OperatorCall& call) {
  reduce(call, false);
}
void reduce_mean(OperatorCall& call) {
  reduce(call, true);
}

/// Length of the last axis; throws where `axis` is another one.
std::size_t last_axis_length(const OperatorCall& call, const OnnxArray& x, std::int64_t axis) {
  if (!x.is_real) call.fail("needs floating point");
  if (call.axis(axis, x.rank()) + 1 != x.shape.size()) call.fail("works on an axis that is not the last");
  return static_cast<std::size_t>(x.shape.back());
}

void softmax(OperatorCall& call) {
  const OnnxArray& x = call.input(0);
  const std::size_t length = last_axis_length(call, x, call.integer("axis", -1));
  OnnxArray& out = call.add_output(x.shape, true, x.has_data);
  if (!out.has_data || length == 0) return;
  call.work(4 * x.size());
  for (std::size_t row = 0; row < x.reals.size(); row += length) {
    const auto from = x.reals.begin() + static_cast<std::ptrdiff_t>(row);
    const auto to = out.reals.begin() + static_cast<std::ptrdiff_t>(row);
    const double largest = *std::max_element(from, from + static_cast<std::ptrdiff_t>(length));
    double sum = 0;
    for (std::size_t i = 0; i < length; ++i) {
      const auto k = static_cast<std::ptrdiff_t>(i);
      to[k] = std::exp(from[k] - largest);
      sum += to[k];
    }
    for (std::size_t i = 0; i < length; ++i) to[static_cast<std::ptrdiff_t>(i)] /= sum;
  }
}

void layer_normalization(OperatorCall& call) {
  const OnnxArray& x = call.input(0);
  const OnnxArray& weight = call.input(1);
  const std::size_t length = last_axis_length(call, x, call.integer("axis", -1));
  if (!weight.is_real || weight.size() != length) call.fail("its weight has not the size of the last axis");
  const bool has_bias = call.has_input(2);
  if (has_bias && (!call.input(2).is_real || call.input(2).size() != length))
    call.fail("its bias has not the size of the last axis");
  OnnxArray& out = call.add_output(x.shape, true, call.all_inputs_have_data());
  if (!out.has_data || length == 0) return;
  call.work(4 * x.size());
  const double epsilon = call.real("epsilon", 1e-5);
  for (std::size_t row = 0; row < x.reals.size(); row += length) {
    double mean = 0;
    for (std::size_t i = 0; i < length; ++i) mean += x.reals[row + i];
    mean /= static_cast<double>(length);
    double variance = 0;
    for (std::size_t i = 0; i < length; ++i)
      variance += (x.reals[row + i] - mean) * (x.reals[row + i] - mean);
    variance /= static_cast<double>(length);
    const double factor = 1 / std::sqrt(variance + epsilon);
    for (std::size_t i = 0; i < length; ++i) {
      out.reals[row + i] = (x.reals[row + i] - mean) * factor * weight.reals[i];
      if (has_bias) out.reals[row + i] += call.input(2).reals[i];
    }
  }
}

/// The largest of each window over the last of three axes; windows side by side, and what is left over at the
/// end is dropped.
void max_pool(OperatorCall& call) {
  const OnnxArray& x = call.input(0);
  const std::vector<std::int64_t> window = call.integers("kernel_shape"), strides = call.integers("strides");
  if (!x.is_real || x.rank() != 3 || window.size() != 1 || window[0] < 1 || strides != window ||
      call.integer("ceil_mode", 0) != 0 || call.text("auto_pad", "NOTSET") != "NOTSET")
    call.fail("pools in a way that is not known here");
  for (const char* const name : {"pads", "dilations"}) {
    const std::int64_t plain = std::string_view(name) == "pads" ? 0 : 1;
    for (const std::int64_t value : call.integers(name)) {
      if (value != plain) call.fail("pools in a way that is not known here");
    }
  }
  OnnxArray& out = call.add_output({x.shape[0], x.shape[1], x.shape[2] / window[0]}, true, x.has_data);
  if (!out.has_data || out.reals.empty()) return;
  call.work(x.size());
  const auto n_in = static_cast<std::size_t>(x.shape[2]), n_out = static_cast<std::size_t>(out.shape[2]);
  for (std::size_t i = 0; i < out.reals.size(); ++i) {
    const auto begin = x.reals.begin() + static_cast<std::ptrdiff_t>(i / n_out * n_in) +
                       static_cast<std::ptrdiff_t>(i % n_out) * window[0];
    out.reals[i] = *std::max_element(begin, begin + window[0]);
  }
}

}  // namespace

OnnxOperator find_reduction(std::string_view name) {
  if (name == "ReduceSum") return reduce_sum;
  if (name == "ReduceMean") return reduce_mean;
  if (name == "MaxPool") return max_pool;
  if (name == "Softmax") return softmax;
  if (name == "LayerNormalization") return layer_normalization;
  return nullptr;
}

}  // namespace astrom3
