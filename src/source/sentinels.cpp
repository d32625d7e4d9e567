// SPDX-License-Identifier: MIT
#include "source/sentinels.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "base/median.h"

namespace astrom3 {
namespace {

constexpr double kFlaggedMads = 20;
constexpr double kCertainDeviations = 30;
constexpr double kMadPerDeviation = 1.4826;
constexpr std::size_t kFewestOthers = 5;
constexpr double kFillValue = 1e15;
// Of ASAS; the ends of integers of 16 and 32 bits.
constexpr std::array kOthers{29.999, 32767.0, 32768.0, 65535.0, 2147483647.0, 2147483648.0};

/// Whether the decimal digits of `n` are all the same, and how many there are.
struct Digits {
  bool all_equal = true;
  int first = 0, count = 0;
};

Digits digits_of(std::uint64_t n) {
  Digits digits{.first = static_cast<int>(n % 10)};
  for (; n > 0; n /= 10) {
    digits.all_equal = digits.all_equal && static_cast<int>(n % 10) == digits.first;
    ++digits.count;
  }
  return digits;
}

}  // namespace

bool looks_like_sentinel(double value) noexcept {
  const double size = std::fabs(value);
  if (value == 0 || value == -1 || value == -9 || size >= kFillValue) return true;
  if (size < 2 || !(size < 1e11)) return false;
  const double scaled = size * 1e4;  // at most four decimals
  const auto whole = static_cast<std::uint64_t>(std::llround(scaled));
  if (std::fabs(scaled - static_cast<double>(whole)) > 1e-7 * scaled) return false;
  std::uint64_t n = whole;
  while (n % 10 == 0) n /= 10;
  const Digits digits = digits_of(n);
  if (digits.all_equal && digits.count >= (digits.first == 9 ? 2 : 3)) return true;
  if (digits.count == 1 && digits.first == 1 && size >= 100) return true;
  return std::find(kOthers.begin(), kOthers.end(), size) != kOthers.end();
}

SentinelVerdict judge_sentinels(std::span<const Suspect> suspects, std::vector<double> others,
                                double least_spread) {
  SentinelVerdict verdict;
  if (suspects.empty() || others.size() < kFewestOthers) return verdict;
  const double center = median_in_place(others);
  for (double& other : others) other = std::fabs(other - center);
  const double mad = median_in_place(others);
  const double spread = std::max(kMadPerDeviation * mad, least_spread);
  for (const Suspect& suspect : suspects) {
    const double distance = std::fabs(suspect.comparable - center);
    if (!(distance > kFlaggedMads * std::max(mad, least_spread))) continue;
    const auto n = static_cast<std::size_t>(
        std::count_if(suspects.begin(), suspects.end(),
                      [&](const Suspect& other) { return other.value == suspect.value; }));
    const bool is_certain = n > 1 && distance > kCertainDeviations * spread;
    if (!verdict.is_suspected || (is_certain && !verdict.is_certain))
      verdict = {.is_suspected = true, .is_certain = is_certain, .value = suspect.value, .n = n};
    if (verdict.is_certain) break;
  }
  return verdict;
}

}  // namespace astrom3
