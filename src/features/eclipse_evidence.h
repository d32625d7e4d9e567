// SPDX-License-Identifier: MIT
//
// The evidence for two eclipses that are half a turn apart.
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
///   m(t) = mean + d_1 g(phase - phase_0) + d_2 g(phase - phase_0 - apart) + noise
///   g(x) = (1 - (x / 4 w)^2)^8 within 4 w, else 0: a Gaussian of width w that ends
///
/// with mean and depths integrated out over Gaussian priors. The jitter is marginalised as in
/// HarmonicModel, so that the two log-evidences can be compared.
class EclipseEvidence {
 public:
  static constexpr double kWidest = 0.0625;  ///< the two eclipses must not overlap
  static constexpr double kReach = 4;        ///< widths from the centre to the end of a dip

  /// depth_prior: standard deviation of d_1 and d_2
  EclipseEvidence(const Band& band, double floor, double depth_prior,
                  const kernels::PeriodogramKernels& kernels);

  /// Where the eclipses are. In an eccentric orbit the secondary is not half a turn after the primary.
  struct Place {
    double frequency = 0;  ///< cycles per day
    double phase = 0;      ///< of the primary, turns
    double width = 0;      ///< turns; at most kWidest
    double apart = 0.5;    ///< from the primary to the secondary, turns: 2 kReach widths or more, both ways
  };
  double operator()(const Place& place);

  /// Most probable depths of the primary and the secondary, in the unit of the band's magnitudes.
  struct Depths {
    double primary = 0, secondary = 0;
    /// What the log-evidence gains by the knowledge that no eclipse makes a star brighter.
    double log_positive = 0;
  };
  Depths depths(const Place& place);

  /// Log-likelihood of the faint magnitudes as those of the eclipses, over that of magnitudes which know no
  /// phase: whatever makes single observations faint, clouds or bad pixels, any of the star's magnitudes may
  /// be seen at any time. Of each visit one observation counts, and only where an eclipse makes it fainter
  /// than its error; each eclipse that was seen counts once, by the mean of its observations, because
  /// whatever makes one of them faint may last. A fixed eclipse reaches x with a probability below exp(-x) by
  /// chance.
  double over_chance(const Place& place);

  /// The observations within eclipses, over the number of eclipses seen.
  double observations_an_eclipse(const Place& place);

 private:
  static constexpr std::size_t kJitters = JitterGrid::kCount;
  static_assert(kJitters <= kernels::kMostJitters);
  using ByJitter = std::array<double, kJitters>;
  using Weights = std::array<double, kernels::kMostJitters>;  ///< the weights of one observation, followed by
                                                              ///< zeros after the last jitter

  /// Sums over the observations in one eclipse.
  struct Sums {
    Weights g, gg, gy;
  };

  void fold(double frequency);
  std::array<Sums, 2> sums_of(const Place& place);
  /// The log-evidence for each jitter, with the mean and both depths integrated out.
  ByJitter evidences_of(const std::array<Sums, 2>& eclipses) const;
  /// The log of the evidence averaged over the jitters.
  double evidence_of(const std::array<Sums, 2>& eclipses) const;

  struct Fit {
    std::size_t jitter = 0;  ///< the jitter with the highest evidence
    double mean = 0;         ///< relative to the mean of the magnitudes
    std::array<double, 2> depth{}, depth_error{};
  };
  Fit fit(const std::array<Sums, 2>& eclipses) const;
  /// Which eclipse an observation is in, and the share g of its depth.
  struct Share {
    std::size_t eclipse = 0;
    double g = 0;
    double number = 0;  ///< which one of those in time
  };
  Share share_of(std::size_t observation, const Place& place) const;

  const Band& band_;
  JitterGrid noise_;
  double depth_precision_;
  ByJitter sum_y_{};             ///< sum of w * deviation
  std::vector<Weights> w_, wy_;  ///< [N]
  StripedValues turn_;           ///< [N] phase at folded_, 0..1
  std::vector<std::uint64_t> inside_;
  double folded_ = -1;  ///< the frequency to which turn_ belongs
  const kernels::PeriodogramKernels& kernels_;
};

}  // namespace astrom3
