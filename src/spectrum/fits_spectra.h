// SPDX-License-Identifier: MIT
//
// Spectra out of FITS files: images, tables and DESI's arms.
#pragma once

#include <string>
#include <vector>

#include "astrom3/spectrum/read_spectra.h"
#include "formats/fits.h"

namespace astrom3 {

/// All spectra of a FITS file; `objects` have no name of the file's yet. Throws Error bad_header where the
/// file is damaged or holds no spectrum that is known, missing_column, coverage for LAMOST's medium
/// resolution.
std::vector<SpectrumObject> read_fits_spectra(FitsReader& reader, const SpectrumReading& reading);

}  // namespace astrom3
