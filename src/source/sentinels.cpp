// SPDX-License-Identifier: MIT
#include "source/sentinels.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "base/median.h"

namespace astrom3 {
namespace {

constexpr double kFlaggedMads = 20;
constexpr double kCertainDeviations = 30;
constexpr std::size_t kFewestOthers = 5;
constexpr std::size_t kFewestRepeats = 3;

std::size_t count_of(double value, std::span<const Suspect> suspects) {
  return static_cast<std::size_t>(std::count_if(
      suspects.begin(), suspects.end(), [&](const Suspect& suspect) { return suspect.value == value; }));
}

/// Numbers such as 9.9 are in the list of suspicious ones, but may be magnitudes.
bool is_no_measurement(double value) {
  return value <= 0 || value >= 90;
}

}  // namespace

SentinelVerdict judge_sentinels(std::span<const Suspect> suspects, std::vector<double> others,
                                double least_spread) {
  SentinelVerdict verdict;
  if (suspects.empty() || others.size() < kFewestOthers) return verdict;
  const auto [low, high] = std::minmax_element(others.begin(), others.end());
  const double least = *low, most = *high;
  const double center = median_in_place(others);
  for (double& other : others) other = std::fabs(other - center);
  const double mad = median_in_place(others);
  const double spread = std::max(kDeviationsPerMad * mad, least_spread);
  for (const Suspect& suspect : suspects) {
    const double distance = std::fabs(suspect.comparable - center);
    const bool is_beyond = suspect.comparable < least || suspect.comparable > most;
    if (is_beyond && is_no_measurement(suspect.value) &&
        count_of(suspect.value, suspects) >= kFewestRepeats && !verdict.is_suspected)
      verdict = {.is_suspected = true, .is_certain = false, .value = suspect.value, .n = 0};
    if (!(distance > kFlaggedMads * std::max(mad, least_spread))) continue;
    const std::size_t n = count_of(suspect.value, suspects);
    const bool is_certain = n > 1 && distance > kCertainDeviations * spread;
    if (!verdict.is_suspected || (is_certain && !verdict.is_certain))
      verdict = {.is_suspected = true, .is_certain = is_certain, .value = suspect.value, .n = n};
    if (verdict.is_certain) break;
  }
  return verdict;
}

bool has_repeated_extreme(std::span<const double> values) {
  if (values.empty()) return false;
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const auto count = [&](double value) {
    return static_cast<std::size_t>(std::count(values.begin(), values.end(), value));
  };
  return count(*low) >= kFewestRepeats || count(*high) >= kFewestRepeats;
}

bool has_repeated_outlier(std::span<const double> values, double least_spread) {
  if (values.size() < kFewestOthers + kFewestRepeats) return false;
  std::vector<double> deviations(values.begin(), values.end());
  const double center = median_in_place(deviations);
  for (double& deviation : deviations) deviation = std::fabs(deviation - center);
  const double spread = std::max(kDeviationsPerMad * median_in_place(deviations), least_spread);
  const double limit = kCertainDeviations * spread;
  if (limit == 0) return false;  // most values are equal: the others say nothing
  double repeated = 0;
  std::size_t n = 0;
  for (const double value : values) {
    if (!(std::fabs(value - center) > limit)) continue;
    if (n++ == 0) repeated = value;
    if (value != repeated) return false;
  }
  return n >= kFewestRepeats;
}

}  // namespace astrom3
