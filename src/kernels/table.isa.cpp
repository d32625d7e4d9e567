// SPDX-License-Identifier: MIT
//
// The table of kernels of one instruction set, and the element-wise functions over arrays.
#include "kernels/table.h"

#include "kernels/elementary.h"
#include "kernels/micro_kernel.h"

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {

void exp2_array(const float* x, float* y, std::size_t n) {
  for (std::size_t i = 0; i < n; i += kLanes) {
    const std::size_t lanes = n - i < kLanes ? n - i : kLanes;
    store_first(y + i, exp2(load_first(x + i, lanes)), lanes);
  }
}

void gelu_array(const float* x, float* y, std::size_t n) {
  const Gelu gelu = Gelu::tables();
  for (std::size_t i = 0; i < n; i += kLanes) {
    const std::size_t lanes = n - i < kLanes ? n - i : kLanes;
    store_first(y + i, gelu(load_first(x + i, lanes)), lanes);
  }
}

const KernelTable kTable = {.panel_width = kPanelWidth,
                            .row_block = kTileRows,
                            .gemm = gemm,
                            .transpose_to_panels = transpose_to_panels,
                            .attention = attention,
                            .layer_norm = layer_norm,
                            .pool = pool,
                            .head = head,
                            .max_pool = max_pool,
                            .exp2 = exp2_array,
                            .gelu = gelu_array};

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
