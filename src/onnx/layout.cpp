// SPDX-License-Identifier: MIT
//
// ONNX operators that move values and change none: Reshape, Transpose, Slice, Concat, Gather, Pad, ...
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "onnx/array.h"
#include "onnx/graph.h"

namespace astrom3 {
namespace {

using Offsets = std::vector<std::size_t>;

/// Steps in memory along each axis of a contiguous array.
Offsets contiguous_strides(const OnnxShape& shape) {
  Offsets strides(shape.size());
  std::size_t step = 1;
  for (std::size_t i = shape.size(); i-- > 0;) {
    strides[i] = step;
    step *= static_cast<std::size_t>(shape[i]);
  }
  return strides;
}

/// out[index] = x[base + sum_i index[i] stride[i]] over all of out.
void copy_strided(OperatorCall& call, const OnnxArray& x, std::size_t base, const Offsets& stride,
                  OnnxArray& out) {
  call.work(out.size());
  std::vector<std::int64_t> index(out.shape.size(), 0);
  std::size_t at = base;
  for (std::size_t i = 0, n = out.size(); i < n; ++i) {
    if (out.is_real) {
      out.reals[i] = x.reals[at];
    } else {
      out.integers[i] = x.integers[at];
    }
    for (std::size_t axis = index.size(); axis-- > 0;) {
      at += stride[axis];
      if (++index[axis] < out.shape[axis]) break;
      at -= stride[axis] * static_cast<std::size_t>(out.shape[axis]);
      index[axis] = 0;
    }
  }
}

/// x with another shape of as many elements.
void reshaped(OperatorCall& call, const OnnxArray& x, OnnxShape shape) {
  OnnxArray& out = call.add_output(std::move(shape), x.is_real, x.has_data);
  if (out.size() != x.size()) call.fail(fmt::format("{} values into a shape of {}", x.size(), out.size()));
  out.reals = x.reals;
  out.integers = x.integers;
}

void shape_of(OperatorCall& call) {
  const OnnxArray& x = call.input(0);
  const std::int64_t rank = x.rank();
  const auto bound = [&](const char* name, std::int64_t otherwise) {
    const std::int64_t value = call.integer(name, otherwise);
    return std::clamp<std::int64_t>(value < 0 ? value + rank : value, 0, rank);
  };
  const std::int64_t start = bound("start", 0);
  const std::int64_t end = std::max(start, bound("end", rank));
  OnnxArray& out = call.add_output({end - start}, false, true);
  std::copy(x.shape.begin() + start, x.shape.begin() + end, out.integers.begin());
}

void reshape(OperatorCall& call) {
  const OnnxArray& x = call.input(0);
  OnnxShape shape = call.known_integers(1);
  const bool zero_is_size = call.integer("allowzero", 0) != 0;
  std::int64_t known = 1;
  std::int64_t* open = nullptr;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 0 && !zero_is_size) {
      if (i >= x.shape.size()) call.fail("keeps a size of an axis that is not there");
      shape[i] = x.shape[i];
    }
    if (shape[i] == -1) {
      if (open != nullptr) call.fail("leaves two sizes open");
      open = &shape[i];
    } else if (shape[i] < 0 || (shape[i] > 0 && known > (std::int64_t{1} << 40) / shape[i])) {
      call.fail(fmt::format("a size of {}", shape[i]));
    } else {
      known *= shape[i];
    }
  }
  const auto total = static_cast<std::int64_t>(x.size());
  if (open != nullptr) {
    if (known == 0 || total % known != 0) call.fail("its open size does not come out even");
    *open = total / known;
  }
  reshaped(call, x, std::move(shape));
}

void flatten(OperatorCall& call) {
  const OnnxArray& x = call.input(0);
  const std::int64_t axis = call.integer("axis", 1);
  if (axis < 0 || axis > x.rank()) call.fail("its axis is not there");
  OnnxShape shape{1, 1};
  for (std::int64_t i = 0; i < x.rank(); ++i) shape[i < axis ? 0 : 1] *= x.shape[static_cast<std::size_t>(i)];
  reshaped(call, x, std::move(shape));
}

