// SPDX-License-Identifier: MIT
//
// How well two eclipses, half a turn apart, explain the magnitudes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "features/harmonic_model.h"
#include "features/period_bands.h"
#include "features/striped_values.h"
#include "kernels/periodogram.h"
#include "kernels/phase_window.h"

namespace astrom3 {

/// Log-evidence of
///
///   m(t) = mean + d_1 g(phase - phase_0) + d_2 g(phase - phase_0 - 1/2) + noise
///   g(x) = (1 - (x / 4 w)^2)^8 within 4 w, else 0: a Gaussian of width w that ends
///
/// with mean and depths integrated out over Gaussian priors. The jitter is marginalised as in
/// HarmonicModel, so that the two log-evidences can be compared.
class EclipseEvidence {
 public:
  static constexpr double kWidest = 0.0625;  ///< the two eclipses must not overlap

  /// depth_prior: standard deviation of d_1 and d_2
  EclipseEvidence(const Band& band, double floor, double depth_prior,
                  const kernels::PeriodogramKernels& kernels);

  /// frequency: cycles per day   phase: of the primary, turns   width <= kWidest: turns
  double operator()(double frequency, double phase, double width);

 private:
  static constexpr std::size_t kJitters = JitterGrid::kCount;
  static_assert(kJitters <= kernels::kMostJitters);
  using ByJitter = std::array<double, kJitters>;
  using Weights =
      std::array<double, kernels::kMostJitters>;  ///< of one observation; zeros after the last jitter

  /// Sums over the observations in one eclipse.
  struct Sums {
    Weights g, gg, gy;
  };

  void fold(double frequency);
  std::array<Sums, 2> sums_of(double phase, double width);
  /// With both depths and the mean integrated out, averaged over the jitters.
  double evidence_of(const std::array<Sums, 2>& eclipses) const;

  const Band& band_;
  JitterGrid noise_;
  double depth_precision_;
  ByJitter sum_y_{};             ///< sum of w * deviation
  std::vector<Weights> w_, wy_;  ///< [N]
  StripedValues turn_;           ///< [N] phase at folded_, 0..1
  std::vector<std::uint64_t> inside_;
  double folded_ = -1;  ///< frequency of turn_
  const kernels::PeriodogramKernels& kernels_;
};

}  // namespace astrom3
