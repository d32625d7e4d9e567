// SPDX-License-Identifier: MIT
//
// The convolutions of the spectra encoder: matrix products of which only the maximum of every window is kept.
#pragma once

#include <cstddef>

namespace astrom3::kernels {

/// How many windows go through memory together. With 4 rows of 64 channels they fit the first-level cache,
/// and their 96 rows are a multiple of the rows of a tile in every instruction set.
inline constexpr std::size_t kScratchWindows = 24;

/// y[i][j] = max over w < window of relu(bias[j] + sum_k x[i window + w][k] b[k][j]). Rows of x may overlap,
/// which makes the product a convolution. A value that is not finite gives NaN.
struct ConvolutionArgs {
  const float* x;  ///< [windows * window, k], row i at x + i * x_stride
  std::size_t x_stride;
  std::size_t windows, window;
  std::size_t k;
  std::size_t n;      ///< padded
  const float* b;     ///< [k, n] in panels (kernels.h)
  const float* bias;  ///< [n]
  float* y;           ///< [windows, n]
  float* scratch;     ///< [kScratchWindows * window, n]
};

struct ConvolutionKernels {
  void (*convolve)(const ConvolutionArgs&);
};

}  // namespace astrom3::kernels
