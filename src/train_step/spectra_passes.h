// SPDX-License-Identifier: MIT
//
// One spectrum through GalSpecNet, forwards, and the exact gradient back through it.
//
// Written over a real type and its table of kernels, as passes.h is.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "base/aligned_buffer.h"
#include "train_step/packed_parameters.h"
#include "train_step/spectra_layout.h"

namespace astrom3::train {

/// What the forward pass of one spectrum keeps for the backward pass, and scratch for both.
template <typename Real>
struct SpectraActivations {
  explicit SpectraActivations(const SpectraLayout& layout) {
    std::size_t widest = 0, longest = 0;
    for (const ConvolutionPlace& layer : layout.layers) {
      inputs.emplace_back(layer.inputs * layer.input_stride + layer.linear.k);  // the last row is whole, too
      convolved.emplace_back(layer.convolved() * layer.linear.n);
      longest = std::max(longest, (layer.convolved() + 2 * (layout.kernel - 1)) * layer.linear.n);
      widest = std::max(widest, layer.linear.n);
      largest_input = std::max(largest_input, layer.inputs * layer.input_stride);
    }
    flat = AlignedBuffer<Real>(layout.flat_size());
    g_convolved = AlignedBuffer<Real>(longest);
    g_inputs = AlignedBuffer<Real>(std::max(largest_input, layout.flat_size()));
    zeros = AlignedBuffer<Real>(widest);
  }

  std::vector<AlignedBuffer<Real>> inputs;     ///< of every layer [positions, input_stride]
  std::vector<AlignedBuffer<Real>> convolved;  ///< of every layer [convolved(), n], after ReLU
  AlignedBuffer<Real> flat;                    ///< [positions, width]

  AlignedBuffer<Real> g_convolved;  ///< of one layer, kernel_size - 1 rows of zeros before and behind it
  AlignedBuffer<Real> g_inputs;     ///< of one layer
  AlignedBuffer<Real> zeros;        ///< never written
  std::size_t largest_input = 0;
};

/// Immutable between pack()s; any number of threads may share it, each with activations of its own.
template <typename Real>
class SpectraPasses {
 public:
  SpectraPasses(const SpectraLayout& layout, const kernels::TrainingTable<Real>& table)
      : layout_(layout), kernels_(table) {
    for (const ConvolutionPlace& layer : layout.layers) {
      memory_.emplace_back(2 * layer.linear.n * layer.linear.k);
      reversed_.emplace_back(layout.kernel * layer.linear.n * layer.input_stride);
    }
  }

  /// `parameters` [layout.size] is read now, and its biases later.
  void pack(const Real* parameters) {
    packed_.clear();
    for (std::size_t i = 0; i < layout_.layers.size(); ++i) {
      packed_.push_back(pack_linear(kernels_, parameters, layout_.layers[i].linear, memory_[i].data()));
      if (i > 0) pack_reversed(parameters, layout_.layers[i], reversed_[i].data());
    }
  }

  /// spectrum [channels, n_pixels] to a.flat.
  void forward(std::span<const float> spectrum, SpectraActivations<Real>& a) const {
    spread(spectrum, a.inputs[0].data());
    for (std::size_t i = 0; i < layout_.layers.size(); ++i) {
      const ConvolutionPlace& layer = layout_.layers[i];
      Real* const y = a.convolved[i].data();
      const bool is_last = i + 1 == layout_.layers.size();
      kernels_.gemm({.a = a.inputs[i].data(),
                     .a_stride = layer.input_stride,
                     .m = layer.convolved(),
                     .k = layer.linear.k,
                     .n = layer.linear.n,
                     .b = packed_[i].forward,
                     .start = packed_[i].bias,
                     .c = y,
                     .c_stride = layer.linear.n});
      // Not max(x, 0), which would hide a NaN.
      for (std::size_t e = 0; e < layer.convolved() * layer.linear.n; ++e) y[e] = y[e] < 0 ? Real(0) : y[e];
      take_largest(layer, y, is_last ? a.flat.data() : a.inputs[i + 1].data());
    }
  }

