// SPDX-License-Identifier: MIT
#include "source/likely_magnitudes.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "base/median.h"

namespace astrom3 {
namespace {

constexpr std::size_t kFewest = 5;
constexpr double kBrightest = 5, kFaintest = 25;  // mag
constexpr double kMostRange = 0.35, kMostError = 0.008;

}  // namespace

bool may_be_magnitudes(std::span<const double> values, std::span<const double> errors) {
  if (values.size() < kFewest || errors.size() != values.size()) return false;
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  if (!(*low >= kBrightest && *high <= kFaintest)) return false;
  std::vector<double> sorted(values.begin(), values.end());
  const double median = median_in_place(sorted);
  sorted.assign(errors.begin(), errors.end());
  const double error = median_in_place(sorted);
  return *high - *low <= kMostRange * median && error > 0 && error <= kMostError * median;
}

}  // namespace astrom3
