// SPDX-License-Identifier: MIT
//
// The Lafler-Kinman string length: how smooth a folded light curve is.
#pragma once

#include <span>

#include "astrom3/base/error.h"

namespace astrom3 {

/// Roughness of `mag` read in the order given. Near 0 for a clean fold, about 1 for noise.
///
///   T = sum_i (m[i+1] - m[i])^2 / sum_i (m[i] - mean)^2 * (N-1)/(2N)      indices wrap
///
/// mag     [N]  magnitudes, finite, ordered by phase (see fold.h), or by time for aperiodic stars
/// T       dimensionless, >= 0; written only when the status is ok
/// Status  too_few_points when N < 2; mad_zero when all magnitudes are equal
/// Source  Clarke 2002, A&A 386, 763; Jayasinghe et al. 2019, arXiv:1901.00009 eq. 4.
Status lafler_kinman(std::span<const double> mag, double& T) noexcept;

}  // namespace astrom3
