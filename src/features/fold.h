// SPDX-License-Identifier: MIT
//
// Folding: observations put in order of phase.
#pragma once

#include <span>
#include <vector>

namespace astrom3 {

/// Observations in order of phase. Two columns of equal length [N].
struct FoldedLightCurve {
  std::vector<double> phase;  ///< [0, 1), ascending
  std::vector<double> mag;
};

/// phase = (t / P) mod 1, counted from the first time given; ties keep the order of `time`.
///
/// time [N] days   mag [N]   period_days > 0
/// The zero point of phase is arbitrary: nothing computed from a fold here depends on it.
void fold(std::span<const double> time, std::span<const double> mag, double period_days,
          FoldedLightCurve& folded);

}  // namespace astrom3
