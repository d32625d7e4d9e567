// SPDX-License-Identifier: MIT
//
// Units as tables write them: what they measure, and how much one of them is.
#pragma once

#include <cstdint>
#include <string_view>

#include "astrom3/source/source.h"

namespace astrom3 {

enum class UnitKind : std::uint8_t {
  none,       ///< the table says nothing
  time,       ///< scale: days
  flux,       ///< scale: mJy
  magnitude,  ///< scale: magnitudes
  unknown,    ///< counts, electrons/s, relative fluxes, ...: without a known size
};

struct Unit {
  UnitKind kind = UnitKind::none;
  double scale = 1;
};

/// The unit that `text` names: "mJy", "erg / (s cm2 Hz)", "h", "BJD - 2457000, days", "mmag", "mag(AB)".
/// Names are compared without case, but "MJy" is ambiguous. The zero point of times does not matter, since
/// only differences are used; the one of magnitudes is the band's. Source  names  FITS standard 4.0,
/// section 4.3; VOUnits 1.1; astropy.units. Values: 1 Jy = 1e-26 W/(m2 Hz);
///         a maggy is 3631 Jy (Stoughton et al. 2002, AJ 123, 485).
Unit parse_unit(std::string_view text);

/// Whether `folded`, in lower case and without blanks, is a unit of flux.
bool is_flux_unit(std::string_view folded) noexcept;
/// False where no part of `text`, in lower case, can be a unit of flux; quick.
bool may_hold_flux_unit(std::string_view text) noexcept;

/// How many days one `unit` is; a year is Julian, 365.25 d.
double days_per_unit(TimeUnit unit) noexcept;

}  // namespace astrom3
