// SPDX-License-Identifier: MIT
//
// The magnitudes that a plot shows: those of the file where it has some, AB magnitudes of the fluxes
// otherwise.
#pragma once

#include <string>

#include "astrom3/source/source.h"

namespace astrom3::cli {

/// magnitude = zero - 2.5 log10(flux / mJy)
struct ShownMagnitudes {
  double zero = 0;          ///< the magnitude of 1 mJy
  bool is_of_file = false;  ///< the file has these magnitudes
  std::string label{};      ///< of an axis: "V [mag]", "AB magnitude of the flux in V"
  std::string system{};     ///< in a sentence: "magnitudes as in the file; magnitude 0 is 3836.3 Jy"
  bool operator==(const ShownMagnitudes&) const = default;
};

ShownMagnitudes shown_magnitudes(const SourceObject& object);

/// The same where several bands share an axis, which can name none of them.
std::string common_label(bool are_of_file);

}  // namespace astrom3::cli
