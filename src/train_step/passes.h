// SPDX-License-Identifier: MIT
//
// One light curve through the encoder, forwards, and the exact gradient back through it.
//
// The backward pass takes the gradient of the encoder's outputs and knows no loss; a loss sees outputs alone.
// Written over a real type and its table of kernels: float is what trains, double what its tests
// differentiate.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "train_step/activations.h"
#include "train_step/dropout_sites.h"
#include "train_step/packed_parameters.h"
#include "train_step/parameters.h"
#include "train_step/probsparse_heads.h"
#include "train_step/step_attention.h"

namespace astrom3::train {

/// Gradients of what the encoder gives; an empty span is an output that the loss did not use.
template <typename Real>
struct OutputGradient {
  std::span<const Real> mean;      ///< [D]
  std::span<const Real> sequence;  ///< [T, D]
  std::span<const Real> logits;    ///< [classes]
};

/// Passes change nothing in it; any number of threads may share it, each with Activations of its own.
template <typename Real>
class Passes {
 public:
  /// parameters [layout.size], positions [T, D_padded]; all must outlive this.
  Passes(const EncoderSizes& sizes, const ParameterLayout& layout, const kernels::TrainingTable<Real>& table,
         const PackedParameters<Real>& packed, const Real* parameters, const Real* positions,
         kernels::Epilogue activation)
      : s_(sizes),
        layout_(layout),
        kernels_(table),
        packed_(packed),
        parameters_(parameters),
        positions_(positions),
        activation_(activation),
        probsparse_(sizes, table) {}

  /// Of the passes from now on; before the first call it is full. What it views must outlive them.
  void use(const StepAttention& attention) { attention_ = attention; }

  /// x_enc [T, C] to a.sequence.
  void forward(std::span<const float> x_enc, const ExampleDropout& dropout, Activations<Real>& a) const {
    embed(x_enc, dropout, a);
    for (std::size_t i = 0; i < s_.layers; ++i) {
      forward_layer(i, dropout, a, i + 1 < s_.layers ? a.layers[i + 1].h : a.last);
    }
    normalise(layout_.norm, a.strides, a.last, nullptr, a.sequence, a.normalised, a.inverse);
    drop(dropout, 0, DropoutSite::output, a.strides.D, a.sequence, a.sequence);
  }

  /// mean[d] = sum_t mask[t] h[t][d] / max(sum_t mask[t], 1).
  void mean(std::span<const float> mask, const Activations<Real>& a, std::span<Real> mean) const {
    std::fill(mean.begin(), mean.end(), Real(0));
    for (std::size_t t = 0; t < s_.T; ++t) {
      if (mask[t] == 0.0f) continue;
      const Real* h = a.sequence + t * a.strides.D;
      for (std::size_t d = 0; d < s_.D; ++d) mean[d] += static_cast<Real>(mask[t]) * h[d];
    }
    for (Real& value : mean) value /= observed(mask);
  }

  /// logits[c] = bias[c] + sum_{t,d} W[c][t][d] mask[t] h[t][d]. Needs a head.
  void logits(std::span<const float> mask, const Activations<Real>& a, std::span<Real> logits) const {
    const std::size_t width = s_.D_padded;
    std::vector<Real> sums(s_.classes * width);  // kept apart by column, so that the loop is one of vectors
    for (std::size_t t = 0; t < s_.T; ++t) {
      if (mask[t] == 0.0f) continue;
      const Real* h = a.sequence + t * a.strides.D;
      const Real* w = parameters_ + layout_.head + t * s_.classes * width;
      for (std::size_t i = 0; i < sums.size(); ++i)
        sums[i] += w[i] * (static_cast<Real>(mask[t]) * h[i % width]);
    }
    for (std::size_t c = 0; c < s_.classes; ++c) {
      logits[c] = parameters_[layout_.head_bias + c];
      for (std::size_t d = 0; d < width; ++d) logits[c] += sums[c * width + d];
    }
  }

  /// Adds to gradient [layout.size] what `output` gives, after forward() with the same dropout.
  void backward(std::span<const float> mask, const OutputGradient<Real>& output,
                const ExampleDropout& dropout, Activations<Real>& a, Real* gradient) const {
    gather_output(mask, output, a, gradient);
    drop(dropout, 0, DropoutSite::output, a.strides.D, a.g, a.g);
    normalise_back(layout_.norm, a.strides, a.normalised, a.inverse, a.g, gradient);
    for (std::size_t i = s_.layers; i-- > 0;) backward_layer(i, dropout, a, gradient);
    drop(dropout, 0, DropoutSite::embedding, a.strides.D, a.g, a.g);
    const LinearPlace& embedding = packed_.embedding.place;
    outer(a.g, a.strides.D, embedding.n, a.x, a.strides.in, embedding.k, gradient + embedding.weight,
          embedding.k);
  }

