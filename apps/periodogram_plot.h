// SPDX-License-Identifier: MIT
//
// A periodogram as SVG: the power with the periods found marked, and the light curve folded with the best.
#pragma once

#include <string>
#include <vector>

#include "astrom3/features/period_search.h"
#include "astrom3/features/periodogram.h"
#include "shown_magnitudes.h"

namespace astrom3::cli {

/// The observations of one band; they share their zero point of time.
struct BandObservations {
  std::string name{};                            ///< may be empty
  std::vector<double> time{}, mag{}, mag_err{};  ///< mag: -2.5 log10(flux / mJy)
  ShownMagnitudes shown{};                       ///< what the plot makes of mag
};

struct Spectrum {
  std::string object_id{}, file{};
  std::vector<BandObservations> bands{};
  FrequencyGrid grid{};
  std::vector<double> power{};
  PeriodResult best{};
};

std::string svg_of(const Spectrum& spectrum);

}  // namespace astrom3::cli
