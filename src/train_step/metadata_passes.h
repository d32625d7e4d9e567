// SPDX-License-Identifier: MIT
//
// The metadata of a batch through the two layers of their encoder, forwards and backwards.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include "base/aligned_buffer.h"
#include "train_step/dense_rows.h"
#include "train_step/dropout_sites.h"
#include "train_step/multimodal_example.h"
#include "train_step/multimodal_layout.h"

namespace astrom3::train {

/// What the forward pass keeps for the backward pass, of a whole batch.
template <typename Real>
struct MetadataActivations {
  AlignedBuffer<Real> x;               ///< [rows, columns]
  AlignedBuffer<Real> hidden;          ///< [rows, n] behind the first layer
  AlignedBuffer<Real> slope1, slope2;  ///< [rows, n] of ReLU, with dropout's factor
};

template <typename Real>
class MetadataPasses {
 public:
  MetadataPasses(const MetadataPlaces& places, const kernels::TrainingTable<Real>& table)
      : kernels_(table), first_(table, places.first), second_(table, places.second) {}

  void pack(const Real* parameters) {
    first_.pack(parameters);
    second_.pack(parameters);
  }

  /// The batch's metadata to flat [rows, n]. Dropout behind each ReLU; `dropout` is of the whole batch.
  void forward(std::span<const MultimodalExample> batch, const ExampleDropout& dropout, std::size_t n_threads,
               MetadataActivations<Real>& a, Real* flat) const {
    const std::size_t rows = batch.size(), k = first_.place().k, n = first_.place().n;
    a.x = AlignedBuffer<Real>(rows * k);
    for (std::size_t i = 0; i < rows; ++i) {
      std::transform(batch[i].metadata.begin(), batch[i].metadata.end(), a.x.data() + i * k,
                     [](float v) { return static_cast<Real>(v); });
    }
    a.hidden = AlignedBuffer<Real>(rows * n);
    a.slope1 = AlignedBuffer<Real>(rows * n);
    a.slope2 = AlignedBuffer<Real>(rows * second_.place().n);
    first_.forward(a.x.data(), rows, a.slope1.data(), n_threads);
    activate(rows, n, dropout.template at<Real>(0, DropoutSite::activation), a.slope1.data(),
             a.hidden.data());
    second_.forward(a.hidden.data(), rows, a.slope2.data(), n_threads);
    activate(rows, second_.place().n, dropout.template at<Real>(1, DropoutSite::activation), a.slope2.data(),
             flat);
  }

  /// Adds to `gradient` what g_flat [rows, n] gives, which is used up; after forward().
  void backward(std::size_t rows, std::size_t n_threads, const MetadataActivations<Real>& a, Real* g_flat,
                Real* gradient) const {
    const std::size_t n = first_.place().n;
    multiply(rows, second_.place().n, a.slope2.data(), g_flat);
    AlignedBuffer<Real> g_hidden(rows * n);
    second_.backward(a.hidden.data(), g_flat, rows, g_hidden.data(), gradient, n_threads);
    multiply(rows, n, a.slope1.data(), g_hidden.data());
    first_.backward(a.x.data(), g_hidden.data(), rows, nullptr, gradient, n_threads);
  }

 private:
  void activate(std::size_t rows, std::size_t width, const kernels::Dropout<Real>& dropout, Real* x,
                Real* y) const {
    const ScopedFloatEnvironment float_environment;
    kernels_.activate({.x = x,
                       .rows = rows,
                       .width = width,
                       .stride = width,
                       .activation = kernels::Epilogue::relu,
                       .dropout = dropout,
                       .y = y});
  }
  void multiply(std::size_t rows, std::size_t width, const Real* x, Real* y) const {
    const ScopedFloatEnvironment float_environment;
    kernels_.multiply({.x = x, .rows = rows, .width = width, .stride = width, .y = y});
  }

  const kernels::TrainingTable<Real>& kernels_;
  DenseRows<Real> first_, second_;
};

}  // namespace astrom3::train
