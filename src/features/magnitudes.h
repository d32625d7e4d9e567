// SPDX-License-Identifier: MIT
//
// The magnitudes of a light curve, on which the features are defined.
#pragma once

#include <cstddef>
#include <vector>

#include "astrom3/light_curve.h"

namespace astrom3 {

/// Three columns of equal length [N], in the order of the light curve.
struct Magnitudes {
  std::vector<double> time;       ///< days
  std::vector<double> mag;        ///< -2.5 log10(flux): the zero point cancels in every feature
  std::vector<double> mag_err;    ///< 1.0857 * |flux_err| / flux
  std::size_t n_nonpositive = 0;  ///< observations left out because flux <= 0
};

/// Converts the observations of `light_curve` (cleaned) that have flux > 0.
Magnitudes to_magnitudes(const LightCurve& light_curve);

}  // namespace astrom3