/// The axes of Squeeze and Unsqueeze: an input, or an attribute before opset 13.
std::vector<std::int64_t> named_axes(const OperatorCall& call) {
  return call.has_input(1) ? call.known_integers(1) : call.integers("axes");
}

void unsqueeze(OperatorCall& call) {
  const OnnxArray& x = call.input(0);
  const std::vector<std::int64_t> axes = named_axes(call);
  const auto rank = x.rank() + static_cast<std::int64_t>(axes.size());
  if (rank > 8) call.fail("adds too many axes");
  OnnxShape shape(static_cast<std::size_t>(rank), -1);
  for (const std::int64_t axis : axes) {
    std::int64_t& added = shape[call.axis(axis, rank)];
    if (added == 1) call.fail("adds an axis twice");
    added = 1;
  }
  auto from = x.shape.begin();
  for (std::int64_t& size : shape) {
    if (size < 0) size = *from++;
  }
  reshaped(call, x, std::move(shape));
}

void squeeze(OperatorCall& call) {
  const OnnxArray& x = call.input(0);
  std::vector<bool> removed(x.shape.size(), false);
  const std::vector<std::int64_t> axes = named_axes(call);
  for (const std::int64_t axis : axes) removed[call.axis(axis, x.rank())] = true;
  OnnxShape shape;
  for (std::size_t i = 0; i < x.shape.size(); ++i) {
    if (!(removed[i] || (axes.empty() && x.shape[i] == 1))) shape.push_back(x.shape[i]);
  }
  reshaped(call, x, std::move(shape));
}

void transpose(OperatorCall& call) {
  const OnnxArray& x = call.input(0);
  std::vector<std::int64_t> order = call.integers("perm");
  if (order.empty()) {
    for (std::int64_t i = x.rank(); i-- > 0;) order.push_back(i);
  }
  if (order.size() != x.shape.size()) call.fail("its order does not fit");
  const Offsets strides = contiguous_strides(x.shape);
  OnnxShape shape;
  Offsets out_strides;
  std::vector<bool> used(order.size(), false);
  for (const std::int64_t axis : order) {
    const std::size_t i = call.axis(axis, x.rank());
    if (used[i]) call.fail("its order names an axis twice");
    used[i] = true;
    shape.push_back(x.shape[i]);
    out_strides.push_back(strides[i]);
  }
  OnnxArray& out = call.add_output(std::move(shape), x.is_real, x.has_data);
  if (out.has_data) copy_strided(call, x, 0, out_strides, out);
}

void slice(OperatorCall& call) {
  const OnnxArray& x = call.input(0);
  const std::vector<std::int64_t>& starts = call.known_integers(1);
  const std::vector<std::int64_t>& ends = call.known_integers(2);
  std::vector<std::int64_t> axes;
  for (std::size_t i = 0; i < starts.size(); ++i) axes.push_back(static_cast<std::int64_t>(i));
  if (call.has_input(3)) axes = call.known_integers(3);
  if (ends.size() != starts.size() || axes.size() != starts.size()) call.fail("its bounds do not fit");
  if (call.has_input(4)) {
    for (const std::int64_t step : call.known_integers(4)) {
      if (step != 1) call.fail("takes steps other than 1");
    }
  }
  OnnxShape shape = x.shape;
  std::size_t base = 0;
  const Offsets strides = contiguous_strides(x.shape);
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const std::size_t axis = call.axis(axes[i], x.rank());
    const std::int64_t size = x.shape[axis];
    const auto bound = [&](std::int64_t at) {
      return std::clamp<std::int64_t>(at < 0 ? at + size : at, 0, size);
    };
    const std::int64_t start = bound(starts[i]);
    shape[axis] = std::max<std::int64_t>(bound(ends[i]) - start, 0);
    base += static_cast<std::size_t>(start) * strides[axis];
  }
  OnnxArray& out = call.add_output(std::move(shape), x.is_real, x.has_data);
  if (out.has_data) copy_strided(call, x, base, strides, out);
}

