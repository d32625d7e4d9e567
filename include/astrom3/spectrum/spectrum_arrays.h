// SPDX-License-Identifier: MIT
//
// A spectrum out of arrays in memory, by the rules for files.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "astrom3/spectrum/read_spectra.h"

namespace astrom3 {

/// What says how well the flux of a pixel is known.
enum class ErrorKind : std::uint8_t { none, ivar, sigma, variance };

/// Pixels in any order, as the caller has them. Units are texts as in a file; empty: not stated.
struct SpectrumArrays {
  std::span<const double> wavelength, flux;
  std::span<const double> error;  ///< of that kind; empty for ErrorKind::none
  ErrorKind error_kind = ErrorKind::none;
  std::string wavelength_unit, flux_unit, error_unit;
  bool is_air = false;  ///< the wavelengths are in air
};

/// A column of a table in memory. A unit that is empty is looked for in the name: "wave [nm]".
struct SpectrumColumn {
  std::string name;
  std::span<const double> values;
  std::string unit;
};

/// Brings the arrays to vacuum Angstrom, 1e-17 erg/s/cm2/A and inverse variance, as read_spectra() does with
/// the columns of a table.
///
/// Status of the result  length_mismatch; wavelength_unit, bad_header where a unit is not known, or where the
/// error is in another unit than the flux. Its object_id is empty. What prepare_spectrum() checks is not
/// checked here.
SpectrumObject read_spectrum(const SpectrumArrays& arrays, const SpectrumReading& reading = {});

/// The same of a table, whose columns are found as those of a file. Status of the result  also
/// missing_column, ambiguous_column. A column that is not read may have no values.
SpectrumObject read_spectrum(std::span<const SpectrumColumn> table, const SpectrumReading& reading = {});

}  // namespace astrom3
