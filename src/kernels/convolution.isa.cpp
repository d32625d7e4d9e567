// SPDX-License-Identifier: MIT
//
// Convolution, relu and maximum of every window in one pass: relu and maximum are computed while a tile of
// the convolution's results is in registers.
#include "kernels/convolution.h"

#include "kernels/by_rows.h"
#include "kernels/kernels.h"
#include "kernels/micro_kernel.h"
#include "kernels/table.h"

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {

namespace {

// The window of the published model. For any other window, and where the rows of a tile are no multiple of
// it, the results of the convolution go through memory.
constexpr std::size_t kWindow = 4;
constexpr bool kIsFused = kTileRows % kWindow == 0;
constexpr std::size_t kTileWindows = kIsFused ? kTileRows / kWindow : 1;

/// The largest of kWindow rows after relu, with the same bits as max_pool(); a NaN stays NaN.
template <std::size_t Vectors>
ASTROM3_INLINE Vec largest_of(const Vec (*acc)[Vectors], std::size_t j) {
  const Vec zero = broadcast(0.0f);
  Vec largest = max(zero, acc[0][j]);
  Vec fault = largest * zero;
#pragma GCC unroll 4
  for (std::size_t w = 1; w < kWindow; ++w) {
    const Vec other = max(zero, acc[w][j]);
    largest = max(largest, other);
    fault = fma(other, zero, fault);
  }
  return largest + fault;
}

/// Like micro_kernel() with Windows * kWindow rows; but c gets one row for each window.
template <std::size_t Windows, std::size_t Vectors>
void pooled_kernel(const Tile& tile) {
  constexpr std::size_t kRows = Windows * kWindow;
  Vec acc[kRows][Vectors];
#pragma GCC unroll 16
  for (std::size_t i = 0; i < kRows; ++i) {
#pragma GCC unroll 4
    for (std::size_t j = 0; j < Vectors; ++j) acc[i][j] = load(tile.start + kLanes * j);
  }
  constexpr std::size_t kPointers = (kRows + kRowsPerPointer - 1) / kRowsPerPointer;
  std::size_t a_stride = tile.a_stride;
  const float* a[kPointers];
#pragma GCC unroll 4
  for (std::size_t p = 0; p < kPointers; ++p) {
    a[p] = tile.a + p * kRowsPerPointer * a_stride;
    asm("" : "+r"(a[p]));  // as in micro_kernel()
  }
  const float* b = tile.b;
  for (std::size_t k = 0; k < tile.k; ++k) {
    multiply_step<kRows, Vectors>(a, a_stride, 0, b, acc);
    asm volatile("" : "+r"(a_stride) : : "memory");
#pragma GCC unroll 4
    for (std::size_t p = 0; p < kPointers; ++p) ++a[p];
    b += Vectors * kLanes;
  }
#pragma GCC unroll 4
  for (std::size_t i = 0; i < Windows; ++i) {
#pragma GCC unroll 4
    for (std::size_t j = 0; j < Vectors; ++j)
      store(tile.c + i * tile.c_stride + kLanes * j, largest_of<Vectors>(acc + i * kWindow, j));
  }
}

template <std::size_t Vectors, std::size_t... Windows>
MicroKernel kernel_with_windows(std::size_t windows, Counts<Windows...>) {
  static constexpr MicroKernel kKernels[] = {pooled_kernel<Windows, Vectors>...};
  return kKernels[windows - 1];
}

void convolve_in_registers(const ConvolutionArgs& args) {
  constexpr UpTo<kTileWindows> kWindows;
  for (std::size_t j = 0; j < args.n; j += kPanelWidth) {
    const std::size_t width = args.n - j < kPanelWidth ? args.n - j : kPanelWidth;
    for (std::size_t i = 0; i < args.windows; i += kTileWindows) {
      const std::size_t windows = args.windows - i < kTileWindows ? args.windows - i : kTileWindows;
      const Tile tile{.a = args.x + i * kWindow * args.x_stride,
                      .a_stride = args.x_stride,
                      .b = args.b + j * args.k,
                      .k = args.k,
                      .start = args.bias + j,
                      .start_stride = 0,
                      .c = args.y + i * args.n + j,
                      .c_stride = args.n};
      const MicroKernel kernel = width == kPanelWidth ? kernel_with_windows<kTileVectors>(windows, kWindows)
                                                      : kernel_with_windows<1>(windows, kWindows);
      kernel(tile);
    }
  }
}

void convolve_through_memory(const ConvolutionArgs& args) {
  for (std::size_t i = 0; i < args.windows; i += kScratchWindows) {
    const std::size_t windows = args.windows - i < kScratchWindows ? args.windows - i : kScratchWindows;
    gemm({.a = args.x + i * args.window * args.x_stride,
          .a_stride = args.x_stride,
          .m = windows * args.window,
          .k = args.k,
          .n = args.n,
          .b = args.b,
          .start = args.bias,
          .c = args.scratch,
          .c_stride = args.n,
          .epilogue = Epilogue::relu});
    max_pool({.x = args.scratch,
              .rows = windows,
              .window = args.window,
              .stride = args.n,
              .y = args.y + i * args.n});
  }
}

void convolve(const ConvolutionArgs& args) {
  if (kIsFused && args.window == kWindow) return convolve_in_registers(args);
  convolve_through_memory(args);
}

}  // namespace

extern const ConvolutionKernels kConvolutionTable;
const ConvolutionKernels kConvolutionTable = {.convolve = convolve};

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
