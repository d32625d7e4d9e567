// SPDX-License-Identifier: MIT
//
// What astrom3 inspect says of a file of spectra.
#pragma once

#include <filesystem>
#include <vector>

#include "astrom3/spectrum/read_spectra.h"

namespace astrom3::cli {

/// The spectra of a file, where its content says that it holds some; else nothing, and the file may be one of
/// light curves.
std::vector<SpectrumObject> spectra_in(const std::filesystem::path& file);

/// A text, or one line of JSON a spectrum. Returns whether all of them could be embedded.
bool report_spectra(const std::vector<SpectrumObject>& objects, bool as_json);

}  // namespace astrom3::cli
