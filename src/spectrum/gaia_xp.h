// SPDX-License-Identifier: MIT
//
// Gaia's sampled mean XP spectra: a row for each source, with its flux and error as arrays.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "astrom3/spectrum/read_spectra.h"
#include "formats/csv.h"

namespace astrom3 {

/// Whether columns of these names are sampled XP spectra. Throws Error bad_header for the coefficients of
/// continuous spectra, naming GaiaXPy, which makes samples of them.
bool is_gaia_xp(std::span<const std::string> names);

/// The rows behind the header: 343 samples from 336 to 1020 nm in W/m2/nm. Throws Error with line.
/// Source  Gaia DR3 documentation, table xp_sampled_mean_spectrum.
std::vector<SpectrumObject> read_gaia_xp(CsvReader& reader, std::span<const std::string> names);

}  // namespace astrom3
