// SPDX-License-Identifier: MIT
//
// The units that a table, or a caller with arrays, states in words.
#pragma once

#include <optional>
#include <string>

#include "astrom3/spectrum/spectrum_arrays.h"

namespace astrom3 {

/// Empty texts: nothing is stated.
struct SpectrumUnits {
  std::optional<WavelengthUnit> of_name{};  ///< that the column's name says; comes before the text
  std::string wavelength{}, flux{};
  std::string sigma{};  ///< of an error; that of an inverse variance or variance follows from the flux
  bool is_air = false;
};

/// Brings a spectrum to vacuum Angstrom and 1e-17 erg/s/cm2/A. The reading's own words come before the
/// stated ones. Throws Error wavelength_unit, bad_header where a unit is not known, or where flux and error
/// are in different ones.
void bring_to_units(Spectrum& spectrum, const SpectrumUnits& units, const SpectrumReading& reading);

}  // namespace astrom3
