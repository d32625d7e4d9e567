// SPDX-License-Identifier: MIT
//
// Finds the frequencies at which the faintest observations of a star have nearly the same phase.
#pragma once

#include <cstddef>
#include <vector>

#include "astrom3/features/periodogram.h"
#include "features/period_bands.h"
#include "kernels/periodogram.h"

namespace astrom3 {

inline constexpr double kEclipseWindow =
    1.0 / 16;  ///< the length of the box in which an eclipse is looked for, in turns

/// The deviations of the magnitudes from their median, and the observations that are dips.
struct Dips {
  std::vector<double> depth;       ///< [N] mag - median
  std::vector<std::size_t> index;  ///< the deepest of the observations in eclipse, the deepest first
  std::size_t count = 0;           ///< the number of all observations in eclipse
  double total = 0;                ///< sum of the depths in `index`: mag
  double deepest = 0;              ///< mag
  double threshold = 0;            ///< mag; observations with a larger depth are in eclipse
};

/// Finds the observations that are fainter than the median by three robust standard deviations.
Dips select_dips(const Band& band);

/// A frequency worth a closer look.
struct EclipseTrial {
  double frequency = 0;  ///< cycles per day
  double phase = 0;      ///< the phase of the centre of the box
  double statistic =
      0;  ///< box statistic: (mean deviation inside)^2 over the share of points inside and outside
};

/// Scans grid.minimum to the grid's end (at most 1 / 0.3 d: no detached binary is faster) in steps
/// of 1/64 turn over the span, and returns the `n_best` trials at which most of the dips fall into
/// one box, best first, one a peak.
///
/// Source  Kovacs, Zucker & Mazeh 2002, A&A 391, 369 (the box statistic).
std::vector<EclipseTrial> scan_eclipses(const Band& band, const Dips& dips, double span_days,
                                        const FrequencyGrid& grid, std::size_t n_best,
                                        const kernels::PeriodogramKernels& kernels);

/// The scan's step for a star seen over `span_days`, cycles per day.
double eclipse_frequency_step(double span_days);

}  // namespace astrom3