 private:
  static Real observed(std::span<const float> mask) {
    double sum = 0;
    for (const float weight : mask) sum += static_cast<double>(weight);
    return static_cast<Real>(std::max(sum, 1.0));
  }

  // ---- forwards ----------------------------------------------------------------------------------

  void embed(std::span<const float> x_enc, const ExampleDropout& dropout, Activations<Real>& a) const {
    const std::size_t C = s_.C, T = s_.T;
    for (std::size_t t = 0; t < T; ++t) {
      for (std::size_t j = 0; j < kKernelWidth; ++j) {
        const float* row = x_enc.data() + (t + j + T - 1) % T * C;
        std::copy_n(row, C, a.x + t * a.strides.in + j * C);
      }
    }
    Real* h = s_.layers == 0 ? a.last : a.layers[0].h;
    kernels_.gemm({.a = a.x,
                   .a_stride = a.strides.in,
                   .m = T,
                   .k = packed_.embedding.place.k,
                   .n = s_.D_padded,
                   .b = packed_.embedding.forward,
                   .start = positions_,
                   .c = h,
                   .c_stride = a.strides.D,
                   .start_stride = s_.D_padded});
    drop(dropout, 0, DropoutSite::embedding, a.strides.D, h, h);
  }

  void forward_layer(std::size_t i, const ExampleDropout& dropout, Activations<Real>& a, Real* next) const {
    LayerActivations<Real>& layer = a.layers[i];
    const PackedLayer<Real>& w = packed_.layers[i];
    const Strides& stride = a.strides;
    linear(w.qkv, layer.h, stride.D, layer.qkv, stride.qkv);
    for (std::size_t head = 0; head < s_.H; ++head) {
      is_full() ? attend(i, head, dropout, a) : probsparse_.forward(head, keys_of(i), layer, a);
    }
    linear(w.out, layer.attended, stride.heads, a.y, stride.D);
    drop(dropout, i, DropoutSite::attended, stride.D, a.y, a.y);
    normalise(layout_.layers[i].norm1, stride, layer.h, a.y, layer.h1, layer.normalised1, layer.inverse1);

    linear(w.conv1, layer.h1, stride.D, layer.slope, stride.ff);
    kernels_.activate({.x = layer.slope,
                       .rows = s_.T,
                       .width = s_.ff_padded,
                       .stride = stride.ff,
                       .activation = activation_,
                       .dropout = dropout.at<Real>(i, DropoutSite::activation),
                       .y = layer.active});
    linear(w.conv2, layer.active, stride.ff, a.y, stride.D);
    drop(dropout, i, DropoutSite::feed_forward, stride.D, a.y, a.y);
    normalise(layout_.layers[i].norm2, stride, layer.h1, a.y, next, layer.normalised2, layer.inverse2);
  }

  bool is_full() const { return attention_.form == Attention::full; }
  /// [T, u] of a layer; empty: all keys.
  std::span<const std::uint32_t> keys_of(std::size_t layer) const {
    const std::size_t n = s_.T * s_.sampled;
    return attention_.key_samples.empty() ? attention_.key_samples
                                          : attention_.key_samples.subspan(layer * n, n);
  }

  /// softmax(q k^T / sqrt(d)) v of one head, with dropout on the probabilities.
  void attend(std::size_t i, std::size_t head, const ExampleDropout& dropout, Activations<Real>& a) const {
    LayerActivations<Real>& layer = a.layers[i];
    const std::size_t T = s_.T, stride = a.strides.qkv;
    const Real* q = layer.qkv + head * s_.head_padded;
    const Real* k = q + s_.heads_width;
    const Real* v = k + s_.heads_width;
    Real* p = layer.probability + head * T * s_.T_padded;
    kernels_.transpose_to_panels(k, stride, T, s_.d_head, a.panels);
    product(q, stride, s_.d_head, a.panels, s_.T_padded, a.zeros, p, s_.T_padded);
    const kernels::Dropout<Real> keep = dropout.at<Real>(i, DropoutSite::probabilities, head);
    Real* dropped = keep.threshold == 0 ? p : a.dropped;
    kernels_.softmax({.p = p,
                      .rows = T,
                      .n = T,
                      .stride = s_.T_padded,
                      .scale = attention_scale(),
                      .dropout = keep,
                      .dropped = dropped});
    kernels_.to_panels(v, stride, T, s_.head_padded, a.panels);
    product(dropped, s_.T_padded, T, a.panels, s_.head_padded, a.zeros,
            layer.attended + head * s_.head_padded, a.strides.heads);
  }

  Real attention_scale() const { return static_cast<Real>(1 / std::sqrt(static_cast<double>(s_.d_head))); }

  // ---- backwards ---------------------------------------------------------------------------------

