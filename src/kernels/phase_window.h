// SPDX-License-Identifier: MIT
//
// Vector kernels of the search for narrow eclipses: they find the observations in a window of the phase, and
// sum over them.
//
// Only few observations lie in a window. Vectors find them and mark them by bits. Then the observations are
// added one by one in their order, so that the order of a sum does not depend on the width of a vector.
#pragma once

#include <cstddef>
#include <cstdint>

namespace astrom3::kernels {

inline constexpr std::size_t kStrips = 8;  ///< the observations of a block lie in so many strips side by side
inline constexpr std::size_t kMostSteps = 64;   ///< of a strip, since each step has one bit of a 64-bit word
inline constexpr std::size_t kMostJitters = 8;  ///< weightings that are summed side by side

/// The values of N observations in strips: the value of observation (block * kStrips + strip) * n_steps +
/// step stands at [block][step][strip]. Places without an observation hold NaN, which lies in no window.
struct Strips {
  const double* values;  ///< [n_blocks][n_steps][kStrips]
  std::size_t n_blocks;
  std::size_t n_steps;  ///< 1..kMostSteps
};

/// Bit `step` of a strip is set where the phase of time * frequency - begin is below `width` turns, or within
/// kWindowMargin of 1, where rounding decides on which side of 0 it lies. A caller that needs the exact phase
/// must compute it for these observations.
inline constexpr double kWindowMargin = 0x1p-31;
struct PhaseWindow {
  Strips time;
  double frequency, begin, width;
  std::uint64_t* inside;  ///< [n_blocks][kStrips] out
};

/// Sums over the observations in two eclipses half a turn apart, g = (1 - (x / reach)^2)^8 at x turns from
/// the centre.
struct EclipseSums {
  Strips turn;             ///< the phase of each observation, 0..1
  double origin;           ///< a quarter of a turn before the first eclipse, -1/4..3/4
  double reach;            ///< below 1/4
  const double* weight;    ///< [N][kMostJitters] w
  const double* weight_y;  ///< [N][kMostJitters] w y
  std::uint64_t* inside;   ///< [2][n_blocks][kStrips] scratch
  double* sums;            ///< [2][3][kMostJitters] out: of w g, w g^2 and w y g, of either eclipse
};

}  // namespace astrom3::kernels
