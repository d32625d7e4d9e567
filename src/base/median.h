// SPDX-License-Identifier: MIT
//
// The median, and the factor from the median absolute deviation to a standard deviation.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace astrom3 {

/// The standard deviation of Gaussian noise is this factor times its median absolute deviation.
inline constexpr double kDeviationsPerMad = 1.4826;

/// Median as numpy: the mean of the two middle values where N is even. Reorders `values`, which must not be
/// empty.
inline double median_in_place(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  const double below = *std::max_element(values.begin(), middle);
  const double sum = below + *middle;
  return std::isfinite(sum) ? sum / 2 : below / 2 + *middle / 2;
}

}  // namespace astrom3
