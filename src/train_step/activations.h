// SPDX-License-Identifier: MIT
//
// The values that the forward pass of one light curve keeps for the backward pass, and scratch for both.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/aligned_buffer.h"
#include "encoder/sizes.h"

namespace astrom3::train {

/// Row strides: padded widths and a cache line, for rows a power of two apart would share cache sets.
struct Strides {
  std::size_t in, D, qkv, heads, ff;

  explicit Strides(const EncoderSizes& s)
      : in(round_up(kKernelWidth * s.C, kVectorLanes) + kVectorLanes),
        D(s.D_padded + kVectorLanes),
        qkv(3 * s.heads_width + kVectorLanes),
        heads(s.heads_width + kVectorLanes),
        ff(s.ff_stride) {}
};

template <typename Real>
struct LayerActivations {
  Real* h;                            ///< [T, D] the layer's input
  Real* qkv;                          ///< [T_padded, 3 heads]
  Real* probability;                  ///< [H, T, T_padded] before dropout
  Real* attended;                     ///< [T, heads]
  Real* normalised1;                  ///< [T, D]
  Real* inverse1;                     ///< [T]
  Real* h1;                           ///< [T, D] after the first norm
  Real* slope;                        ///< [T, ff] of the activation, with dropout's factor
  Real* active;                       ///< [T, ff] after activation and dropout
  Real* normalised2;                  ///< [T, D]
  Real* inverse2;                     ///< [T]
  std::vector<std::uint32_t> chosen;  ///< [H, u] the queries that attend in ProbSparse attention
};

/// Arrays begin on cache lines; padding columns are 0.
template <typename Real>
class Activations {
 public:
  explicit Activations(const EncoderSizes& sizes) : strides(sizes) {
    std::size_t used = 0;
    lay_out(sizes, nullptr, used);
    memory_ = AlignedBuffer<Real>(used);
    used = 0;
    lay_out(sizes, memory_.data(), used);
  }

  Strides strides;
  Real* x;  ///< [T, 3 C] rows of the convolution: a step's neighbours and itself
  std::vector<LayerActivations<Real>> layers;
  Real* last;        ///< [T, D] the last layer's output
  Real* normalised;  ///< [T, D]
  Real* inverse;     ///< [T]
  Real* sequence;    ///< [T, D] after the last norm

  Real* y;           ///< [T, D] what a block adds
  Real* dropped;     ///< [T, T_padded] one head's probabilities after dropout
  Real* panels;      ///< one head's keys or values, for a product
  Real* compact;     ///< [T, head] of ProbSparse attention: what the rows of probabilities give
  Real* zeros;       ///< never written
  Real* g;           ///< [T, D] gradient of the hidden state
  Real* g_block;     ///< [T, D] gradient of what a block adds
  Real* g_ff;        ///< [T, ff]
  Real* g_attended;  ///< [T, heads]
  Real* g_qkv;       ///< [T, 3 heads]
  Real* g_scores;    ///< [T, T_padded] of one head

 private:
  void lay_out(const EncoderSizes& s, Real* base, std::size_t& used) {
    const auto take = [&](std::size_t n) {
      Real* p = base == nullptr ? nullptr : base + used;
      used += round_up(n, kVectorLanes);
      return p;
    };
    const auto rows = [&](std::size_t stride) { return take(s.T_padded * stride); };
    x = rows(strides.in);
    layers.assign(s.layers, {});
    for (LayerActivations<Real>& layer : layers) {
      layer = {.h = rows(strides.D),
               .qkv = rows(strides.qkv),
               .probability = take(s.H * s.T * s.T_padded),
               .attended = rows(strides.heads),
               .normalised1 = rows(strides.D),
               .inverse1 = take(s.T),
               .h1 = rows(strides.D),
               .slope = rows(strides.ff),
               .active = rows(strides.ff),
               .normalised2 = rows(strides.D),
               .inverse2 = take(s.T),
               .chosen = std::vector<std::uint32_t>(s.H * s.sampled)};
    }
    last = rows(strides.D);
    normalised = rows(strides.D);
    inverse = take(s.T);
    sequence = rows(strides.D);
    y = rows(strides.D);
    dropped = rows(s.T_padded);
    panels = rows(s.head_padded);
    compact = rows(s.head_padded);
    zeros = take(std::max({3 * s.heads_width, s.D_padded, s.ff_padded, s.T_padded}));
    g = rows(strides.D);
    g_block = rows(strides.D);
    g_ff = rows(strides.ff);
    g_attended = rows(strides.heads);
    g_qkv = rows(strides.qkv);
    g_scores = rows(s.T_padded);
  }

  AlignedBuffer<Real> memory_;
};

}  // namespace astrom3::train
