// SPDX-License-Identifier: MIT
//
// ONNX operators that multiply matrices: MatMul, Gemm, Einsum, Conv, Attention.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "onnx/array.h"

namespace astrom3 {
namespace {

/// c[m, n] += a[m, k] b[k, n], rows contiguous.
void multiply(const double* a, const double* b, double* c, std::size_t n_m, std::size_t n_k,
              std::size_t n_n) {
  for (std::size_t m = 0; m < n_m; ++m) {
    for (std::size_t k = 0; k < n_k; ++k) {
      const double factor = a[m * n_k + k];
      for (std::size_t n = 0; n < n_n; ++n) c[m * n_n + n] += factor * b[k * n_n + n];
    }
  }
}

void require_real(const OperatorCall& call, const OnnxArray& a, const OnnxArray& b) {
  if (!a.is_real || !b.is_real) call.fail("needs floating point");
}

std::size_t length(const OnnxShape& shape, std::size_t from_end) {
  return static_cast<std::size_t>(shape[shape.size() - from_end]);
}

void mat_mul(OperatorCall& call) {
  const OnnxArray& a = call.input(0);
  const OnnxArray& b = call.input(1);
  require_real(call, a, b);
  if (a.rank() < 2 || b.rank() < 2) call.fail("needs matrices");
  const std::size_t n_m = length(a.shape, 2);
  const std::size_t n_k = length(a.shape, 1);
  const std::size_t n_n = length(b.shape, 1);
  if (n_k != length(b.shape, 2))
    call.fail(fmt::format("sizes {} and {} do not fit", n_k, length(b.shape, 2)));
  const OnnxShape a_batch(a.shape.begin(), a.shape.end() - 2);
  const OnnxShape b_batch(b.shape.begin(), b.shape.end() - 2);
  const OnnxShape batch = broadcast(a_batch, b_batch, call);
  OnnxShape shape = batch;
  shape.push_back(static_cast<std::int64_t>(n_m));
  shape.push_back(static_cast<std::int64_t>(n_n));
  OnnxArray& out = call.add_output(std::move(shape), true, a.has_data && b.has_data);
  if (!out.has_data || out.reals.empty()) return;
  call.work(out.size() * std::max<std::size_t>(n_k, 1));
  const std::vector<std::size_t> a_step = broadcast_strides(a_batch, batch);
  const std::vector<std::size_t> b_step = broadcast_strides(b_batch, batch);
  const std::size_t n_batch = out.size() / (n_m * n_n);
  for (std::size_t i = 0; i < n_batch; ++i) {
    std::size_t rest = i;
    std::size_t at_a = 0;
    std::size_t at_b = 0;
    for (std::size_t axis = batch.size(); axis-- > 0;) {
      const auto size = static_cast<std::size_t>(batch[axis]);
      at_a += rest % size * a_step[axis];
      at_b += rest % size * b_step[axis];
      rest /= size;
    }
    multiply(a.reals.data() + at_a * n_m * n_k, b.reals.data() + at_b * n_k * n_n,
             out.reals.data() + i * n_m * n_n, n_m, n_k, n_n);
  }
}

/// alpha a b + beta c, a and b transposed where asked; as exporters write a Linear: c is [n] or [m, n] or
/// absent.
void gemm(OperatorCall& call) {
  const OnnxArray& a = call.input(0);
  const OnnxArray& b = call.input(1);
  require_real(call, a, b);
  if (a.rank() != 2 || b.rank() != 2) call.fail("needs matrices");
  if (call.integer("transA", 0) != 0) call.fail("transposes its first input");
  const bool transposed = call.integer("transB", 0) != 0;
  const auto n_m = static_cast<std::size_t>(a.shape[0]);
  const auto n_k = static_cast<std::size_t>(a.shape[1]);
  const auto n_n = static_cast<std::size_t>(b.shape[transposed ? 0 : 1]);
  if (b.shape[transposed ? 1 : 0] != a.shape[1]) call.fail("sizes do not fit");
  OnnxArray& out =
      call.add_output({a.shape[0], b.shape[transposed ? 0 : 1]}, true, call.all_inputs_have_data());
  if (call.has_input(2) &&
      (!call.input(2).is_real || (call.input(2).size() != n_n && call.input(2).size() != 1)))
    call.fail("its third input must be one value a column");
  if (!out.has_data) return;
  call.work(out.size() * std::max<std::size_t>(n_k, 1));
  const double alpha = call.real("alpha", 1);
  const double beta = call.real("beta", 1);
  for (std::size_t m = 0; m < n_m; ++m) {
    for (std::size_t n = 0; n < n_n; ++n) {
      double sum = 0;
      for (std::size_t k = 0; k < n_k; ++k)
        sum += a.reals[m * n_k + k] * b.reals[transposed ? n * n_k + k : k * n_n + n];
      double& value = out.reals[m * n_n + n];
      value = alpha * sum;
      if (call.has_input(2)) value += beta * call.input(2).reals[call.input(2).size() == 1 ? 0 : n];
    }
  }
}

/// The zeros before and behind x of a convolution, whose other attributes must be those known here.
std::pair<std::int64_t, std::int64_t> padding_of(const OperatorCall& call, const OnnxArray& x,
                                                 const OnnxArray& weight) {
  if (x.rank() != 3 || weight.rank() != 3) call.fail("is not over one axis");
  const auto ones = [&](const char* name) {
    for (const std::int64_t value : call.integers(name)) {
      if (value != 1) call.fail(fmt::format("{} other than 1", name));
    }
  };
  ones("strides");
  ones("dilations");
  if (call.integer("group", 1) != 1 || weight.shape[1] != x.shape[1]) call.fail("its channels do not fit");
  if (const std::string pad = call.text("auto_pad", "NOTSET"); pad != "NOTSET" && pad != "VALID")
    call.fail("pads by itself");
  std::vector<std::int64_t> pads = call.integers("pads");
  if (pads.empty()) pads = {0, 0};
  if (pads.size() != 2 || std::min(pads[0], pads[1]) < 0 || std::max(pads[0], pads[1]) > 8)
    call.fail("pads in a way that is not known here");
  return {pads[0], pads[1]};
}

/// A convolution over one axis. x [B, C, T], weight [O, C, K] -> [B, O, T'].
void convolution(OperatorCall& call) {
  const OnnxArray& x = call.input(0);
  const OnnxArray& weight = call.input(1);
  require_real(call, x, weight);
  const auto [before, behind] = padding_of(call, x, weight);
  const std::int64_t steps = x.shape[2] + before + behind - weight.shape[2] + 1;
  if (call.has_input(2) && (!call.input(2).is_real || call.input(2).shape != OnnxShape{weight.shape[0]}))
    call.fail("its bias must be one value a channel");
  OnnxArray& out = call.add_output({x.shape[0], weight.shape[0], steps}, true, call.all_inputs_have_data());
  if (!out.has_data || out.reals.empty()) return;
  const auto n_in = static_cast<std::size_t>(x.shape[1]);
  const auto n_x = static_cast<std::size_t>(x.shape[2]);
  const auto n_k = static_cast<std::size_t>(weight.shape[2]);
  const auto n_out = static_cast<std::size_t>(weight.shape[0]);
  const auto n_t = static_cast<std::size_t>(steps);
  call.work(out.size() * std::max<std::size_t>(n_in * n_k, 1));
  for (std::size_t row = 0; row < out.reals.size() / n_t; ++row) {
    const std::size_t o = row % n_out;
    double* const values = out.reals.data() + row * n_t;
    if (call.has_input(2)) std::fill(values, values + n_t, call.input(2).reals[o]);
    for (std::size_t c = 0; c < n_in; ++c) {
      const double* const from = x.reals.data() + (row / n_out * n_in + c) * n_x;
      for (std::size_t k = 0; k < n_k; ++k) {
        const double factor = weight.reals[(o * n_in + c) * n_k + k];
        for (std::size_t t = 0; t < n_t; ++t) {
          const auto at = static_cast<std::int64_t>(t + k) - before;
          if (at >= 0 && at < x.shape[2]) values[t] += factor * from[at];
        }
      }
    }
  }
}

/// Einsum of two operands with a written-out result, "bthe,bshe->bhts": the sum over every letter not in it.
class Einsum {
 public:
  explicit Einsum(OperatorCall& call) : call_(call), a_(call.input(0)), b_(call.input(1)) {
    std::string equation = call.text("equation", "");
    std::erase(equation, ' ');
    const std::size_t comma = equation.find(',');
    const std::size_t arrow = equation.find("->");
    if (call.input_count() != 2 || comma == std::string::npos || arrow == std::string::npos || arrow < comma)
      call.fail("needs an equation of two operands and a result");
    terms_ = {equation.substr(0, comma), equation.substr(comma + 1, arrow - comma - 1),
              equation.substr(arrow + 2)};
    for (const std::string& term : terms_) add_letters(term);
    if (letters_.size() > 8) call.fail("needs at most eight letters");
  }

