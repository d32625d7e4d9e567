// SPDX-License-Identifier: MIT
//
// Frequencies at which the faintest observations of a star fall together in phase.
#pragma once

#include <cstddef>
#include <vector>

#include "astrom3/features/periodogram.h"
#include "features/period_bands.h"
#include "kernels/periodogram.h"

namespace astrom3 {

inline constexpr double kEclipseWindow = 1.0 / 16;  ///< of the phase: the box an eclipse is looked for in

/// Deviations from the median and which of them are dips.
struct Dips {
  std::vector<double> depth;       ///< [N] mag - median
  std::vector<std::size_t> index;  ///< the deepest observations in eclipse, deepest first
  std::size_t count = 0;           ///< all observations in eclipse
  double total = 0;                ///< sum of the depths in `index`: mag
  double deepest = 0;              ///< mag
  double threshold = 0;            ///< mag: deeper ones are in eclipse
};

/// Observations fainter than the median by three robust deviations.
Dips select_dips(const Band& band);

/// A frequency worth a closer look.
struct EclipseTrial {
  double frequency = 0;  ///< cycles per day
  double phase = 0;      ///< of the box's centre
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
