// SPDX-License-Identifier: MIT
//
// ProbSparse attention of one head, forwards and back: a few queries attend, the others get the mean of the
// values. Which ones attend is no number to be differentiated: the gradient is that of the chosen queries.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "encoder/sparsity.h"
#include "train_step/activations.h"

namespace astrom3::train {

/// As probsparse_attention() of the encoder, over a real type. Dropout of the probabilities is not applied:
/// upstream never does, and the rows of those that do not attend are one.
template <typename Real>
class ProbSparseHeads {
 public:
  ProbSparseHeads(const EncoderSizes& sizes, const kernels::TrainingTable<Real>& table)
      : s_(sizes), kernels_(table) {}

  /// From layer.qkv to layer.attended. key_samples [T, u] the keys that each query looks at; empty: all keys.
  void forward(std::size_t head, std::span<const std::uint32_t> key_samples, LayerActivations<Real>& layer,
               Activations<Real>& a) const {
    const std::size_t T = s_.T, stride = a.strides.qkv, width = s_.head_padded;
    const Real* q = layer.qkv + head * width;
    const Real* k = q + s_.heads_width;
    const Real* v = k + s_.heads_width;
    kernels_.transpose_to_panels(k, stride, T, s_.d_head, a.panels);
    product(a, T, q, stride, s_.d_head, a.panels, s_.T_padded, a.g_scores, s_.T_padded);
    const std::span<const std::uint32_t> chosen = choose(head, key_samples, a.g_scores, layer);
    Real* p = layer.probability + head * T * s_.T_padded;
    for (std::size_t r = 0; r < chosen.size(); ++r)
      std::copy_n(a.g_scores + chosen[r] * s_.T_padded, s_.T_padded, p + r * s_.T_padded);
    // Equal scores for all keys: the softmax of the last row makes the mean.
    if (chosen.size() < rows()) std::fill_n(p + chosen.size() * s_.T_padded, s_.T_padded, Real(0));
    kernels_.softmax({.p = p,
                      .rows = rows(),
                      .n = T,
                      .stride = s_.T_padded,
                      .scale = scale(),
                      .dropout = {},
                      .dropped = p});
    kernels_.to_panels(v, stride, T, width, a.panels);
    product(a, rows(), p, s_.T_padded, T, a.panels, width, a.compact, width);
    for (std::size_t t = 0; t < T; ++t)
      std::copy_n(a.compact + row_of(t, chosen) * width, width, layer.attended + place(head, t, a));
  }

  /// Gradients of q, k and v in a.g_qkv, zeros before, from a.g_attended.
  void backward(std::size_t head, const LayerActivations<Real>& layer, Activations<Real>& a) const {
    const std::size_t T = s_.T, u = s_.sampled, stride = a.strides.qkv, width = s_.head_padded;
    const Real* q = layer.qkv + head * width;
    const Real* k = q + s_.heads_width;
    const Real* v = k + s_.heads_width;
    Real* g_q = a.g_qkv + head * width;
    Real* g_k = g_q + s_.heads_width;
    Real* g_v = g_k + s_.heads_width;
    Real* p = layer.probability + head * T * s_.T_padded;
    const std::span<const std::uint32_t> chosen = std::span(layer.chosen).subspan(head * u, u);
    std::fill_n(a.compact, rows() * width, Real(0));
    for (std::size_t t = 0; t < T; ++t) {
      const Real* g = a.g_attended + place(head, t, a);
      Real* sum = a.compact + row_of(t, chosen) * width;
      for (std::size_t d = 0; d < width; ++d) sum[d] += g[d];
    }
    kernels_.transpose_to_panels(v, stride, T, s_.d_head, a.panels);
    product(a, rows(), a.compact, width, s_.d_head, a.panels, s_.T_padded, a.g_scores, s_.T_padded);
    kernels_.softmax_gradient({.p = p,
                               .g = a.g_scores,
                               .rows = rows(),
                               .n = T,
                               .stride = s_.T_padded,
                               .scale = scale(),
                               .dropout = {}});
    outer(rows(), p, s_.T_padded, T, a.compact, width, width, g_v, stride);
    // The scores of the row that makes the mean are no scores of a query: they are left out from here on.
    kernels_.to_panels(k, stride, T, width, a.panels);
    product(a, u, a.g_scores, s_.T_padded, T, a.panels, width, a.compact, width);
    for (std::size_t r = 0; r < u; ++r) std::copy_n(a.compact + r * width, width, g_q + chosen[r] * stride);
    for (std::size_t r = 0; r < u; ++r) std::copy_n(q + chosen[r] * stride, width, a.compact + r * width);
    outer(u, a.g_scores, s_.T_padded, T, a.compact, width, width, g_k, stride);
  }

