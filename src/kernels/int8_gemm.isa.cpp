// SPDX-License-Identifier: MIT
//
// The matrix product in eight bits, and this instruction set's table of int8 kernels.
#include "kernels/by_rows.h"
#include "kernels/coarse.h"
#include "kernels/int8_table.h"
#include "kernels/int8_tile.h"

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {

namespace {

bool available() {
  return int8_available();
}

template <std::size_t Vectors, bool Biased, std::size_t... Rows>
Int8TileKernel tile_with_rows(std::size_t rows, Counts<Rows...>) {
  static constexpr Int8TileKernel kKernels[] = {int8_tile<Rows, Vectors, Biased>...};
  return kKernels[rows - 1];
}

template <std::size_t Vectors>
Int8TileKernel tile_of_width(std::size_t rows, bool biased) {
  constexpr UpTo<kInt8TileRows> kRows;
  return biased ? tile_with_rows<Vectors, true>(rows, kRows) : tile_with_rows<Vectors, false>(rows, kRows);
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
  return vectors == kInt8TileVectors ? tile_of_width<kInt8TileVectors>(rows, biased)
                                     : tile_of_width<1>(rows, biased);
}

void int8_gemm(const Int8GemmArgs& args) {
  if (args.m == 0) return;
  const Int8RowBlocks blocks(args.m);
  const CoarseGelu gelu = CoarseGelu::tables();
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

const Int8KernelTable kInt8Table = {.needs = kInt8Needs,
                                    .available = available,
                                    .panel_width = kInt8PanelWidth,
                                    .row_block = kInt8TileRows,
                                    .quantise = int8_quantise,
                                    .gemm = int8_gemm,
                                    .quantise_head = int8_quantise_head,
                                    .attention = int8_attention};

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
