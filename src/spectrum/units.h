// SPDX-License-Identifier: MIT
//
// Units of wavelengths and fluxes as files spell them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/spectrum/read_spectra.h"
#include "astrom3/spectrum/spectrum.h"

namespace astrom3 {

/// The unit that a text says; nothing where it says none that is known.
std::optional<WavelengthUnit> wavelength_unit_of(std::string_view text);

/// What flux of a unit is multiplied by to be in 1e-17 erg/s/cm2/A.
struct FluxDensityUnit {
  double factor = 1;
  bool per_frequency = false;  ///< also to be divided by the square of the wavelength in Angstrom
};

/// The unit that a text says: "1e-17 erg / (Angstrom s cm2)", "W m-2 nm-1", "Jy", "mJy"; empty text, counts
/// and relative flux are taken as they are. Nothing where the unit is not known.
std::optional<FluxDensityUnit> flux_unit_of(std::string_view text);

/// Brings wavelengths to vacuum Angstrom, and says in the flags what was done.
///
/// of_file  what the file says of its unit and medium; the reading's own words come first
void to_vacuum_angstrom(Spectrum& spectrum, const SpectrumReading& reading,
                        std::optional<WavelengthUnit> of_file, bool air_in_file);

/// Flux and ivar in another unit. Wavelengths have to be in Angstrom.
void scale_flux(Spectrum& spectrum, const FluxDensityUnit& unit);

/// ivar = 1 / sigma^2; an error of 0 or infinity knows nothing: 0. A negative one stays negative, and is
/// refused later.
std::vector<double> ivar_of_errors(const std::vector<double>& errors);

}  // namespace astrom3
