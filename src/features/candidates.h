// SPDX-License-Identifier: MIT
//
// The frequencies that may be the star's, and the evidence for each of them.
#pragma once

#include <vector>

#include "features/peaks.h"
#include "features/period_bands.h"

namespace astrom3 {

/// A frequency that may be the star's.
struct Candidate {
  double frequency = 0;
  double log_evidence = 0;  ///< nats; the priors of the frequency are included
  double price = 0;         ///< the nats that it lost by the window function and by stronger overtones

  double unpenalised() const noexcept { return log_evidence + price; }
};

/// The evidence of every peak, best first. Where the window function is high, systematic errors that repeat
/// every night make peaks. Such peaks are penalised but not excluded, since real stars have such periods,
/// too. A weak peak at half or a third of the frequency of a strong peak is penalised as well: the harmonics
/// of the weak peak fit the variation of the strong peak with nearly the same evidence.
std::vector<Candidate> judge_peaks(const std::vector<Peak>& peaks, double span_days,
                                   const FrequencyGrid& grid, StarModel& model);

/// The evidence of one frequency, with the same penalties.
Candidate judge_frequency(double frequency, const FrequencyGrid& grid, StarModel& model);

/// The highest evidence at frequencies below those that are searched, as of a trend or of a longer period.
double evidence_below(const FrequencyGrid& grid, StarModel& model);

}  // namespace astrom3
