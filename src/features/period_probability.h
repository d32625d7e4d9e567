// SPDX-License-Identifier: MIT
//
// The probability of the chosen period beside its rivals.
#pragma once

#include <cmath>
#include <vector>

namespace astrom3 {

/// The evidence of the chosen period and of everything else that the period could be. Evidences and odds are
/// in nats.
struct Rivals {
  double chosen = 0;                ///< the evidence of the chosen period
  double below = -HUGE_VAL;         ///< the highest evidence of periods that are longer than those searched
  std::vector<double> others = {};  ///< the evidences of the other peaks
  double false_alarm_probability = 0;  ///< the probability of such a peak in noise alone
  double over_red_noise = HUGE_VAL;    ///< against noise that lasts, with the choice of the frequency
  double correlation = 1;              ///< observations worth one that is independent
  double orbit_odds =
      HUGE_VAL;  ///< odds against half and twice the period; HUGE_VAL where these are not considered
};

/// By how many times evidences are surer than usual, when `correlation` observations are worth one.
double excess_of_evidence(double correlation);

/// The posterior share of the chosen period, 0..1.
///
/// Evidences are too sure, since no model is exact: real stars are modulated, and errors correlate. Therefore
/// the nats are divided by a temperature. docs/periods.md has the shares of simulated and real stars for
/// which the period is right.
///
/// Source  Sellke, Bayarri & Berger 2001, Am. Stat. 55, 62: the odds of noise, at least -e p ln p.
double probability_of(const Rivals& rivals);

}  // namespace astrom3
