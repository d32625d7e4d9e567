// SPDX-License-Identifier: MIT
#include "astrom3/spectrum/spectrum_arrays.h"

#include <fmt/format.h>

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/spectrum/read_spectra.h"
#include "astrom3/spectrum/spectrum.h"
#include "spectrum/spectrum_columns.h"
#include "spectrum/spectrum_units.h"

namespace astrom3 {
namespace {

/// What `read` makes; its Error is the object's status.
template <typename Read>
SpectrumObject guarded(const Read& read) {
  SpectrumObject object;
  object.family = "arrays";
  try {
    read(object.spectrum);
  } catch (const Error& error) {
    object.status = error.code();
    object.message = error.diagnostic().message;
    object.hint = error.diagnostic().hint;
  }
  return object;
}

/// Arrays whose units are stated.
struct GivenPixels {
  std::span<const double> wavelength, flux, error;
  ErrorKind error_kind;
};

void take(const GivenPixels& pixels, const SpectrumUnits& units, const SpectrumReading& reading,
          Spectrum& s) {
  const std::size_t n = pixels.wavelength.size();
  const bool has_errors = pixels.error_kind != ErrorKind::none;
  if (pixels.flux.size() != n || (has_errors && pixels.error.size() != n))
    throw Error(Diagnostic{
        .code = Status::length_mismatch,
        .message = fmt::format("{} wavelengths, {} fluxes{}", n, pixels.flux.size(),
                               has_errors ? fmt::format(", {} errors", pixels.error.size()) : "")});
  s.wavelength.assign(pixels.wavelength.begin(), pixels.wavelength.end());
  s.flux.assign(pixels.flux.begin(), pixels.flux.end());
  s.ivar.assign(n, 0);
  if (has_errors) {
    s.ivar = ivar_of({pixels.error.begin(), pixels.error.end()}, pixels.error_kind);
  } else {
    s.flags.set(SpectrumFlag::no_ivar);
  }
  bring_to_units(s, units, reading);
}

std::string unit_of(const SpectrumColumn& column) {
  return column.unit.empty() ? unit_in_name(column.name) : column.unit;
}

}  // namespace

SpectrumObject read_spectrum(const SpectrumArrays& arrays, const SpectrumReading& reading) {
  return guarded([&](Spectrum& s) {
    take({arrays.wavelength, arrays.flux, arrays.error, arrays.error_kind},
         {.wavelength = arrays.wavelength_unit,
          .flux = arrays.flux_unit,
          .sigma = arrays.error_kind == ErrorKind::sigma ? arrays.error_unit : "",
          .is_air = arrays.is_air},
         reading, s);
  });
}

SpectrumObject read_spectrum(std::span<const SpectrumColumn> table, const SpectrumReading& reading) {
  return guarded([&](Spectrum& s) {
    std::vector<std::string> names;
    for (const SpectrumColumn& column : table) names.push_back(column.name);
    const SpectrumColumns chosen = find_spectrum_columns(names, reading);
    const SpectrumColumn &wavelength = table[chosen.wavelength], &flux = table[chosen.flux];
    const SpectrumColumn* const error = chosen.error ? &table[*chosen.error] : nullptr;
    const bool has_sigma = error != nullptr && chosen.error_kind == ErrorKind::sigma;
    take({wavelength.values, flux.values, error != nullptr ? error->values : std::span<const double>(),
          chosen.error_kind},
         {.of_name = wavelength.unit.empty() ? chosen.wavelength_unit : std::nullopt,
          .wavelength = unit_of(wavelength),
          .flux = unit_of(flux),
          .sigma = has_sigma ? unit_of(*error) : ""},
         reading, s);
  });
}

}  // namespace astrom3
