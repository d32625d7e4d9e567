// SPDX-License-Identifier: MIT
#include "shown_magnitudes.h"

#include <fmt/format.h>

#include <cmath>
#include <string>

#include "astrom3/base/error.h"
#include "astrom3/source/source.h"

namespace astrom3::cli {
namespace {

constexpr double kAbZeroPointJy = 3631;

double magnitude_of_one_mjy(double zero_point_jy) {
  return 2.5 * std::log10(1e3 * zero_point_jy);
}

}  // namespace

ShownMagnitudes shown_magnitudes(const SourceObject& object) {
  const std::string band = escaped(object.band);
  if (!object.is_magnitude) {
    return {.zero = magnitude_of_one_mjy(kAbZeroPointJy),
            .label = common_label(false) + (band.empty() ? "" : " in " + band),
            .system = "AB magnitudes made from the fluxes"};
  }
  return {.zero = magnitude_of_one_mjy(object.zero_point_jy),
          .is_of_file = true,
          .label = band.empty() ? common_label(true) : band + " [mag]",
          .system = fmt::format("magnitudes as in the file; magnitude 0 is {:.6g} Jy{}", object.zero_point_jy,
                                object.zero_point_jy == kAbZeroPointJy ? " (AB)" : "")};
}

std::string common_label(bool are_of_file) {
  return are_of_file ? "magnitude" : "AB magnitude of the flux";
}

}  // namespace astrom3::cli
