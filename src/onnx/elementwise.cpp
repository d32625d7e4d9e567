// SPDX-License-Identifier: MIT
//
// ONNX operators that treat every element alike.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numbers>
#include <string_view>
#include <utility>
#include <vector>

#include "onnx/array.h"

namespace astrom3 {
namespace {

/// out[i] = f(a[i], b[i]) with both broadcast to `shape`: the last axis in a loop, the others counted like
/// digits.
template <class In, class Out, class Function>
void combine(const std::vector<In>& a, const OnnxShape& a_shape, const std::vector<In>& b,
             const OnnxShape& b_shape, const OnnxShape& shape, std::vector<Out>& out, Function f) {
  if (out.empty()) return;
  const std::vector<std::size_t> a_step = broadcast_strides(a_shape, shape);
  const std::vector<std::size_t> b_step = broadcast_strides(b_shape, shape);
  const std::size_t rank = shape.size();
  const std::size_t inner = rank == 0 ? 1 : static_cast<std::size_t>(shape[rank - 1]);
  const std::size_t a_inner = rank == 0 ? 0 : a_step[rank - 1];
  const std::size_t b_inner = rank == 0 ? 0 : b_step[rank - 1];
  std::vector<std::int64_t> index(rank, 0);
  std::size_t at_a = 0;
  std::size_t at_b = 0;
  for (std::size_t at = 0; at < out.size(); at += inner) {
    for (std::size_t i = 0; i < inner; ++i)
      out[at + i] = static_cast<Out>(f(a[at_a + i * a_inner], b[at_b + i * b_inner]));
    for (std::size_t axis = rank - (rank > 0 ? 1 : 0); axis-- > 0;) {
      at_a += a_step[axis];
      at_b += b_step[axis];
      if (++index[axis] < shape[axis]) break;
      at_a -= a_step[axis] * static_cast<std::size_t>(shape[axis]);
      at_b -= b_step[axis] * static_cast<std::size_t>(shape[axis]);
      index[axis] = 0;
    }
  }
}

// Integers wrap: a hostile shape computation is no reason for undefined behaviour.
std::int64_t wrapping(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}
std::uint64_t bits(std::int64_t value) {
  return static_cast<std::uint64_t>(value);
}

struct Addition {
  double operator()(double a, double b) const { return a + b; }
  std::int64_t operator()(std::int64_t a, std::int64_t b) const { return wrapping(bits(a) + bits(b)); }
};
struct Subtraction {
  double operator()(double a, double b) const { return a - b; }
  std::int64_t operator()(std::int64_t a, std::int64_t b) const { return wrapping(bits(a) - bits(b)); }
};
struct Multiplication {
  double operator()(double a, double b) const { return a * b; }
  std::int64_t operator()(std::int64_t a, std::int64_t b) const { return wrapping(bits(a) * bits(b)); }
};
struct Division {
  double operator()(double a, double b) const { return a / b; }
  std::int64_t operator()(std::int64_t a, std::int64_t b) const {
    return b == 0 || (b == -1 && a == std::numeric_limits<std::int64_t>::min()) ? 0 : a / b;
  }
};
struct Power {
  double operator()(double a, double b) const { return std::pow(a, b); }
  std::int64_t operator()(std::int64_t a, std::int64_t b) const {
    const double value = std::pow(static_cast<double>(a), static_cast<double>(b));
    return std::abs(value) < 9e18 ? static_cast<std::int64_t>(value) : 0;
  }
};
struct Larger {
  double operator()(double a, double b) const { return std::max(a, b); }
  std::int64_t operator()(std::int64_t a, std::int64_t b) const { return std::max(a, b); }
};
struct Smaller {
  double operator()(double a, double b) const { return std::min(a, b); }
  std::int64_t operator()(std::int64_t a, std::int64_t b) const { return std::min(a, b); }
};

template <class Function>
void binary(OperatorCall& call) {
  if (call.input_count() != 2) call.fail("must have two inputs");
  const OnnxArray& a = call.input(0);
  const OnnxArray& b = call.input(1);
  if (a.is_real != b.is_real) call.fail("mixes floating point and integers");
  OnnxArray& out = call.add_output(broadcast(a.shape, b.shape, call), a.is_real, a.has_data && b.has_data);
  if (!out.has_data) return;
  call.work(out.size());
  if (out.is_real) {
    combine(a.reals, a.shape, b.reals, b.shape, out.shape, out.reals, Function());
  } else {
    combine(a.integers, a.shape, b.integers, b.shape, out.shape, out.integers, Function());
  }
}

void equal(OperatorCall& call) {
  const OnnxArray& a = call.input(0);
  const OnnxArray& b = call.input(1);
  if (a.is_real != b.is_real) call.fail("mixes floating point and integers");
  OnnxArray& out = call.add_output(broadcast(a.shape, b.shape, call), false, a.has_data && b.has_data);
  if (!out.has_data) return;
  call.work(out.size());
  const auto same = [](auto x, auto y) { return x == y ? 1 : 0; };
  if (a.is_real) {
    combine(a.reals, a.shape, b.reals, b.shape, out.shape, out.integers, same);
  } else {
    combine(a.integers, a.shape, b.integers, b.shape, out.shape, out.integers, same);
  }
}

/// Where(condition, a, b), all of one shape or single values: what exporters write to choose sizes.
void where(OperatorCall& call) {
  const OnnxArray& condition = call.input(0);
  const OnnxArray& a = call.input(1);
  const OnnxArray& b = call.input(2);
  if (condition.is_real || a.is_real != b.is_real) call.fail("mixes types");
  OnnxShape shape = broadcast(broadcast(condition.shape, a.shape, call), b.shape, call);
  OnnxArray& out = call.add_output(std::move(shape), a.is_real, call.all_inputs_have_data());
  if (!out.has_data) return;
  const auto at = [&](const OnnxArray& array, std::size_t i) {
    if (array.size() != 1 && array.shape != out.shape)
      call.fail("broadcasts in a way that is not known here");
    return array.size() == 1 ? std::size_t{0} : i;
  };
  call.work(out.size());
  for (std::size_t i = 0, n = out.size(); i < n; ++i) {
    const OnnxArray& chosen = condition.integers[at(condition, i)] != 0 ? a : b;
    if (out.is_real) {
      out.reals[i] = chosen.reals[at(chosen, i)];
    } else {
      out.integers[i] = chosen.integers[at(chosen, i)];
    }
  }
}

template <class Function>
void map_reals(OperatorCall& call, Function f) {
  const OnnxArray& x = call.input(0);
  if (!x.is_real) call.fail("needs floating point");
  OnnxArray& out = call.add_output(x.shape, true, x.has_data);
  if (!out.has_data) return;
  call.work(out.size());
  std::transform(x.reals.begin(), x.reals.end(), out.reals.begin(), f);
}

void square_root(OperatorCall& call) {
  map_reals(call, [](double x) { return std::sqrt(x); });
}
void exponential(OperatorCall& call) {
  map_reals(call, [](double x) { return std::exp(x); });
}
void error_function(OperatorCall& call) {
  map_reals(call, [](double x) { return std::erf(x); });
}
void rectify(OperatorCall& call) {
  map_reals(call, [](double x) { return std::max(x, 0.0); });
}
void negate(OperatorCall& call) {
  map_reals(call, [](double x) { return -x; });
}
void invert(OperatorCall& call) {
  map_reals(call, [](double x) { return 1 / x; });
}

void gelu(OperatorCall& call) {
  if (call.text("approximate", "none") != "none") call.fail("is approximate; the encoder's gelu is exact");
  map_reals(call, [](double x) { return x * (1 + std::erf(x / std::numbers::sqrt2)) * 0.5; });
}

/// Copies its first input; Dropout does nothing in inference.
void identity(OperatorCall& call) {
  const OnnxArray& x = call.input(0);
  OnnxArray& out = call.add_output(x.shape, x.is_real, x.has_data);
  out.reals = x.reals;
  out.integers = x.integers;
}

void clip(OperatorCall& call) {
  const OnnxArray& x = call.input(0);
  if (!x.is_real) return identity(call);  // sizes are never out of bounds in an encoder
  const auto bound = [&](std::size_t i, const char* attribute, double otherwise) {
    if (!call.has_input(i)) return call.real(attribute, otherwise);
    const OnnxArray& array = call.input(i);
    if (!array.is_real || !array.has_data || array.size() != 1) call.fail("needs known bounds");
    return array.reals[0];
  };
  const double low = bound(1, "min", -std::numeric_limits<double>::infinity());
  const double high = bound(2, "max", std::numeric_limits<double>::infinity());
  map_reals(call, [=](double value) { return std::min(std::max(value, low), high); });
}

void cast(OperatorCall& call) {
  const OnnxArray& x = call.input(0);
  const std::int64_t type = call.integer("to", 0);  // onnx.TensorProto.DataType
  const bool to_real = type == 1 || type == 10 || type == 11 || type == 16;
  if (!to_real && type != 6 && type != 7 && type != 9) call.fail("casts to a type that is not known here");
  if (to_real == x.is_real) return identity(call);
  OnnxArray& out = call.add_output(x.shape, to_real, x.has_data);
  if (!out.has_data) return;
  for (std::size_t i = 0, n = out.size(); i < n; ++i) {
    if (to_real) {
      out.reals[i] = static_cast<double>(x.integers[i]);
    } else {
      if (!(std::abs(x.reals[i]) < 9e18)) call.fail("casts a number beyond 64 bits");
      out.integers[i] = static_cast<std::int64_t>(x.reals[i]);
    }
  }
}

constexpr NamedOperator kElementwiseOperators[] = {
    {"Add", binary<Addition>},
    {"Sub", binary<Subtraction>},
    {"Mul", binary<Multiplication>},
    {"Div", binary<Division>},
    {"Pow", binary<Power>},
    {"Max", binary<Larger>},
    {"Min", binary<Smaller>},
    {"Equal", equal},
    {"Where", where},
    {"Sqrt", square_root},
    {"Exp", exponential},
    {"Erf", error_function},
    {"Relu", rectify},
    {"Neg", negate},
    {"Reciprocal", invert},
    {"Gelu", gelu},
    {"Identity", identity},
    {"Dropout", identity},
    {"Clip", clip},
    {"Cast", cast},
};

}  // namespace

OnnxOperator find_elementwise(std::string_view name) {
  for (const NamedOperator& entry : kElementwiseOperators) {
    if (entry.name == name) return entry.function;
  }
  return nullptr;
}

}  // namespace astrom3
