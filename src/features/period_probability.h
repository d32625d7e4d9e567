// SPDX-License-Identifier: MIT
//
// How probable the period chosen is beside its rivals.
#pragma once

#include <cmath>
#include <vector>

namespace astrom3 {

/// What else the period could be. Evidences and odds are in nats.
struct Rivals {
  double chosen = 0;                   ///< evidence of the period chosen
  double below = -HUGE_VAL;            ///< the highest evidence of longer periods than were searched
  std::vector<double> others = {};     ///< evidences of the other peaks
  double false_alarm_probability = 0;  ///< of noise alone
  double over_red_noise = HUGE_VAL;    ///< against noise that lasts, with the choice of the frequency
  double correlation = 1;              ///< observations worth one that is independent
  double orbit_odds = HUGE_VAL;        ///< against half and twice the period; HUGE_VAL: not in question
};

/// By how many times evidences are surer than usual, when `correlation` observations are worth one.
double excess_of_evidence(double correlation);

/// The posterior share of the period chosen, 0..1.
///
/// A model's evidence is surer than the model is: real stars are modulated, and errors correlate. Therefore
/// the nats are divided by a temperature. docs/periods.md has the shares of simulated and real stars that are
/// right.
///
/// Source  Sellke, Bayarri & Berger 2001, Am. Stat. 55, 62: the odds of noise, at least -e p ln p.
double probability_of(const Rivals& rivals);

}  // namespace astrom3