  void run() {
    require_real(call_, a_, b_);
    for (const auto& [term, array] : {std::pair(terms_[0], &a_), std::pair(terms_[1], &b_)}) {
      if (term.size() != array->shape.size()) call_.fail("its equation does not fit its inputs");
      for (std::size_t i = 0; i < term.size(); ++i) set_size(term[i], array->shape[i]);
    }
    OnnxShape shape;
    for (const char letter : terms_[2]) shape.push_back(size_of(letter));
    OnnxArray& out = call_.add_output(shape, true, a_.has_data && b_.has_data);
    if (!out.has_data) return;
    std::uint64_t total = 1;
    for (const std::int64_t size : sizes_) {
      if (size != 0 && total > (std::uint64_t{1} << 60) / static_cast<std::uint64_t>(size))
        call_.fail("is too large");
      total *= static_cast<std::uint64_t>(size);
    }
    call_.work(total);
    sum(total, strides(terms_[0], a_.shape), strides(terms_[1], b_.shape), strides(terms_[2], shape),
        out.reals);
  }

 private:
  void add_letters(const std::string& term) {
    for (std::size_t i = 0; i < term.size(); ++i) {
      if (term[i] < 'A' || term[i] > 'z' || term.find(term[i]) != i)
        call_.fail("its equation is not known here");
      if (letters_.find(term[i]) != std::string::npos) continue;
      letters_.push_back(term[i]);
      sizes_.push_back(-1);
    }
  }

