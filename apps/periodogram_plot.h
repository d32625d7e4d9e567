// SPDX-License-Identifier: MIT
//
// A periodogram as SVG: the power with the periods found marked, and the light curve folded with the best.
#pragma once

#include <string>
#include <vector>

#include "shown_magnitudes.h"

namespace astrom3::cli {

/// The observations of one band; they share their zero point of time.
struct BandObservations {
  std::string name{};                            ///< may be empty
  std::vector<double> time{}, mag{}, mag_err{};  ///< mag: -2.5 log10(flux / mJy)
  ShownMagnitudes shown{};                       ///< what the plot makes of mag
};

/// A period that the plot marks.
struct PeriodMark {
  double period = 0;   ///< days
  std::string note{};  ///< behind it in the list
};

struct Spectrum {
  std::string object_id{}, file{};
  std::vector<BandObservations> bands{};
  std::vector<double> frequency{};  ///< cycles per day, increasing
  std::vector<double> value{};      ///< at each frequency
  std::string value_name{"power"};
  bool is_lowest_best = false;
  std::string title{}, marks_title{};
  std::vector<PeriodMark> marks{};  ///< best first; the light curve is folded with the first. At least one
};

std::string svg_of(const Spectrum& spectrum);

}  // namespace astrom3::cli
