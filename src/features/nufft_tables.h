// SPDX-License-Identifier: MIT
//
// The tables of a banded NUFFT of one size, which are the same for every star: twiddle factors, the order of
// the modes, and the deconvolution.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/aligned_vector.h"

namespace astrom3 {

/// The spreading kernel on [-width/2, width/2] grid cells: exp(beta (sqrt(1 - (2u/width)^2) - 1)).
struct SpreadKernel {
  std::size_t width = 0;  ///< cells
  double beta = 0;

  explicit SpreadKernel(std::size_t width_cells);
  double operator()(double cells) const noexcept;
  /// The Fourier transform of the kernel at `mode` of a grid of n_grid cells.
  double transform(double mode, std::size_t n_grid) const;
};

template <typename Real>
struct NufftTables {
  AlignedVector<Real> deconvolve;    ///< [n/2] for modes -n/4 .. n/4 - 1
  std::vector<Real> twiddles;        ///< in the order in which the passes of the kernel read them
  std::vector<std::uint32_t> order;  ///< [n/4]
};

/// The tables for a grid of 256, 512 or 1024 cells. They are made on first use and kept; any thread may call
/// this.
template <typename Real>
const NufftTables<Real>& nufft_tables(std::size_t n_grid, std::size_t width);

extern template const NufftTables<double>& nufft_tables<double>(std::size_t, std::size_t);
extern template const NufftTables<float>& nufft_tables<float>(std::size_t, std::size_t);

}  // namespace astrom3
