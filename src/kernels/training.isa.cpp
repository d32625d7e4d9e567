// SPDX-License-Identifier: MIT
//
// The table of training kernels of one instruction set, and the smallest of these kernels.
#include "kernels/micro_kernel.h"
#include "kernels/table.h"
#include "kernels/training_table.h"

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {

namespace {

void to_panels(const float* src, std::size_t src_stride, std::size_t rows, std::size_t columns,
               float* panels) {
  for (std::size_t j = 0; j < columns; j += kPanelWidth) {
    const std::size_t width = columns - j < kPanelWidth ? columns - j : kPanelWidth;
    for (std::size_t i = 0; i < rows; ++i, panels += width) {
      for (std::size_t x = 0; x < width; x += kLanes) store(panels + x, load(src + i * src_stride + j + x));
    }
  }
}

void multiply(const RowsArgs<float>& args) {
  for (std::size_t i = 0; i < args.rows; ++i) {
    const float* x = args.x + i * args.stride;
    float* y = args.y + i * args.stride;
    for (std::size_t j = 0; j < args.width; j += kLanes) store(y + j, load(x + j) * load(y + j));
  }
}

void add_column_sums(const RowsArgs<float>& args) {
  for (std::size_t j = 0; j < args.width; j += kLanes) {
    Vec total = load(args.y + j);
    for (std::size_t i = 0; i < args.rows; ++i) total = total + load(args.x + i * args.stride + j);
    store(args.y + j, total);
  }
}

}  // namespace

const TrainingTable<float> kTraining = {.panel_width = kPanelWidth,
                                        .gemm = gemm,
                                        .outer = outer,
                                        .transpose_to_panels = transpose_to_panels,
                                        .to_panels = to_panels,
                                        .dropout = dropout,
                                        .softmax = softmax,
                                        .softmax_gradient = softmax_gradient,
                                        .norm = norm,
                                        .norm_gradient = norm_gradient,
                                        .activate = activate,
                                        .multiply = multiply,
                                        .add_column_sums = add_column_sums};

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
