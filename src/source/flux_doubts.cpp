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

}  // namespace

FluxDoubt doubt_of_fluxes(std::span<const double> values, std::span<const double> errors) {
  if (values.size() < kFewest || errors.size() != values.size()) return FluxDoubt::none;
  if (may_be_magnitudes(values, errors)) return FluxDoubt::magnitudes;
  std::vector<double> sizes(values.begin(), values.end());
  for (double& size : sizes) size = std::fabs(size);
  const double median = median_in_place(sizes);
  const auto all = [&](const auto& test) { return std::all_of(values.begin(), values.end(), test); };
  const bool are_many = values.size() >= kFewestOfMany;
  if (are_many && std::fabs(median - 1) <= kFromOne &&
      all([](double value) { return value > 0 && value < kMostRelative; }))
    return FluxDoubt::relative;
  if (are_many && median >= kFewestCounts && all([](double value) { return value == std::floor(value); }))
    return FluxDoubt::counts;
  if (median > kMostMjy) return FluxDoubt::bright;
  return median > 0 && median < kLeastMjy ? FluxDoubt::faint : FluxDoubt::none;
}

}  // namespace astrom3