  /// Adds to gradient [layout.size] what g_flat [positions, width] gives, after forward().
  void backward(std::span<const Real> g_flat, SpectraActivations<Real>& a, Real* gradient) const {
    std::copy(g_flat.begin(), g_flat.end(), a.g_inputs.data());
    for (std::size_t i = layout_.layers.size(); i-- > 0;) {
      const ConvolutionPlace& layer = layout_.layers[i];
      const std::size_t n = layer.linear.n, edge = (layout_.kernel - 1) * n, rows = layer.convolved();
      Real* const g = a.g_convolved.data() + edge;
      std::fill_n(a.g_convolved.data(), edge, Real(0));
      spread_gradient(layer, a.convolved[i].data(), a.g_inputs.data(), g);
      std::fill_n(g + rows * n, edge, Real(0));
      kernels_.outer({.a = g,
                      .a_stride = n,
                      .b = a.inputs[i].data(),
                      .b_stride = layer.input_stride,
                      .rows = rows,
                      .m = n,
                      .n = layer.linear.k,
                      .c = gradient + layer.linear.weight,
                      .c_stride = layer.linear.k});
      kernels_.add_column_sums(
          {.x = g, .rows = rows, .width = n, .stride = n, .y = gradient + layer.linear.bias});
      if (i > 0) input_gradient(i, a);
    }
  }

 private:
  /// The matrix that takes the gradients of kernel_size neighbouring positions back to the one that they all
  /// read: row j n + o, column c is W[o][c][kernel_size - 1 - j].
  void pack_reversed(const Real* parameters, const ConvolutionPlace& layer, Real* panels) const {
    const std::size_t n = layer.linear.n, k = layer.linear.k, stride = layer.input_stride;
    AlignedBuffer<Real> rows(layout_.kernel * n * stride);
    for (std::size_t j = 0; j < layout_.kernel; ++j) {
      for (std::size_t o = 0; o < n; ++o) {
        std::copy_n(parameters + layer.linear.weight + o * k + (layout_.kernel - 1 - j) * stride, stride,
                    rows.data() + (j * n + o) * stride);
      }
    }
    kernels_.to_panels(rows.data(), stride, layout_.kernel * n, stride, panels);
  }

  /// The rows of the first convolution: position by position, its kernel_size neighbours, channel by channel.
  void spread(std::span<const float> spectrum, Real* rows) const {
    const ConvolutionPlace& first = layout_.layers[0];
    for (std::size_t p = 0; p < first.convolved(); ++p) {
      for (std::size_t j = 0; j < layout_.kernel; ++j) {
        for (std::size_t c = 0; c < layout_.channels; ++c) {
          rows[p * first.input_stride + j * layout_.channels + c] =
              static_cast<Real>(spectrum[c * layout_.n_pixels + p + j]);
        }
      }
    }
  }

  /// The largest of every `window` rows of y.
  static void take_largest(const ConvolutionPlace& layer, const Real* y, Real* largest) {
    const std::size_t n = layer.linear.n;
    for (std::size_t i = 0; i < layer.outputs; ++i) {
      const Real* const rows = y + i * layer.window * n;
      Real* const out = largest + i * n;
      std::copy_n(rows, n, out);
      for (std::size_t r = 1; r < layer.window; ++r) {
        // A NaN stays one: it must show in the loss.
        for (std::size_t o = 0; o < n; ++o) {
          const Real next = rows[r * n + o];
          out[o] = out[o] >= next || std::isnan(out[o]) ? out[o] : next;
        }
      }
    }
  }

  /// To the first of the largest rows, where ReLU let it through.
  static void spread_gradient(const ConvolutionPlace& layer, const Real* y, const Real* g_largest, Real* g) {
    const std::size_t n = layer.linear.n;
    for (std::size_t i = 0; i < layer.outputs; ++i) {
      for (std::size_t o = 0; o < n; ++o) {
        const Real* const column = y + i * layer.window * n + o;
        std::size_t first = 0;
        for (std::size_t r = 0; r < layer.window; ++r) {
          if (column[r * n] > column[first * n]) first = r;
          g[(i * layer.window + r) * n + o] = 0;
        }
        if (column[first * n] > 0) g[(i * layer.window + first) * n + o] = g_largest[i * n + o];
      }
    }
  }

  /// a.g_inputs = the gradient of layer i's input, whose last positions may have been dropped before it.
  void input_gradient(std::size_t i, SpectraActivations<Real>& a) const {
    const ConvolutionPlace& layer = layout_.layers[i];
    const std::size_t rows = layer.convolved() + layout_.kernel - 1, stride = layer.input_stride;
    kernels_.gemm({.a = a.g_convolved.data(),
                   .a_stride = layer.linear.n,
                   .m = rows,
                   .k = layout_.kernel * layer.linear.n,
                   .n = stride,
                   .b = reversed_[i].data(),
                   .start = a.zeros.data(),
                   .c = a.g_inputs.data(),
                   .c_stride = stride});
    std::fill(a.g_inputs.data() + rows * stride, a.g_inputs.data() + layer.inputs * stride, Real(0));
  }

  const SpectraLayout& layout_;
  const kernels::TrainingTable<Real>& kernels_;
  std::vector<AlignedBuffer<Real>> memory_, reversed_;
  std::vector<PackedLinear<Real>> packed_;
};

}  // namespace astrom3::train
