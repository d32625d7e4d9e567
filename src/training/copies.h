// SPDX-License-Identifier: MIT
//
// A light curve as another survey might have seen it: fewer observations, in clumps, more noise, outliers.
#pragma once

#include <string_view>

#include "astrom3/light_curve.h"
#include "astrom3/training/training.h"
#include "base/random.h"

namespace astrom3::training {

/// The random numbers of one copy of one object: a function of its arguments alone.
Random copy_random(std::uint64_t seed, std::string_view object_id, std::size_t copy);

/// `light_curve` is cleaned, and so is what comes back: ascending in time, ten observations at least where
/// there were as many. Fluxes are in its units, errors positive where they were.
LightCurve disturb(const LightCurve& light_curve, const Copies& copies, Random& random);

/// 2 P, P / 2, or what a sampling of once a day makes of it: 1 / (1 / P + 1) or 1 / |1 / P - 1|.
double wrong_period(double period, Random& random);

}  // namespace astrom3::training
