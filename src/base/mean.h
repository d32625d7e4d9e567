// SPDX-License-Identifier: MIT
//
// The mean.
#pragma once

#include <cmath>
#include <span>

namespace astrom3 {

/// Compensated (Neumaier) mean: at least as accurate as numpy's pairwise sum, in a fixed order.
inline double mean_of(std::span<const double> values) {
  double sum = 0, lost = 0;
  for (const double v : values) {
    const double next = sum + v;
    lost += std::fabs(sum) >= std::fabs(v) ? (sum - next) + v : (v - next) + sum;
    sum = next;
  }
  const auto n = static_cast<double>(values.size());
  if (std::isfinite(sum + lost)) return (sum + lost) / n;
  double scaled = 0;  // the sum has overflowed, but the mean fits double
  for (const double v : values) scaled += v / n;
  return scaled;
}

}  // namespace astrom3
