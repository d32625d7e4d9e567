// SPDX-License-Identifier: MIT
//
// Spectra out of text: columns with or without names, ECSV, and the arrays of Gaia's sampled XP spectra.
#pragma once

#include <vector>

#include "astrom3/spectrum/read_spectra.h"
#include "formats/decompressed.h"

namespace astrom3 {

/// All spectra of a text file. Throws Error with line: what the readers of text throw, missing_column,
/// ambiguous_column, not_a_number, field_count, wavelength_unit, bad_header.
std::vector<SpectrumObject> read_text_spectra(DecompressedReader bytes, const SpectrumReading& reading);

}  // namespace astrom3
