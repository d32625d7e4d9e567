// SPDX-License-Identifier: MIT
//
// The feature rfr_score: how well the phase alone predicts the magnitude.
#pragma once

#include <span>

#include "features/fold.h"

namespace astrom3 {

/// rfr = 1 - 0.505 * T, T the Lafler-Kinman statistic of the same fold. Not clipped: T > 1 (worse
/// than noise) goes below 0.495, as the catalogue's own values do.
///
/// Source  36 rows of the ASAS-SN catalogue: r = -0.9985, rms 0.0076.
double rfr_score_from_lksl(double lksl_statistic) noexcept;

/// R^2 of the forest of forest.h on the points it was grown from (in-sample, as the catalogue's).
///
/// folded   [N] in order of phase
/// returns  <= 1; 0 when N < 2 or all magnitudes are equal
double rfr_score_from_forest(const FoldedLightCurve& folded);

}  // namespace astrom3
