// SPDX-License-Identifier: MIT
//
// The orbital period of an eclipsing binary: a periodogram finds half of it where the two eclipses are alike.
#pragma once

#include <cstddef>
#include <span>

#include "astrom3/features/periodogram.h"
#include "features/period_bands.h"

namespace astrom3 {

/// The shape of a folded harmonic model, in magnitudes (fainter is larger).
struct CurveShape {
  double skewness = 0;       ///< of the curve over equal phases: > 0 for eclipses, < 0 for pulsation
  double depth_mag = 0;      ///< peak to peak
  double variance = 0;       ///< mag^2, over equal phases
  std::size_t n_minima = 0;  ///< of brightness, each at least 0.3 of the depth below its shoulders
};

/// coefficients: mean, a_1, b_1, ..., a_H, b_H.
CurveShape measure_shape(std::span<const double> coefficients);

struct DoublingDecision {
  bool is_doubled = false;
  bool is_ambiguous = false;  ///< P and 2P fit equally well
  double odds = 0;            ///< nats in favour of the decision
  double log_gain = 0;        ///< log-evidence of 2P over P under one broad model
};

/// Decides whether the period 1 / frequency is half of an orbit.
///
/// A pulsating star rises fast and fades slowly: its curve in magnitudes has a negative skewness.
/// Eclipses skew it the other way. The log-odds of the skewness are added to the evidence that alternate
/// minima differ. If the evidence does not decide between P and 2P, the answer is 2P for curves with the
/// skewness of eclipses, one minimum, and a depth that two equal stars can cause. Where the evidence decides
/// against the skewness, a second wave, at any frequency of the grid, must not explain the differences
/// better.
DoublingDecision decide_doubling(const Star& star, double frequency, const FrequencyGrid& grid,
                                 const kernels::PeriodogramKernels& kernels);

}  // namespace astrom3