void concat(OperatorCall& call) {
  const OnnxArray& first = call.input(0);
  const std::size_t axis = call.axis(call.integer("axis", 0), first.rank());
  OnnxShape shape = first.shape;
  shape[axis] = 0;
  for (std::size_t i = 0; i < call.input_count(); ++i) {
    const OnnxArray& x = call.input(i);
    if (x.is_real != first.is_real || x.shape.size() != shape.size()) call.fail("its inputs do not fit");
    for (std::size_t j = 0; j < shape.size(); ++j) {
      if (j != axis && x.shape[j] != shape[j]) call.fail("its inputs do not fit");
    }
    shape[axis] += x.shape[axis];
  }
  OnnxArray& out = call.add_output(std::move(shape), first.is_real, call.all_inputs_have_data());
  if (!out.has_data) return;
  call.work(out.size());
  const auto inner = [&](const OnnxShape& s) {
    std::size_t count = 1;
    for (std::size_t j = axis; j < s.size(); ++j) count *= static_cast<std::size_t>(s[j]);
    return count;
  };
  const std::size_t row = inner(out.shape);
  std::size_t at = 0;
  for (std::size_t i = 0; i < call.input_count(); ++i) {
    const OnnxArray& x = call.input(i);
    const std::size_t length = inner(x.shape);
    for (std::size_t n = 0; length > 0 && n < x.size() / length; ++n) {
      for (std::size_t k = 0; k < length; ++k) {
        if (out.is_real) {
          out.reals[n * row + at + k] = x.reals[n * length + k];
        } else {
          out.integers[n * row + at + k] = x.integers[n * length + k];
        }
      }
    }
    at += length;
  }
}

void gather(OperatorCall& call) {
  const OnnxArray& x = call.input(0);
  const OnnxArray& indices = call.input(1);
  const std::vector<std::int64_t>& chosen = call.known_integers(1);
  const std::size_t axis = call.axis(call.integer("axis", 0), x.rank());
  const auto offset = static_cast<std::ptrdiff_t>(axis);
  OnnxShape shape(x.shape.begin(), x.shape.begin() + offset);
  shape.insert(shape.end(), indices.shape.begin(), indices.shape.end());
  shape.insert(shape.end(), x.shape.begin() + offset + 1, x.shape.end());
  OnnxArray& out = call.add_output(std::move(shape), x.is_real, x.has_data);
  if (!out.has_data) return;
  call.work(out.size());
  const std::size_t inner = contiguous_strides(x.shape)[axis];
  const std::int64_t size = x.shape[axis];
  for (std::size_t i = 0, n = out.size(); i < n; ++i) {
    std::int64_t index = chosen[i / inner % chosen.size()];
    if (index < 0) index += size;
    if (index < 0 || index >= size) call.fail(fmt::format("takes element {} of {}", index, size));
    const std::size_t outer = i / inner / chosen.size();
    const std::size_t from =
        (outer * static_cast<std::size_t>(size) + static_cast<std::size_t>(index)) * inner + i % inner;
    if (out.is_real) {
      out.reals[i] = x.reals[from];
    } else {
      out.integers[i] = x.integers[from];
    }
  }
}

void expand(OperatorCall& call) {
  const OnnxArray& x = call.input(0);
  OnnxArray& out = call.add_output(broadcast(x.shape, call.known_integers(1), call), x.is_real, x.has_data);
  if (out.has_data) copy_strided(call, x, 0, broadcast_strides(x.shape, out.shape), out);
}

