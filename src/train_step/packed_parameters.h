// SPDX-License-Identifier: MIT
//
// The matrices of an encoder as products read them, forwards and backwards; packed again after every step.
#pragma once

#include <cstddef>
#include <vector>

#include "base/aligned_buffer.h"
#include "kernels/training.h"
#include "train_step/parameters.h"

namespace astrom3::train {

template <typename Real>
struct PackedLinear {
  const Real* forward = nullptr;   ///< W^T [k, n] in panels
  const Real* backward = nullptr;  ///< W [n, k] in panels
  const Real* bias = nullptr;      ///< [n]
  LinearPlace place;
};

/// `memory` [2 n k] holds the panels. The weights are read now, the bias later.
template <typename Real>
PackedLinear<Real> pack_linear(const kernels::TrainingTable<Real>& table, const Real* parameters,
                               const LinearPlace& place, Real* memory) {
  Real* const backward = memory + place.n * place.k;
  table.transpose_to_panels(parameters + place.weight, place.k, place.n, place.k, memory);
  table.to_panels(parameters + place.weight, place.k, place.n, place.k, backward);
  return {.forward = memory, .backward = backward, .bias = parameters + place.bias, .place = place};
}

template <typename Real>
struct PackedLayer {
  PackedLinear<Real> qkv, out, conv1, conv2;
};

template <typename Real>
class PackedParameters {
 public:
  PackedParameters(const ParameterLayout& layout, const kernels::TrainingTable<Real>& table)
      : layout_(layout), table_(table), memory_(2 * layout.encoder_size) {}

  /// `parameters` [layout.size] is read now, and its biases later.
  void pack(const Real* parameters) {
    used_ = 0;
    embedding = packed(parameters, layout_.embedding);
    layers.clear();
    for (const LayerPlaces& layer : layout_.layers) {
      layers.push_back({.qkv = packed(parameters, layer.qkv),
                        .out = packed(parameters, layer.out),
                        .conv1 = packed(parameters, layer.conv1),
                        .conv2 = packed(parameters, layer.conv2)});
    }
  }

  PackedLinear<Real> embedding;
  std::vector<PackedLayer<Real>> layers;

 private:
  PackedLinear<Real> packed(const Real* parameters, const LinearPlace& place) {
    Real* const memory = memory_.data() + used_;
    used_ += 2 * place.n * place.k;
    return pack_linear(table_, parameters, place, memory);
  }

  const ParameterLayout& layout_;
  const kernels::TrainingTable<Real>& table_;
  AlignedBuffer<Real> memory_;
  std::size_t used_ = 0;
};

}  // namespace astrom3::train
