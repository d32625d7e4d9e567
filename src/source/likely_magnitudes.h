// SPDX-License-Identifier: MIT
//
// Whether numbers that are called fluxes are like magnitudes.
#pragma once

#include <span>

namespace astrom3 {

/// Whether `values` [N] lie between 5 and 25, and vary as little, with errors as small, as magnitudes of
/// stars do: all within 35 % of their median, and a median error below 0.8 % of it. Bright and precise fluxes
/// are like that, too.
bool may_be_magnitudes(std::span<const double> values, std::span<const double> errors);

}  // namespace astrom3