 private:
  /// Rows of probabilities: the chosen queries and one for all others, if there are any.
  std::size_t rows() const { return std::min(s_.sampled + 1, s_.T); }
  Real scale() const { return static_cast<Real>(1 / std::sqrt(static_cast<double>(s_.d_head))); }

  /// Where step t of a head lies in [T, heads_width]: heads are one below the other, read as rows of all
  /// heads.
  std::size_t place(std::size_t head, std::size_t t, const Activations<Real>& a) const {
    const std::size_t n = head * s_.T + t;
    return n / s_.H * a.strides.heads + n % s_.H * s_.head_padded;
  }

  /// The row of probabilities of query t; chosen.size() for those that do not attend.
  static std::size_t row_of(std::size_t t, std::span<const std::uint32_t> chosen) {
    return static_cast<std::size_t>(std::find(chosen.begin(), chosen.end(), t) - chosen.begin());
  }

  std::span<const std::uint32_t> choose(std::size_t head, std::span<const std::uint32_t> key_samples,
                                        const Real* scores, LayerActivations<Real>& layer) const {
    const std::size_t T = s_.T, u = s_.sampled;
    std::vector<double> m(T);
    std::vector<std::uint32_t> order(T);
    for (std::size_t t = 0; t < T; ++t) {
      const Real* row = scores + t * s_.T_padded;
      m[t] = key_samples.empty()
                 ? sparsity(T, T, [row](std::size_t j) { return static_cast<double>(row[j]); })
                 : sparsity(u, T, [row, keys = key_samples.subspan(t * u, u)](std::size_t j) {
                     return static_cast<double>(row[keys[j]]);
                   });
    }
    choose_queries(m, u, order);
    std::copy_n(order.begin(), u, layer.chosen.begin() + static_cast<std::ptrdiff_t>(head * u));
    return std::span<const std::uint32_t>(layer.chosen).subspan(head * u, u);
  }

  /// c = a b, b [k, n] in panels.
  void product(const Activations<Real>& a, std::size_t m, const Real* x, std::size_t x_stride, std::size_t k,
               const Real* b, std::size_t n, Real* c, std::size_t c_stride) const {
    kernels_.gemm({.a = x,
                   .a_stride = x_stride,
                   .m = m,
                   .k = k,
                   .n = n,
                   .b = b,
                   .start = a.zeros,
                   .c = c,
                   .c_stride = c_stride});
  }

  /// c += x^T b.
  void outer(std::size_t n_rows, const Real* x, std::size_t x_stride, std::size_t m, const Real* b,
             std::size_t b_stride, std::size_t n, Real* c, std::size_t c_stride) const {
    kernels_.outer({.a = x,
                    .a_stride = x_stride,
                    .b = b,
                    .b_stride = b_stride,
                    .rows = n_rows,
                    .m = m,
                    .n = n,
                    .c = c,
                    .c_stride = c_stride});
  }

  const EncoderSizes& s_;
  const kernels::TrainingTable<Real>& kernels_;
};

}  // namespace astrom3::train
