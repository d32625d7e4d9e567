// SPDX-License-Identifier: MIT
//
// Whether numbers that are called fluxes are rather magnitudes, counts, or divided by their median.
#pragma once

#include <cstdint>
#include <span>

namespace astrom3 {

enum class FluxDoubt : std::uint8_t {
  none,
  magnitudes,  ///< all between 5 and 25, within 35 % of their median, with a median error below 0.8 % of it
  relative,    ///< ten or more, whose median is 1
  counts,      ///< ten or more whole numbers, with a median of 100 or more
  bright,      ///< as mJy, brighter than AB magnitude 6.4
  faint,       ///< as mJy, fainter than AB magnitude 33.9
};

/// What `values` [N] with `errors` [N], of which nobody said the unit, could be. Stars that are bright and
/// measured precisely are like magnitudes, too: it is a doubt and no proof.
FluxDoubt doubt_of_fluxes(std::span<const double> values, std::span<const double> errors);

}  // namespace astrom3
