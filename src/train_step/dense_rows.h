// SPDX-License-Identifier: MIT
//
// One linear layer over the rows of a whole batch, forwards and backwards, by several threads.
//
// A layer as large as the photo projection (52 MB) is read once for a batch, and its gradient is never kept
// twice.
#pragma once

#include <algorithm>
#include <cstddef>

#include "base/aligned_buffer.h"
#include "base/float_environment.h"
#include "base/parallel_for.h"
#include "encoder/sizes.h"
#include "train_step/packed_parameters.h"

namespace astrom3::train {

/// y = x W^T + b. Every number is summed in an order that no number of threads changes.
template <typename Real>
class DenseRows {
 public:
  DenseRows() = default;
  DenseRows(const kernels::TrainingTable<Real>& table, const LinearPlace& place)
      : kernels_(&table), place_(place), memory_(2 * place.n * place.k), zeros_(place.k) {}

  /// `parameters` is read now, its bias later.
  void pack(const Real* parameters) {
    if (kernels_ != nullptr) packed_ = pack_linear(*kernels_, parameters, place_, memory_.data());
  }

  const LinearPlace& place() const { return place_; }

  /// x [rows, k] to y [rows, n].
  void forward(const Real* x, std::size_t rows, Real* y, std::size_t n_threads) const {
    product(x, place_.k, rows, packed_.forward, packed_.bias, y, place_.n, n_threads);
  }

  /// From g [rows, n], the gradient of y: adds to `gradient` that of W and b, and writes that of x to g_x
  /// [rows, k], unless it is null.
  void backward(const Real* x, const Real* g, std::size_t rows, Real* g_x, Real* gradient,
                std::size_t n_threads) const {
    parallel_for(place_.n / kVectorLanes, n_threads, [&](std::size_t block, std::size_t) {
      const ScopedFloatEnvironment float_environment;
      const std::size_t first = block * kVectorLanes;
      kernels_->outer({.a = g + first,
                       .a_stride = place_.n,
                       .b = x,
                       .b_stride = place_.k,
                       .rows = rows,
                       .m = kVectorLanes,
                       .n = place_.k,
                       .c = gradient + place_.weight + first * place_.k,
                       .c_stride = place_.k});
      kernels_->add_column_sums({.x = g + first,
                                 .rows = rows,
                                 .width = kVectorLanes,
                                 .stride = place_.n,
                                 .y = gradient + place_.bias + first});
    });
    if (g_x != nullptr) product(g, place_.n, rows, packed_.backward, zeros_.data(), g_x, place_.k, n_threads);
  }

 private:
  static constexpr std::size_t kRowsTogether = 16;

  void product(const Real* x, std::size_t k, std::size_t rows, const Real* panels, const Real* start, Real* y,
               std::size_t n, std::size_t n_threads) const {
    const std::size_t blocks = (rows + kRowsTogether - 1) / kRowsTogether;
    parallel_for(blocks, n_threads, [&](std::size_t block, std::size_t) {
      const ScopedFloatEnvironment float_environment;
      const std::size_t first = block * kRowsTogether;
      kernels_->gemm({.a = x + first * k,
                      .a_stride = k,
                      .m = std::min(kRowsTogether, rows - first),
                      .k = k,
                      .n = n,
                      .b = panels,
                      .start = start,
                      .c = y + first * n,
                      .c_stride = n});
    });
  }

  const kernels::TrainingTable<Real>* kernels_ = nullptr;
  LinearPlace place_;
  AlignedBuffer<Real> memory_, zeros_;
  PackedLinear<Real> packed_;
};

}  // namespace astrom3::train