  /// a.g = the gradient of the sequence; the head's own.
  void gather_output(std::span<const float> mask, const OutputGradient<Real>& output, Activations<Real>& a,
                     Real* gradient) const {
    const std::size_t width = s_.D_padded;
    const Real n_observed = observed(mask);
    for (std::size_t t = 0; t < s_.T; ++t) {
      Real* g = a.g + t * a.strides.D;
      std::fill_n(g, width, Real(0));
      const Real weight = static_cast<Real>(mask[t]);
      for (std::size_t d = 0; !output.sequence.empty() && d < s_.D; ++d) g[d] = output.sequence[t * s_.D + d];
      for (std::size_t d = 0; !output.mean.empty() && d < s_.D; ++d)
        g[d] += weight * output.mean[d] / n_observed;
      if (output.logits.empty() || mask[t] == 0.0f) continue;
      const Real* h = a.sequence + t * a.strides.D;
      for (std::size_t c = 0; c < s_.classes; ++c) {
        const Real scaled = output.logits[c] * weight;
        const std::size_t at = layout_.head + (t * s_.classes + c) * width;
        const Real* w = parameters_ + at;
        Real* g_w = gradient + at;
        for (std::size_t d = 0; d < width; ++d) {
          g[d] += scaled * w[d];
          g_w[d] += scaled * h[d];
        }
      }
    }
    for (std::size_t c = 0; c < output.logits.size(); ++c)
      gradient[layout_.head_bias + c] += output.logits[c];
  }

  /// a.g: the gradient of the layer's output becomes that of its input.
  void backward_layer(std::size_t i, const ExampleDropout& dropout, Activations<Real>& a,
                      Real* gradient) const {
    LayerActivations<Real>& layer = a.layers[i];
    const PackedLayer<Real>& w = packed_.layers[i];
    const Strides& stride = a.strides;
    normalise_back(layout_.layers[i].norm2, stride, layer.normalised2, layer.inverse2, a.g, gradient);
    const Real* g_block = drop(dropout, i, DropoutSite::feed_forward, stride.D, a.g, a.g_block);
    weight_gradient(w.conv2, layer.active, stride.ff, g_block, stride.D, gradient);
    input_gradient(w.conv2, g_block, stride.D, a.zeros, 0, a.g_ff, stride.ff);
    kernels_.multiply(
        {.x = layer.slope, .rows = s_.T, .width = s_.ff_padded, .stride = stride.ff, .y = a.g_ff});
    weight_gradient(w.conv1, layer.h1, stride.D, a.g_ff, stride.ff, gradient);
    input_gradient(w.conv1, a.g_ff, stride.ff, a.g, stride.D, a.g, stride.D);

    normalise_back(layout_.layers[i].norm1, stride, layer.normalised1, layer.inverse1, a.g, gradient);
    g_block = drop(dropout, i, DropoutSite::attended, stride.D, a.g, a.g_block);
    weight_gradient(w.out, layer.attended, stride.heads, g_block, stride.D, gradient);
    input_gradient(w.out, g_block, stride.D, a.zeros, 0, a.g_attended, stride.heads);
    std::fill_n(a.g_qkv, s_.T * stride.qkv, Real(0));
    for (std::size_t head = 0; head < s_.H; ++head) {
      is_full() ? attend_back(i, head, dropout, a) : probsparse_.backward(head, layer, a);
    }
    weight_gradient(w.qkv, layer.h, stride.D, a.g_qkv, stride.qkv, gradient);
    input_gradient(w.qkv, a.g_qkv, stride.qkv, a.g, stride.D, a.g, stride.D);
  }

  /// Gradients of one head's q, k and v from that of its result. The probabilities are used up.
  void attend_back(std::size_t i, std::size_t head, const ExampleDropout& dropout,
                   Activations<Real>& a) const {
    const LayerActivations<Real>& layer = a.layers[i];
    const std::size_t T = s_.T, stride = a.strides.qkv, width = s_.head_padded;
    const Real* q = layer.qkv + head * width;
    const Real* k = q + s_.heads_width;
    const Real* v = k + s_.heads_width;
    const Real* g_out = a.g_attended + head * width;
    Real* g_q = a.g_qkv + head * width;
    Real* g_k = g_q + s_.heads_width;
    Real* g_v = g_k + s_.heads_width;
    Real* p = layer.probability + head * T * s_.T_padded;
    kernels_.transpose_to_panels(v, stride, T, s_.d_head, a.panels);
    product(g_out, a.strides.heads, s_.d_head, a.panels, s_.T_padded, a.zeros, a.g_scores, s_.T_padded);
    kernels_.softmax_gradient({.p = p,
                               .g = a.g_scores,
                               .rows = T,
                               .n = T,
                               .stride = s_.T_padded,
                               .scale = attention_scale(),
                               .dropout = dropout.at<Real>(i, DropoutSite::probabilities, head)});
    outer(p, s_.T_padded, T, g_out, a.strides.heads, width, g_v, stride);
    kernels_.to_panels(k, stride, T, width, a.panels);
    product(a.g_scores, s_.T_padded, T, a.panels, width, a.zeros, g_q, stride);
    outer(a.g_scores, s_.T_padded, T, q, stride, width, g_k, stride);
  }

