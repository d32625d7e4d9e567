// SPDX-License-Identifier: MIT
//
// Narrow eclipses: periods that a few deep faint points betray and no sine wave can see.
#pragma once

#include <cstddef>
#include <optional>

#include "astrom3/periodogram.h"
#include "features/period_bands.h"

namespace astrom3 {

/// The best period of an eclipse model, on the scale of HarmonicModel's log-evidence.
struct EclipsePeriod {
  double frequency = 0;       ///< of the orbit, cycles per day
  double log_evidence = 0;    ///< nats
  bool is_ambiguous = false;  ///< the orbit may as well be twice as long
};

/// Searches one band for eclipses.
///
/// Observations fainter than the median by three robust deviations are the eclipse's. A frequency
/// is worth a look when most of them fall into one sixteenth of the phase; the best by the box
/// statistic are then judged by the evidence of
///
///   m(t) = mean + d_1 g(phase - phase_0) + d_2 g(phase - phase_0 - 1/2)      g a Gaussian dip
///
/// with the depths integrated out, phase_0 and the width maximised and paid for, and the jitter
/// marginalised as in HarmonicModel.
///
/// grid     bounds of the frequencies; those above 1 / 0.3 d are left out: no detached binary fits
/// returns  nothing where there are fewer than 4 such observations, or more than a quarter of all
/// Cost     about 15 ms for 20 eclipse points over 1500 d; nothing for other stars
/// Source   Kovacs, Zucker & Mazeh 2002, A&A 391, 369 (the box statistic).
std::optional<EclipsePeriod> find_eclipses(const Band& band, double span_days, const FrequencyGrid& grid,
                                           double error_floor_mag);

}  // namespace astrom3
