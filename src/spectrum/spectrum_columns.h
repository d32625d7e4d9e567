// SPDX-License-Identifier: MIT
//
// Which columns of a table are wavelength, flux and error, by what they are called.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "astrom3/spectrum/spectrum_arrays.h"

namespace astrom3 {

struct SpectrumColumns {
  std::size_t wavelength = 0, flux = 0;
  std::optional<std::size_t> error;
  ErrorKind error_kind = ErrorKind::none;
  std::optional<WavelengthUnit> wavelength_unit;  ///< that its name says: loglam is log10 of Angstrom
};

/// Chosen by the reading's words, else by name. A column of inverse variance comes before one of errors.
/// Throws Error missing_column naming the columns there are, ambiguous_column where two could be meant.
SpectrumColumns find_spectrum_columns(std::span<const std::string> names, const SpectrumReading& reading);

/// Whether a table of these columns can be a spectrum.
bool names_a_spectrum(std::span<const std::string> names);

/// What stands in the brackets of a column's name: "nm" of "wave [nm]"; "" where there are none.
std::string unit_in_name(const std::string& name);

/// Inverse variances of numbers of that kind.
std::vector<double> ivar_of(const std::vector<double>& values, ErrorKind kind);

}  // namespace astrom3