  // ---- the blocks they are made of; all have T rows ----------------------------------------------

  /// y = x W^T + b.
  void linear(const PackedLinear<Real>& w, const Real* x, std::size_t x_stride, Real* y,
              std::size_t y_stride) const {
    product(x, x_stride, w.place.k, w.forward, w.place.n, w.bias, y, y_stride);
  }

  /// gradient of W and b from that of y.
  void weight_gradient(const PackedLinear<Real>& w, const Real* x, std::size_t x_stride, const Real* g,
                       std::size_t g_stride, Real* gradient) const {
    outer(g, g_stride, w.place.n, x, x_stride, w.place.k, gradient + w.place.weight, w.place.k);
    kernels_.add_column_sums(
        {.x = g, .rows = s_.T, .width = w.place.n, .stride = g_stride, .y = gradient + w.place.bias});
  }

  /// g_x = start + g W.
  void input_gradient(const PackedLinear<Real>& w, const Real* g, std::size_t g_stride, const Real* start,
                      std::size_t start_stride, Real* g_x, std::size_t g_x_stride) const {
    kernels_.gemm({.a = g,
                   .a_stride = g_stride,
                   .m = s_.T,
                   .k = w.place.n,
                   .n = w.place.k,
                   .b = w.backward,
                   .start = start,
                   .c = g_x,
                   .c_stride = g_x_stride,
                   .start_stride = start_stride});
  }

  /// c = start + a b, b [k, n] in panels.
  void product(const Real* a, std::size_t a_stride, std::size_t k, const Real* b, std::size_t n,
               const Real* start, Real* c, std::size_t c_stride) const {
    kernels_.gemm({.a = a,
                   .a_stride = a_stride,
                   .m = s_.T,
                   .k = k,
                   .n = n,
                   .b = b,
                   .start = start,
                   .c = c,
                   .c_stride = c_stride});
  }

  /// c += a^T b.
  void outer(const Real* a, std::size_t a_stride, std::size_t m, const Real* b, std::size_t b_stride,
             std::size_t n, Real* c, std::size_t c_stride) const {
    kernels_.outer({.a = a,
                    .a_stride = a_stride,
                    .b = b,
                    .b_stride = b_stride,
                    .rows = s_.T,
                    .m = m,
                    .n = n,
                    .c = c,
                    .c_stride = c_stride});
  }

  void normalise(const NormPlace& norm, const Strides& stride, const Real* x, const Real* y, Real* out,
                 Real* normalised, Real* inverse) const {
    kernels_.norm({.a = x,
                   .b = y,
                   .gain = parameters_ + norm.gain,
                   .bias = parameters_ + norm.bias,
                   .rows = s_.T,
                   .d = s_.D,
                   .stride = stride.D,
                   .epsilon = static_cast<Real>(kLayerNormEpsilon),
                   .out = out,
                   .normalised = normalised,
                   .inverse = inverse});
  }

  /// g, the gradient of the norm's result, becomes that of its input.
  void normalise_back(const NormPlace& norm, const Strides& stride, const Real* normalised,
                      const Real* inverse, Real* g, Real* gradient) const {
    kernels_.norm_gradient({.g = g,
                            .normalised = normalised,
                            .inverse = inverse,
                            .gain = parameters_ + norm.gain,
                            .rows = s_.T,
                            .d = s_.D,
                            .stride = stride.D,
                            .out = g,
                            .gain_gradient = gradient + norm.gain,
                            .bias_gradient = gradient + norm.bias});
  }

  /// dropout(x) in y, or x itself where nothing is dropped.
  const Real* drop(const ExampleDropout& dropout, std::size_t layer, DropoutSite site, std::size_t stride,
                   const Real* x, Real* y) const {
    const kernels::Dropout<Real> keep = dropout.at<Real>(layer, site);
    if (keep.threshold == 0) return x;
    kernels_.dropout({.x = x, .rows = s_.T, .width = s_.D_padded, .stride = stride, .dropout = keep, .y = y});
    return y;
  }

  const EncoderSizes& s_;
  const ParameterLayout& layout_;
  const kernels::TrainingTable<Real>& kernels_;
  const PackedParameters<Real>& packed_;
  const Real* parameters_;
  const Real* positions_;
  kernels::Epilogue activation_;
  ProbSparseHeads<Real> probsparse_;
  StepAttention attention_{};
};

}  // namespace astrom3::train
