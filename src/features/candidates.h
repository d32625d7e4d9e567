// SPDX-License-Identifier: MIT
//
// The frequencies that may be those of the star, and how well each explains it.
#pragma once

#include <vector>

#include "features/peaks.h"
#include "features/period_bands.h"

namespace astrom3 {

/// A frequency that may be that of the star.
struct Candidate {
  double frequency = 0;
  double log_evidence = 0;  ///< with the priors of the frequency: nats
  double price = 0;         ///< nats that the window function and stronger overtones cost

  double unpenalised() const noexcept { return log_evidence + price; }
};

/// Evidence of every peak, best first. Where the window function is high, systematic errors that repeat
/// every night make peaks of their own. Such peaks are penalised, but not excluded: real stars have such
/// periods, too. The same holds for a peak of little power at the half or the third of the frequency of a
/// strong one: the harmonics of the weak one fit the strong one for nearly the same evidence.
std::vector<Candidate> judge_peaks(const std::vector<Peak>& peaks, double span_days,
                                   const FrequencyGrid& grid, StarModel& model);

/// The same of one frequency.
Candidate judge_frequency(double frequency, const FrequencyGrid& grid, StarModel& model);

/// The highest evidence at frequencies below those searched: of a trend, or of a period that is too long.
double evidence_below(const FrequencyGrid& grid, StarModel& model);

}  // namespace astrom3
