// SPDX-License-Identifier: MIT
#include "source/flux_doubts.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "base/median.h"

namespace astrom3 {
namespace {

constexpr std::size_t kFewest = 5, kFewestOfMany = 10;
constexpr double kBrightest = 5, kFaintest = 25;  // mag
constexpr double kMostRange = 0.35, kMostError = 0.008;
constexpr double kFromOne = 0.002, kMostRelative = 3;
constexpr double kFewestCounts = 100;
constexpr double kMostMjy = 1e4, kLeastMjy = 1e-7;

bool may_be_magnitudes(std::span<const double> values, std::span<const double> errors) {
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  if (!(*low >= kBrightest && *high <= kFaintest)) return false;
  std::vector<double> sorted(values.begin(), values.end());
  const double median = median_in_place(sorted);
  sorted.assign(errors.begin(), errors.end());
  const double error = median_in_place(sorted);
  return *high - *low <= kMostRange * median && error > 0 && error <= kMostError * median;
}

/// Whether more than half of the values pass `test`: as their median does, which takes longer to find.
template <typename Test>
bool are_mostly(std::span<const double> values, const Test& test) {
  return 2 * std::count_if(values.begin(), values.end(), test) > std::ssize(values);
}

bool may_be_relative(std::span<const double> values) {
  const auto is_in_range = [](double value) { return value > 0 && value < kMostRelative; };
  if (!std::all_of(values.begin(), values.end(), is_in_range)) return false;
  std::vector<double> sorted(values.begin(), values.end());
  return std::fabs(median_in_place(sorted) - 1) <= kFromOne;
}

bool may_be_counts(std::span<const double> values) {
  const auto is_whole = [](double value) { return value == std::floor(value); };
  return std::all_of(values.begin(), values.end(), is_whole) &&
         are_mostly(values, [](double value) { return std::fabs(value) >= kFewestCounts; });
}

}  // namespace

FluxDoubt doubt_of_fluxes(std::span<const double> values, std::span<const double> errors) {
  if (values.size() < kFewest || errors.size() != values.size()) return FluxDoubt::none;
  if (may_be_magnitudes(values, errors)) return FluxDoubt::magnitudes;
  if (values.size() >= kFewestOfMany && may_be_relative(values)) return FluxDoubt::relative;
  if (values.size() >= kFewestOfMany && may_be_counts(values)) return FluxDoubt::counts;
  if (are_mostly(values, [](double value) { return std::fabs(value) > kMostMjy; })) return FluxDoubt::bright;
  const bool are_tiny =
      are_mostly(values, [](double value) { return value != 0 && std::fabs(value) < kLeastMjy; });
  return are_tiny ? FluxDoubt::faint : FluxDoubt::none;
}

}  // namespace astrom3
