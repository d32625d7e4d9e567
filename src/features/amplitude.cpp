// SPDX-License-Identifier: MIT
#include "features/amplitude.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace astrom3 {

double quantile_of_sorted(std::span<const double> sorted, double q) {
  const double position = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  const double fraction = position - static_cast<double>(below);
  return sorted[below] + (sorted[above] - sorted[below]) * fraction;
}

double percentile_amplitude(std::span<const double> mag) {
  if (mag.size() < 2) return 0;
  std::vector<double> sorted(mag.begin(), mag.end());
  std::sort(sorted.begin(), sorted.end());
  return quantile_of_sorted(sorted, 0.975) - quantile_of_sorted(sorted, 0.025);
}

}  // namespace astrom3
