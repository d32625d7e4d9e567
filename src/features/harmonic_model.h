// SPDX-License-Identifier: MIT
//
// The evidence for a frequency: the evidence that a smooth periodic curve explains the magnitudes.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "base/aligned_vector.h"
#include "kernels/periodogram.h"

namespace astrom3 {

/// A star is not expected to repeat itself more exactly than to this share of its standard deviation, because
/// of modulation, weather and the small number of harmonics. The share is added to the errors in quadrature.
inline constexpr double kRepeatability = 0.1;

/// The prior standard deviation of a mean in standard deviations of the magnitudes: practically flat, and the
/// same for every frequency.
inline constexpr double kMeanPrior = 40;

struct HarmonicModelOptions {
  /// Prior amplitude of harmonic 1..H (H <= 16) in units of the standard deviation of the magnitudes.
  std::vector<double> prior_amplitude;
  double floor =
      kRepeatability;  ///< added to the errors in quadrature, in standard deviations of the magnitudes
};

/// The noise that the models share: errors, a floor and a jitter on a logarithmic grid from 0.02 to 1
/// standard deviation of the magnitudes (stars that do not repeat, such as Miras, scatter about any periodic
/// shape by a part of their range). All of it scales with the star.
struct JitterGrid {
  static constexpr std::size_t kCount = 6;  ///< J

  JitterGrid(std::span<const double> mag, std::span<const double> mag_err, double floor);

  double mean = 0;                ///< the mean of mag without weights
  double standard_deviation = 0;  ///< the standard deviation of mag, in the unit of mag
  std::vector<double> deviation;  ///< [N] mag - mean
  /// [N][J] 1 / (err^2 + jitter^2 + (floor * standard_deviation)^2)
  std::vector<double> weight;
  std::array<double, kCount> sum_weight{}, log_weight{}, chi2{};  ///< sums of w, log w, w deviation^2
};

/// The prior amplitudes 1, decay, decay^2, ... of a smooth curve.
std::vector<double> decaying_prior(std::size_t n_harmonics, double decay);

/// Linear Gaussian model of one star's magnitudes in one band at a given frequency:
///
///   m(t) = mean + sum_k a_k cos(2 pi k f t) + b_k sin(2 pi k f t) + noise      k = 1..H
///   a_k, b_k ~ N(0, (s p_k)^2)     noise ~ N(0, err^2 + (s floor)^2 + jitter^2)
///
/// with s the standard deviation of the magnitudes, p_k the prior amplitudes given, and the jitter
/// marginalised over a logarithmic grid. Everything else integrates in closed form.
class HarmonicModel {
 public:
  /// time [N] days about mid-range   mag [N]   mag_err [N]
  HarmonicModel(std::span<const double> time, std::span<const double> mag, std::span<const double> mag_err,
                const HarmonicModelOptions& options, const kernels::PeriodogramKernels& kernels);

  /// log_evidence [n] of frequency [n], in nats, up to a constant of the star; window [n] (may be
  /// empty): |sum w e^{2 pi i f t}|^2 of the normalised weights, 0..1.
  void evaluate(std::span<const double> frequency, std::span<double> log_evidence, std::span<double> window);
  double log_evidence(double frequency);

  /// The most probable coefficients at `frequency`: mean, a_1, b_1, ..., a_H, b_H.
  std::vector<double> fit(double frequency);

  /// That fit beside the magnitudes.
  struct Explained {
    std::vector<double> deviation;  ///< [N] of the magnitudes from their mean
    std::vector<double> curve;      ///< [N] of the fit
    std::vector<double> variance;   ///< [N] of the noise: errors, floor and jitter
    std::vector<double> least;      ///< [N] the same with the smallest jitter
    double freedom = 0;             ///< nats by which the log-evidence is below the log-likelihood of the fit
  };
  Explained explain(double frequency);

 private:
  static constexpr std::size_t kLanes = 8;
  static constexpr std::size_t kJitters = JitterGrid::kCount;
  using Lanes = std::array<double, kLanes>;

  void sums(std::span<const double> frequency);
  /// The jitter of the highest evidence at `frequency`, and the coefficients there.
  std::size_t fit(double frequency, std::vector<double>& best);
  Lanes solve(std::size_t jitter);

  const kernels::PeriodogramKernels& kernels_;
  std::size_t n_harmonics_, n_columns_;
  std::vector<double> time_;
  JitterGrid noise_;
  std::vector<double> prior_precision_;                 ///< [2H+1]
  double log_prior_ = 0;                                ///< sum of their logarithms
  std::array<double, kJitters> zeroth_{}, zeroth_y_{};  ///< sums of w and w deviation
  AlignedVector<double> moments_, moments_y_;
  /// The outputs of kernels::HarmonicFit: the factors of the normal matrix with the right-hand side, and the
  /// products of pivots.
  AlignedVector<double> matrix_, determinant_;
};

}  // namespace astrom3
