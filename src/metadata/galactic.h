// SPDX-License-Identifier: MIT
//
// From equatorial to galactic coordinates.
#pragma once

#include <cmath>
#include <numbers>

namespace astrom3 {

struct Galactic {
  double l, b;  ///< degrees, l in [0, 360)
};

/// ICRS right ascension and declination, degrees, to galactic longitude and latitude.
/// Source  ESA 1997, The Hipparcos and Tycho Catalogues, SP-1200, vol. 1, sect. 1.5.3: the rotation matrix
/// that
///         Gaia uses.
inline Galactic galactic_of(double ra, double dec) {
  constexpr double kRadians = std::numbers::pi / 180;
  const double x = std::cos(dec * kRadians) * std::cos(ra * kRadians);
  const double y = std::cos(dec * kRadians) * std::sin(ra * kRadians), z = std::sin(dec * kRadians);
  const double gx = -0.0548755604162154 * x - 0.8734370902348850 * y - 0.4838350155487132 * z;
  const double gy = +0.4941094278755837 * x - 0.4448296299600112 * y + 0.7469822444972189 * z;
  const double gz = -0.8676661490190047 * x - 0.1980763734312015 * y + 0.4559837761750669 * z;
  double l = std::atan2(gy, gx) / kRadians;
  if (l < 0) l += 360;
  return {.l = l, .b = std::asin(std::fmax(-1.0, std::fmin(1.0, gz))) / kRadians};
}

}  // namespace astrom3
