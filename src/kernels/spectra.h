// SPDX-License-Identifier: MIT
//
// Vector kernels of the period statistics: trigonometric sums, folding into bins, boxes, normal equations.
//
// Lanes are 8 frequencies, never observations, and nothing is fused: all instruction sets give the same bits.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/periodogram.h"

namespace astrom3::kernels {

inline constexpr std::size_t kSpectrumLanes = 8;

/// Sums at `multiple` times the frequencies of 8 bands, of n_grid / 2 frequencies each, by a banded NUFFT.
struct NufftSums {
  std::size_t n_observations;
  std::size_t n_grid;  ///< n: 256, 512 or 1024
  SpreadPlan<double>
      plan;  ///< the observations at frac(multiple * t df); weight_y is not read where sums_y is null
  const double* phasor;        ///< [N][2][8] e^{2 pi i multiple f_centre t_j} of each band
  const double* twiddles;      ///< the twiddle factors of features/nufft_tables
  const std::uint32_t* order;  ///< [n/4]
  const double* deconvolve;    ///< [n/2]
  double* work;                ///< [n][2][8] scratch for each of the two sums, 64-byte aligned
  double* sums;                ///< [n/2][2][8] out: re, im of sum_j w_j e^{2 pi i multiple f t_j}
  double* sums_y;              ///< [n/2][2][8] out: the same of w_j y_j; or null
};

/// Observations folded at 8 frequencies and added up in bins of the phase.
struct FoldBlock {
  std::size_t n_observations;
  const double* time;       ///< [N] days from the first observation
  const double* pair;       ///< [N][2] the pair of numbers that is added to the bin, 16-byte aligned
  const double* frequency;  ///< [8]
  const double*
      n_bins;           ///< [8] the number of bins in a turn; where it is not whole, the last bin is narrower
  std::size_t n_cells;  ///< not below any ceil(n_bins)
  double* cells;        ///< [n_cells][8][2] out, 64-byte aligned
};

/// Counts of observations in cells of value and phase, at 8 frequencies.
struct CountBlock {
  std::size_t n_runs;              ///< the number of runs; a run is at most kMaxRun observations of one row
  const std::uint32_t* run_begin;  ///< [n_runs + 1]
  const std::uint32_t* run_row;    ///< [n_runs]
  const double* time;              ///< [N] days from the first observation, in the order of the runs
  const double* frequency;         ///< [8]
  std::size_t n_rows, n_phase_bins;
  std::int64_t* counts;  ///< [n_rows][n_phase_bins][8] out, 64-byte aligned
};
inline constexpr std::size_t kMaxRun = 63;

/// The best box of low values among bins of weights w (of sum 1) and of w y (of sum 0).
struct BoxBlock {
  std::size_t n_cells;     ///< the number of bins; the first bins of a turn stand once more after its end
  double* cells;           ///< [n_cells + 1][8][2] bins (the last is free); running sums [2][8] afterwards
  const double* n_starts;  ///< [8] the number of bins at which a box may begin: those of one turn
  std::size_t n_durations;
  const std::uint32_t* duration;  ///< [n_durations] in bins; at most n_cells less the largest of n_starts
  bool is_likelihood;             ///< s^2 / (w (1 - w)^2) is maximised; else s^2 / (w (1 - w))
  double* score;                  ///< [8] out: 0 where no box is low
  double* start;                  ///< [8] out: the first bin of the box
  double* which;                  ///< [8] out: the index of its duration
};

/// Solves the normal equations A x = b of 8 frequencies by the factors L D L' of A, symmetric and positive.
struct NormalBlock {
  std::size_t n;
  double* matrix;       ///< [n (n + 1) / 2][8] rows of the lower triangle; replaced
  double* right;        ///< [n][8] b; replaced
  double* diagonal;     ///< [n][8] scratch
  double* explained;    ///< [8] out: b' A^-1 b
  double* least_pivot;  ///< [8] out: the smallest D_i / A_ii: near 0 where A is nearly singular
};

struct SpectrumKernels {
  void (*nufft_sums)(const NufftSums& block);
  void (*fold)(const FoldBlock& block);
  void (*count)(const CountBlock& block);
  void (*boxes)(const BoxBlock& block);
  void (*solve)(const NormalBlock& block);
};

}  // namespace astrom3::kernels
