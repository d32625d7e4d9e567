// SPDX-License-Identifier: MIT
#include "features/period_probability.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace astrom3 {
namespace {

constexpr double kTemperature = 2;       // divides the evidences
constexpr double kOrbitTemperature = 2;  // divides the odds of half, once or twice the period

double probability_of_noise(double p) {
  if (!(p > 0)) return 0;
  const double odds = p < 1 / std::numbers::e ? -std::numbers::e * p * std::log(p) : 1;
  return std::max(p, odds / (1 + odds));
}

}  // namespace

double excess_of_evidence(double correlation) {
  return std::max(1.0, correlation / kTemperature);
}

double probability_of(const Rivals& rivals) {
  const double temperature = kTemperature * excess_of_evidence(rivals.correlation);
  double sum = 1 + std::exp((rivals.below - rivals.chosen) / temperature);
  for (const double other : rivals.others) sum += std::exp((other - rivals.chosen) / temperature);
  sum *= 1 + std::exp(-rivals.over_red_noise / kTemperature);
  const double share = (1 - probability_of_noise(rivals.false_alarm_probability)) / sum;
  return share / (1 + std::exp(-rivals.orbit_odds / kOrbitTemperature));
}

}  // namespace astrom3
