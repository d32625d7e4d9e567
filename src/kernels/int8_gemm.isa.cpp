// SPDX-License-Identifier: MIT
//
// The matrix product in eight bits, and this instruction set's table of int8 kernels.
#include "kernels/elementary.h"
#include "kernels/int8_table.h"
#include "kernels/int8_tile.h"

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {

namespace {

template <std::size_t Vectors, bool Biased>
Int8TileKernel tile_with_rows(std::size_t rows) {
  static constexpr Int8TileKernel kKernels[] = {
    int8_tile<1, Vectors, Biased>,
    int8_tile<2, Vectors, Biased>,
    int8_tile<3, Vectors, Biased>,
    int8_tile<4, Vectors, Biased>,
#if ASTROM3_KERNEL_ISA == 2
    int8_tile<5, Vectors, Biased>,
    int8_tile<6, Vectors, Biased>,
    int8_tile<7, Vectors, Biased>,
    int8_tile<8, Vectors, Biased>,
    int8_tile<9, Vectors, Biased>,
    int8_tile<10, Vectors, Biased>,
    int8_tile<11, Vectors, Biased>,
    int8_tile<12, Vectors, Biased>,
#endif
  };
  static_assert(sizeof(kKernels) / sizeof(kKernels[0]) == kInt8TileRows);
  return kKernels[rows - 1];
}

template <typename Function>
void apply(Function function, float* c, std::size_t stride, std::size_t rows, std::size_t width) {
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < width; j += kLanes) {
      store(c + i * stride + j, function(load(c + i * stride + j)));
    }
  }
}

}  // namespace

Int8TileKernel int8_tile_for(std::size_t rows, std::size_t vectors, bool biased) {
#if ASTROM3_KERNEL_ISA == 2
  if (vectors == 2) return biased ? tile_with_rows<2, true>(rows) : tile_with_rows<2, false>(rows);
#endif
  (void)vectors;
  return biased ? tile_with_rows<1, true>(rows) : tile_with_rows<1, false>(rows);
}

void int8_gemm(const Int8GemmArgs& args) {
  if (args.m == 0) return;
  const Int8RowBlocks blocks(args.m);
  const Gelu gelu = Gelu::tables();
  const bool panels = args.c_stride == 0;
  for (std::size_t j = 0; j < args.n; j += kInt8PanelWidth) {
    const std::size_t width = int8_strip(j, args.n);
    const std::size_t c_stride = panels ? width : args.c_stride;
    Int8Tile tile{.a = args.a.q,
                  .a_stride = args.a.stride,
                  .b = args.b + j * args.k,
                  .quads = args.k / kQuad,
                  .start = nullptr,
                  .scale = args.a.scale,
                  .low = args.a.low,
                  .b_scale = args.b_scale + j,
                  .b_sum = args.b_sum + j,
                  .bias = args.bias + j,
                  .c = args.c + (panels ? j * args.m : j),
                  .c_stride = c_stride};
    for (std::size_t block = 0; block < blocks.count; ++block) {
      const std::size_t rows = blocks.rows(block);
      int8_tile_for(rows, width / kLanes, true)(tile);
      if (args.epilogue == Epilogue::gelu) apply(gelu, tile.c, c_stride, rows, width);
      if (args.epilogue == Epilogue::relu) {
        apply([](Vec x) { return max(broadcast(0.0f), x); }, tile.c, c_stride, rows, width);
      }
      tile.a += rows * args.a.stride;
      tile.scale += rows;
      tile.low += rows;
      tile.c += rows * c_stride;
    }
  }
}

const Int8KernelTable kInt8Table = {.panel_width = kInt8PanelWidth,
                                    .row_block = kInt8TileRows,
                                    .quantise = int8_quantise,
                                    .gemm = int8_gemm,
                                    .quantise_head = int8_quantise_head,
                                    .attention = int8_attention};

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
