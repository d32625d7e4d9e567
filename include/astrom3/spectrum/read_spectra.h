// SPDX-License-Identifier: MIT
//
// Spectra out of files, whatever survey wrote them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/spectrum/spectrum.h"

namespace astrom3 {

enum class WavelengthUnit : std::uint8_t { file, angstrom, nm, um, log10_angstrom };

/// How files of spectra are read.
struct SpectrumReading {
  WavelengthUnit unit = WavelengthUnit::file;  ///< what the file says, else Angstrom
  bool air = false;                            ///< wavelengths are in air, whatever the file says
  /// Columns of text and tables by their role: wavelength, flux, and ivar or error; by name or 1-based
  /// number. Empty: as they are usually called.
  std::string wavelength_column{}, flux_column{}, ivar_column{}, error_column{};
  bool has_flux_scale = false;  ///< the flux gets a scale from the caller: its unit need not be known
};

/// One spectrum of a file, or why there is none.
struct SpectrumObject {
  std::string object_id;  ///< the file's name without its extensions; of many in one file, the id there
  std::vector<std::string> ids;  ///< other names of it in the file: OBSID, DESIG, TARGETID, ...
  std::string file;
  std::string family;          ///< "lamost", "lamost_table", "sdss_spec", "sdss_spSpec", "desi", ...
  std::string spectral_class;  ///< what the file says: "STAR", "GALAXY", ...
  std::optional<double> redshift;
  std::optional<double> snr;  ///< of the g band, or the file's only one
  Status status = Status::ok;
  std::string message;  ///< where status is not ok
  Hint hint;            ///< what the user can do about it
  Spectrum spectrum;
};

/// All spectra of a file, in its order. The family is told by the content:
///
///   lamost        LAMOST DR1-7, low resolution: image [5, N] of flux, ivar, wavelength, masks
///   lamost_table  LAMOST DR8 and later, low resolution: one row FLUX IVAR WAVELENGTH ...
///   sdss_spec     SDSS spec-PLATE-MJD-FIBER: flux, loglam, ivar
///   sdss_spSpec   SDSS DR1-7: image [4 or more, N] of flux, continuum-subtracted, error, mask
///   desi          coadd or spectra: B_WAVELENGTH, B_FLUX, B_IVAR, ...; one spectrum a target
///   image         one dimension with a linear or logarithmic axis
///   table         FITS table, ECSV, CSV or plain text with columns of wavelength, flux and perhaps an error
///   gaia_xp       Gaia XP sampled mean spectra: source_id with arrays of flux and flux_error
///
/// LAMOST's medium resolution (COADD_B, COADD_R) gives Status coverage and says so.
/// Throws Error io_error where the file cannot be opened; whatever else is wrong is the status of an object.
std::vector<SpectrumObject> read_spectra(const std::filesystem::path& file,
                                         const SpectrumReading& reading = {});

/// The same of bytes in memory, plain or compressed; `name` is the file's. For tests and fuzzing.
std::vector<SpectrumObject> read_spectra(std::string_view bytes, const std::string& name,
                                         const SpectrumReading& reading = {});

/// "A", "nm", "um", "log10A" and "file". Throws Error usage naming them.
WavelengthUnit parse_wavelength_unit(std::string_view name);
std::vector<std::string> wavelength_unit_names();

}  // namespace astrom3
