// SPDX-License-Identifier: MIT
//
// A matrix of weights, packed for the kernels, and its bias: the layer of which every encoder is built.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include "base/aligned_buffer.h"
#include "encoder/sizes.h"
#include "kernels/kernels.h"

namespace astrom3 {

/// y = epilogue(x W^T + b). Each output is summed in the order of its inputs, so that a row has the same bits
/// with any other rows beside it and on every instruction set. Immutable; any number of threads may use it.
class Dense {
 public:
  Dense() = default;
  /// weight(i, j) is the weight of input i of `n_inputs` in output j of `n_outputs`. bias [n_outputs], or
  /// empty.
  template <typename Weight>
  Dense(const kernels::KernelTable& table, std::size_t n_inputs, std::size_t n_outputs, const Weight& weight,
        std::span<const float> bias)
      : gemm_(table.gemm), inputs_(n_inputs), outputs_(n_outputs), width_(round_up(n_outputs, kVectorLanes)) {
    panels_ = AlignedBuffer<float>(inputs_ * width_);
    bias_ = AlignedBuffer<float>(width_);
    // A bias of -0 becomes 0: else the sign of a result would depend on whether products with zero were
    // added.
    for (std::size_t j = 0; j < bias.size(); ++j) bias_.data()[j] = bias[j] + 0.0f;
    for (std::size_t j = 0; j < outputs_; ++j) {
      const std::size_t first = j / table.panel_width * table.panel_width;
      const std::size_t columns = std::min(table.panel_width, width_ - first);
      float* const column = panels_.data() + first * inputs_ + (j - first);
      for (std::size_t i = 0; i < inputs_; ++i) column[i * columns] = weight(i, j);
    }
  }

  std::size_t inputs() const noexcept { return inputs_; }
  std::size_t outputs() const noexcept { return outputs_; }
  std::size_t width() const noexcept { return width_; }  ///< the number of outputs, padded to whole vectors

  /// x [rows, inputs] with `x_stride`, y [rows, width()] with `y_stride`. The padding of y gets zeros.
  void apply(const float* x, std::size_t x_stride, std::size_t rows, float* y, std::size_t y_stride,
             kernels::Epilogue epilogue = kernels::Epilogue::none) const noexcept {
    gemm_({.a = x,
           .a_stride = x_stride,
           .m = rows,
           .k = inputs_,
           .n = width_,
           .b = panels_.data(),
           .start = bias_.data(),
           .c = y,
           .c_stride = y_stride,
           .epilogue = epilogue});
  }

  /// For pooled convolutions, which call the kernel themselves.
  const float* panels() const noexcept { return panels_.data(); }
  const float* bias() const noexcept { return bias_.data(); }

 private:
  void (*gemm_)(const kernels::GemmArgs&) = nullptr;
  std::size_t inputs_ = 0, outputs_ = 0, width_ = 0;
  AlignedBuffer<float> panels_, bias_;
};

}  // namespace astrom3
