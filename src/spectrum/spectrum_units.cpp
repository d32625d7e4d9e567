// SPDX-License-Identifier: MIT
#include "spectrum/spectrum_units.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>

#include "astrom3/base/error.h"
#include "astrom3/spectrum/read_spectra.h"
#include "astrom3/spectrum/spectrum.h"
#include "spectrum/units.h"

namespace astrom3 {
namespace {

[[noreturn]] void fail_units(Status code, std::string message, Hint hint = {}) {
  throw Error(Diagnostic{.code = code, .message = std::move(message), .hint = std::move(hint)});
}

}  // namespace

void bring_to_units(Spectrum& spectrum, const SpectrumUnits& units, const SpectrumReading& reading) {
  std::optional<WavelengthUnit> unit = units.of_name;
  if (!unit && !units.wavelength.empty()) {
    unit = wavelength_unit_of(units.wavelength);
    if (!unit && reading.unit == WavelengthUnit::file)
      fail_units(Status::wavelength_unit,
                 fmt::format("wavelengths in \"{}\", which is not known", escaped(units.wavelength)),
                 {"say what they are with {}", {{"wavelength-unit"}}});
  }
  to_vacuum_angstrom(spectrum, reading, unit, units.is_air);
  if (reading.has_flux_scale) return;
  const auto flux_unit = flux_unit_of(units.flux);
  if (!flux_unit)
    fail_units(Status::bad_header, fmt::format("flux in \"{}\", which is not known", escaped(units.flux)),
               {"bring it to 1e-17 erg/s/cm2/A with {}", {{"flux-scale"}}});
  // One scale is taken for both: the error has to be in the unit of the flux.
  if (!units.sigma.empty() && units.sigma != units.flux)
    fail_units(Status::bad_header, fmt::format("the flux is in \"{}\", its error in \"{}\"",
                                               escaped(units.flux), escaped(units.sigma)));
  scale_flux(spectrum, *flux_unit);
}

}  // namespace astrom3
