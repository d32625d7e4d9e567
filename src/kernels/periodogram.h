// SPDX-License-Identifier: MIT
//
// Vector kernels of the period search: phasors, generalised Lomb-Scargle sums, harmonic sums.
//
// Lanes are frequency bands, never observations, and nothing is fused, so every lane does the same
// sequence of roundings whatever the vector width: all instruction sets give the same bits.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/dip_scan.h"
#include "kernels/phase_window.h"

namespace astrom3::kernels {

/// Frequency bands computed side by side in one block: 64 bytes of T.
template <typename T>
inline constexpr std::size_t kBands = 64 / sizeof(T);

/// Powers below zero mark frequencies whose 2x2 normal matrix is nearly singular (f -> 0, or a
/// regular cadence at its Nyquist frequency): the caller computes them another way.
inline constexpr double kDegeneratePower = -1;

/// How one transform spreads its observations onto the grid: cell c gets the entries begin[c] to begin[c+1] -
/// 1, each of which is an observation with its weight.
template <typename T>
struct SpreadPlan {
  const std::uint32_t* begin;        ///< [n_grid + 1]
  const std::uint32_t* observation;  ///< [n_entries]
  const T* weight;                   ///< [n_entries] kernel * w_j
  const T* weight_y;                 ///< [n_entries] kernel * w_j * y_j; null where not needed
};

/// One block of a banded NUFFT periodogram: kBands<T> bands of n_grid / 2 frequencies.
template <typename T>
struct NufftBlock {
  std::size_t n_observations;
  std::size_t n_grid;     ///< n: 256, 512 or 1024
  SpreadPlan<T> single;   ///< for sums at f: the observations at frac(t df)
  SpreadPlan<T> twice;    ///< for sums at 2f: the observations at frac(2 t df)
  const T* lane_phasor;   ///< [N][2][kBands] e^{2 pi i l (n/2) df t_j}, re then im
  const T* block_phasor;  ///< [N][2] e^{2 pi i f_centre t_j} of band 0
  const T* twiddles;      ///< the twiddle factors of features/nufft_tables
  const std::uint32_t*
      order;            ///< [n/4] the mode that each group of four grid cells holds after the transform
  const T* deconvolve;  ///< [n/2] 1 / transform of the spreading kernel at mode k - n/4
  T min_determinant;    ///< below it a power is marked degenerate
  T* work;              ///< [2 * kBands * (2 N + 3 n)] scratch, 64-byte aligned
  T* power;             ///< [n/2][kBands] out, 64-byte aligned
};

/// A block of the periodogram by direct summation in float64: 8 bands of n_steps consecutive frequencies.
struct DirectBlock {
  std::size_t n_observations;
  std::size_t n_steps;
  const double* weight;    ///< [N] w_j, summing to one
  const double* weight_y;  ///< [N] w_j y_j
  const double* rotation;  ///< [N][2] e^{2 pi i df t_j}
  double* phasor;          ///< [N][2][8] at the first frequency of each band; advanced in place
  double min_determinant;
  double* power;  ///< [n_steps][8] out
};

inline constexpr std::size_t kMaxHarmonics = 16;

/// Sums over observations at 8 frequencies, for n_weights weightings at once:
///   moments k = 0..n_double:  sum_j w_j e^{2 pi i k f t_j};  k = 0..n_single: sum_j w_j y_j e^{...}
struct HarmonicBlock {
  std::size_t n_observations;
  std::size_t n_weights;    ///< J
  std::size_t n_harmonics;  ///< H <= kMaxHarmonics; moments to 2H, y-moments to H
  const double* time;       ///< [N] days
  const double* y;          ///< [N]
  const double* weight;     ///< [N][J]
  const double* frequency;  ///< [8] cycles per day
  double* moments;          ///< [J][2H+1][2][8] out: re, im
  double* moments_y;        ///< [J][H+1][2][8] out
  /// [J] the moments of k = 0, which are the same at all frequencies, summed in the order of the
  /// observations; null where they are to be summed here
  const double* zeroth = nullptr;
  const double* zeroth_y = nullptr;
};

/// So many pivots are multiplied before their logarithm is taken; the product of so few cannot overflow.
inline constexpr std::size_t kPivotsTogether = 4;

/// Least squares with priors at 8 frequencies, from the moments of one weighting: n = 2H+1 columns, the mean
/// and then cosine and sine of every harmonic.
struct HarmonicFit {
  std::size_t n_harmonics;        ///< H
  const double* moments;          ///< [2H+1][2][8] as HarmonicBlock has them
  const double* moments_y;        ///< [H+1][2][8]
  const double* prior_precision;  ///< [n]
  /// [(n+1)(n+2)/2][8] out: the lower triangle of the factor, its diagonal inverted, and in row n the
  /// right-hand side after substitution
  double* matrix;
  double* explained;    ///< [8] out: sum of squares of row n
  double* determinant;  ///< [ceil(n / kPivotsTogether)][8] out: products of pivots
};

struct PeriodogramKernels {
  /// re, im [n] = e^{2 pi i cycles}; error below 3e-16.
  void (*unit_phasors)(const double* cycles, std::size_t n, double* re, double* im);
  void (*nufft_f64)(const NufftBlock<double>& block);
  void (*nufft_f32)(const NufftBlock<float>& block);
  void (*direct)(const DirectBlock& block);
  void (*harmonic_sums)(const HarmonicBlock& block);
  void (*fit_harmonics)(const HarmonicFit& fit);
  void (*scan_dips)(const DipScan& scan);
  void (*find_in_window)(const PhaseWindow& window);
  void (*sum_eclipses)(const EclipseSums& sums);
};

}  // namespace astrom3::kernels
