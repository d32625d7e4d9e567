// SPDX-License-Identifier: MIT
//
// The matrix product with a packed right operand; bias and activation are applied while a tile is in the
// cache.
#include "kernels/by_rows.h"
#include "kernels/elementary.h"
#include "kernels/kernels.h"
#include "kernels/micro_kernel.h"
#include "kernels/table.h"

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {

namespace {

// A strip of B this deep (32 KB at 32 columns) stays in the first-level cache beside the rows of A.
constexpr std::size_t kDepth = 256;

template <std::size_t Vectors, std::size_t... Rows>
MicroKernel kernel_with_rows(std::size_t rows, Counts<Rows...>) {
  static constexpr MicroKernel kKernels[] = {micro_kernel<Rows, Vectors>...};
  return kKernels[rows - 1];
}

void apply_gelu(float* c, std::size_t stride, std::size_t rows, std::size_t width) {
  const Gelu gelu = Gelu::tables();
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < width; j += kLanes) store(c + i * stride + j, gelu(load(c + i * stride + j)));
  }
}

void apply_relu(float* c, std::size_t stride, std::size_t rows, std::size_t width) {
  const Vec zero = broadcast(0.0f);
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < width; j += kLanes)
      store(c + i * stride + j, max(zero, load(c + i * stride + j)));
  }
}

/// The product of all rows with one panel, a strip of depth kDepth at a time.
void multiply_panel(const GemmArgs& args, const float* b, const float* start, float* c, std::size_t c_stride,
                    std::size_t width) {
  const RowBlocks blocks(args.m);
  for (std::size_t k0 = 0; k0 < args.k; k0 += kDepth) {
    const bool last = args.k - k0 <= kDepth;
    Tile tile{.a = args.a + k0,
              .a_stride = args.a_stride,
              .b = b + k0 * width,
              .k = last ? args.k - k0 : kDepth,
              .start = k0 == 0 ? start : c,
              .start_stride = k0 == 0 ? args.start_stride : c_stride,
              .c = c,
              .c_stride = c_stride};
    // While this strip is multiplied, the one that follows it in memory is fetched.
    const std::size_t fetches = blocks.count * (tile.k / kUnroll + 1);
    tile.next = tile.b + tile.k * width;
    tile.next_step = (tile.k * width + fetches - 1) / fetches;
    for (std::size_t block = 0; block < blocks.count; ++block) {
      const std::size_t rows = blocks.rows(block);
      micro_kernel_for(rows, width / kLanes)(tile);
      if (last && args.epilogue == Epilogue::gelu) apply_gelu(tile.c, c_stride, rows, width);
      if (last && args.epilogue == Epilogue::relu) apply_relu(tile.c, c_stride, rows, width);
      tile.next += tile.next_step * (tile.k / kUnroll);
      tile.a += rows * args.a_stride;
      tile.start += rows * tile.start_stride;
      tile.c += rows * c_stride;
    }
  }
}

}  // namespace

MicroKernel micro_kernel_for(std::size_t rows, std::size_t vectors) {
  constexpr UpTo<kTileRows> kRows;
  return vectors == kTileVectors ? kernel_with_rows<kTileVectors>(rows, kRows)
                                 : kernel_with_rows<1>(rows, kRows);
}

void gemm(const GemmArgs& args) {
  if (args.m == 0) return;
  for (std::size_t j = 0; j < args.n; j += kPanelWidth) {
    const std::size_t width = args.n - j < kPanelWidth ? args.n - j : kPanelWidth;
    const bool panels = args.c_stride == 0;
    multiply_panel(args, args.b + j * args.k, args.start + j, args.c + (panels ? j * args.m : j),
                   panels ? width : args.c_stride, width);
  }
}

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
