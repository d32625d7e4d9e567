// SPDX-License-Identifier: MIT
//
// Magnitudes and fluxes of any unit to fluxes in mJy.
#pragma once

#include <optional>
#include <string_view>

#include "astrom3/source/source.h"

namespace astrom3 {

inline constexpr double kAbZeroPointJy = 3631.0;  ///< Oke & Gunn 1983, ApJ 266, 713
/// mJy of one count with AB zero point 27.5: 10^(-0.4 27.5) of magnitude 0.
inline constexpr double kMjyPerAb27_5 = 1e3 * kAbZeroPointJy * 1e-11;

struct FluxWithError {
  double flux = 0;      ///< mJy
  double flux_err = 0;  ///< mJy, one sigma
};

/// Flux density of magnitude 0 in Jy where the band's name says it: ASAS-SN V 3836.3, ASAS-SN g and
/// the AB bands 3631. Names are exact: g is not G. Other bands need --zero-point.
/// Source  ASAS-SN: flux and magnitude columns of its catalogue light curves agree with these to
///         their last digit; AB: Oke & Gunn 1983, ApJ 266, 713.
std::optional<double> default_zero_point_jy(std::string_view band) noexcept;

/// Whether the flux density of magnitude 0 is known of this band, and is that of AB magnitudes.
bool is_ab_band(std::string_view band) noexcept;

/// f = 1000 zp * 10^(-0.4 m),  e = 0.4 ln(10) * f * mag_err          [mJy]
FluxWithError flux_from_magnitude(double mag, double mag_err, double zero_point_jy) noexcept;

/// mJy of one count in an image of AB zero point `zero_point` (mag): 3631 Jy * 10^(-0.4 zero_point).
double mjy_per_count(double zero_point) noexcept;

/// How many mJy one `unit` is; AB27_5 are counts with AB zero point 27.5 (SNANA).
double mjy_per_unit(FluxUnit unit) noexcept;

}  // namespace astrom3
