// SPDX-License-Identifier: MIT
#include "features/lafler_kinman.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "astrom3/base/error.h"

namespace astrom3 {

Status lafler_kinman(std::span<const double> mag, double& T) noexcept {
  if (mag.size() < 2) return Status::too_few_points;
  const auto [low, high] = std::minmax_element(mag.begin(), mag.end());
  if (*low == *high) return Status::mad_zero;  // else the rounding of the mean would leave a tiny variance

  const auto n = static_cast<double>(mag.size());
  double mean = 0;
  for (const double m : mag) mean += (m - mag[0]) / n;  // differences are exact also for 15 mag +- 1e-9
  mean += mag[0];

  double steps = 0, variance = 0;
  double previous = mag.back();  // the first term is the step from the last point to the first
  for (const double m : mag) {
    steps += (m - previous) * (m - previous);
    variance += (m - mean) * (m - mean);
    previous = m;
  }
  if (!(variance > 0)) return Status::mad_zero;
  T = steps / variance * (n - 1) / (2 * n);
  return Status::ok;
}

}  // namespace astrom3
