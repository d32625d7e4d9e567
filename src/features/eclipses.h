// SPDX-License-Identifier: MIT
//
// Finds the periods of narrow eclipses, which only a few faint observations show, and which no sine wave
// fits.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "astrom3/features/periodogram.h"
#include "features/period_bands.h"

namespace astrom3 {

inline constexpr double kEqualStarsDepth = 0.8;  // mag; two equal stars lose half their light: 0.753

/// The best period of an eclipse model, on the scale of HarmonicModel's log-evidence.
struct EclipsePeriod {
  double frequency = 0;          ///< the frequency of the orbit in cycles per day
  double log_evidence = 0;       ///< nats
  bool is_ambiguous = false;     ///< true where an orbit twice or half as long is nearly as probable
  double orbit_odds = 0;         ///< nats in favour of this orbit against twice and half its length
  double chance = 0;             ///< the probability that faint observations fall together so well by chance
  double correlation = 1;        ///< the number of observations that are worth one independent observation
  std::vector<double> rivals{};  ///< the log-evidences of other orbits
};

/// Searches one band for eclipses.
///
/// Frequencies at which the faint observations fall together in phase (eclipse_scan.h) are compared by
/// the evidence of two eclipses half a turn apart (eclipse_evidence.h). It is maximised over the
/// primary's phase and the width; the priors of the two are part of it.
///
/// grid     bounds of the frequencies; those above 1 / 0.3 d are left out: no detached binary is so fast
/// at_least  the log-evidence that the eclipses must reach
/// returns  nothing if fewer than 4 observations are faint, or more than a quarter of all, or if the
///          log-evidence is lower
/// Cost     about 3 ms for 20 eclipse points over 1500 d; nothing for other stars
std::optional<EclipsePeriod> find_eclipses(const Band& band, double span_days, const FrequencyGrid& grid,
                                           double floor, double at_least,
                                           const kernels::PeriodogramKernels& kernels);

}  // namespace astrom3
