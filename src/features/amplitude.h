// SPDX-License-Identifier: MIT
//
// The amplitude: the range of a star's magnitudes without outliers.
#pragma once

#include <span>

namespace astrom3 {

/// Peak-to-peak amplitude in the ASAS-SN sense: the 2.5 to 97.5 percentile range of `mag`, with
/// linear interpolation between order statistics (numpy's default). Full, not half, range.
///
/// mag      [N]  magnitudes, finite, any order
/// returns  mag, >= 0; 0 when N < 2
/// Source   Jayasinghe et al. 2019, arXiv:1901.00009: raw ranges are 1.3 to 4 times too large.
double percentile_amplitude(std::span<const double> mag);

/// The value a fraction `q` (0..1) of the way through `sorted` [N >= 1], linearly interpolated.
double quantile_of_sorted(std::span<const double> sorted, double q);

}  // namespace astrom3
