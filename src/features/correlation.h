// SPDX-License-Identifier: MIT
//
// How many observations are worth one independent observation, where noise lasts longer than from one
// observation to the next.
#pragma once

#include <span>

namespace astrom3 {

/// By how much correlated noise is larger at `frequency` than independent noise of the same variance: 1 + 2
/// sum of the autocorrelation of `value` [N] in the order of `time` [N], times the cosine of the phase
/// between the two observations, up to the first lag at which it is below what chance gives; at least 1. Lags
/// are counted in observations, so that the observations of one visit, which share its weather, count for
/// little more than one; and noise that lasts longer than a period does not disturb it.
double correlation_at(double frequency, std::span<const double> time, std::span<const double> value);

}  // namespace astrom3