/// Pad with a constant or, from opset 19 on, with the values of the other end ("wrap").
void pad(OperatorCall& call) {
  const OnnxArray& x = call.input(0);
  const std::vector<std::int64_t>& pads = call.known_integers(1);
  const std::string mode = call.text("mode", "constant");
  if (mode != "constant" && mode != "wrap") call.fail("pads in a way that is not known here");
  if (pads.size() != 2 * x.shape.size() || call.has_input(3) || !x.is_real) call.fail("its pads do not fit");
  double value = 0;
  if (call.has_input(2) && call.input(2).is_real && call.input(2).reals.size() == 1)
    value = call.input(2).reals[0];
  OnnxShape shape = x.shape;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const std::int64_t after = pads[i + shape.size()];
    const std::int64_t most = mode == "wrap" ? shape[i] : 1000;
    if (std::min(pads[i], after) < 0 || std::max(pads[i], after) > most) call.fail("its pads do not fit");
    shape[i] += pads[i] + after;
  }
  OnnxArray& out = call.add_output(std::move(shape), true, x.has_data);
  if (!out.has_data) return;
  call.work(out.size());
  const Offsets strides = contiguous_strides(out.shape);
  const Offsets from_strides = contiguous_strides(x.shape);
  for (std::size_t i = 0, n = out.size(); i < n; ++i) {
    std::size_t from = 0;
    bool inside = true;
    for (std::size_t axis = 0; axis < strides.size(); ++axis) {
      const std::int64_t size = x.shape[axis];
      std::int64_t at = static_cast<std::int64_t>(i / strides[axis]) % out.shape[axis] - pads[axis];
      inside = inside && at >= 0 && at < size;
      if (mode == "wrap") at = (at + size) % size;
      from += static_cast<std::size_t>(std::clamp<std::int64_t>(at, 0, std::max<std::int64_t>(size - 1, 0))) *
              from_strides[axis];
    }
    out.reals[i] = inside || mode == "wrap" ? x.reals[from] : value;
  }
}

/// One of the attributes value, value_int, value_ints, value_float, value_floats.
void constant(OperatorCall& call) {
  for (const OnnxAttribute& attribute : call.node().attributes) {
    OnnxTensor tensor{.type = OnnxType::int64};
    if (attribute.name == "value" && attribute.kind == OnnxAttributeKind::tensor) {
      tensor = attribute.tensor;
    } else if (attribute.name == "value_int") {
      tensor.integers = {attribute.integer};
    } else if (attribute.name == "value_ints") {
      tensor.integers = attribute.integers;
      tensor.shape = {static_cast<std::int64_t>(attribute.integers.size())};
    } else if (attribute.name == "value_float") {
      tensor.type = OnnxType::float32;
      tensor.floats = {attribute.real};
    } else if (attribute.name == "value_floats") {
      tensor.type = OnnxType::float32;
      tensor.floats = attribute.reals;
      tensor.shape = {static_cast<std::int64_t>(attribute.reals.size())};
    } else {
      continue;
    }
    if (tensor.type == OnnxType::unsupported) call.fail("its type is not known here");
    OnnxArray array = to_array(tensor);
    OnnxArray& out = call.add_output(array.shape, array.is_real, true);
    if ((out.is_real ? array.reals.size() : array.integers.size()) != out.size())
      call.fail("its values are not there");
    out.reals = std::move(array.reals);
    out.integers = std::move(array.integers);
    return;
  }
  call.fail("has no value that is known here");
}

void constant_of_shape(OperatorCall& call) {
  OnnxTensor value{.shape = {1}, .floats = {0}};
  if (const OnnxAttribute* given = call.node().find("value")) value = given->tensor;
  const OnnxArray array = to_array(value);
  if (!array.has_data || array.size() != 1 || array.reals.size() + array.integers.size() != 1)
    call.fail("needs one value");
  OnnxArray& out = call.add_output(call.known_integers(0), array.is_real, true);
  std::fill(out.reals.begin(), out.reals.end(), array.is_real ? array.reals[0] : 0);
  std::fill(out.integers.begin(), out.integers.end(), array.is_real ? 0 : array.integers[0]);
}

constexpr NamedOperator kShapeOperators[] = {
    {"Shape", shape_of},
    {"Reshape", reshape},
    {"Flatten", flatten},
    {"Squeeze", squeeze},
    {"Unsqueeze", unsqueeze},
    {"Transpose", transpose},
    {"Slice", slice},
    {"Concat", concat},
    {"Gather", gather},
    {"Expand", expand},
    {"Pad", pad},
    {"Constant", constant},
    {"ConstantOfShape", constant_of_shape},
};

}  // namespace

OnnxOperator find_layout(std::string_view name) {
  for (const NamedOperator& entry : kShapeOperators) {
    if (entry.name == name) return entry.function;
  }
  return nullptr;
}

}  // namespace astrom3