  std::int64_t size_of(char letter) const {
    const std::int64_t size = sizes_[letters_.find(letter)];
    if (size < 0) call_.fail("its result has a letter of no operand");
    return size;
  }

  void set_size(char letter, std::int64_t size) {
    std::int64_t& known = sizes_[letters_.find(letter)];
    if (known >= 0 && known != size) call_.fail(fmt::format("sizes {} and {} do not fit", known, size));
    known = size;
  }

  std::vector<std::size_t> strides(const std::string& term, const OnnxShape& shape) const {
    std::vector<std::size_t> result(letters_.size(), 0);
    std::size_t step = 1;
    for (std::size_t i = term.size(); i-- > 0;) {
      result[letters_.find(term[i])] = step;
      step *= static_cast<std::size_t>(shape[i]);
    }
    return result;
  }

  void sum(std::uint64_t total, const std::vector<std::size_t>& a_step,
           const std::vector<std::size_t>& b_step, const std::vector<std::size_t>& out_step,
           std::vector<double>& out) const {
    std::vector<std::int64_t> index(letters_.size(), 0);
    std::array<std::size_t, 3> at{};
    for (std::uint64_t n = 0; n < total; ++n) {
      out[at[2]] += a_.reals[at[0]] * b_.reals[at[1]];
      for (std::size_t i = index.size(); i-- > 0;) {
        const std::array<std::size_t, 3> step{a_step[i], b_step[i], out_step[i]};
        const bool wraps = ++index[i] == sizes_[i];
        const std::size_t back = static_cast<std::size_t>(sizes_[i]) - 1;
        for (std::size_t j = 0; j < 3; ++j) at[j] = wraps ? at[j] - step[j] * back : at[j] + step[j];
        if (!wraps) break;
        index[i] = 0;
      }
    }
  }

  OperatorCall& call_;
  const OnnxArray& a_;
  const OnnxArray& b_;
  std::array<std::string, 3> terms_;
  std::string letters_;
  std::vector<std::int64_t> sizes_;
};

void einsum(OperatorCall& call) {
  Einsum(call).run();
}

/// softmax(scale q k') v of opset 23, in its plain form: q, k, v [B, H, T, E], no mask.
void attention(OperatorCall& call) {
  const OnnxArray& q = call.input(0);
  const OnnxArray& k = call.input(1);
  const OnnxArray& v = call.input(2);
  if (q.rank() != 4 || k.shape != q.shape || v.shape != q.shape || !q.is_real || !k.is_real || !v.is_real)
    call.fail("needs query, key and value of one shape, heads apart");
  if (call.has_input(3) || call.input_count() > 3 || call.integer("is_causal", 0) != 0 ||
      call.real("softcap", 0) != 0) {
    call.fail("masks; in the encoder every step sees every step");
  }
  OnnxArray& out = call.add_output(q.shape, true, call.all_inputs_have_data());
  if (!out.has_data) return;
  const std::size_t n_t = length(q.shape, 2);
  const std::size_t n_e = length(q.shape, 1);
  if (n_t == 0 || n_e == 0) return;
  call.work(2 * q.size() * n_t);
  const double scale = call.real("scale", 1 / std::sqrt(static_cast<double>(n_e)));
  std::vector<double> shares(n_t);
  for (std::size_t row = 0; row < q.size() / n_e; ++row) {
    const std::size_t head = row / n_t * n_t * n_e;
    for (std::size_t t = 0; t < n_t; ++t) {
      shares[t] = 0;
      for (std::size_t e = 0; e < n_e; ++e) shares[t] += q.reals[row * n_e + e] * k.reals[head + t * n_e + e];
      shares[t] *= scale;
    }
    const double largest = *std::max_element(shares.begin(), shares.end());
    double total = 0;
    for (double& share : shares) total += share = std::exp(share - largest);
    for (std::size_t t = 0; t < n_t; ++t) {
      for (std::size_t e = 0; e < n_e; ++e)
        out.reals[row * n_e + e] += shares[t] / total * v.reals[head + t * n_e + e];
    }
  }
}

}  // namespace

OnnxOperator find_product(std::string_view name) {
  if (name == "MatMul") return mat_mul;
  if (name == "Gemm") return gemm;
  if (name == "Conv") return convolution;
  if (name == "Einsum") return einsum;
  if (name == "Attention") return attention;
  return nullptr;
}

}  // namespace astrom3
