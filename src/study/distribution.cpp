// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "astrom3/study/study.h"

namespace astrom3 {

Distribution describe(std::vector<double> values) {
  Distribution d{.n = values.size()};
  if (values.empty()) return d;
  std::sort(values.begin(), values.end());  // sums in a fixed order, whatever the order of objects
  const auto n = static_cast<double>(d.n);
  d.mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double variance = 0;
  for (const double v : values) variance += (v - d.mean) * (v - d.mean) / n;
  d.std = std::sqrt(variance);
  d.min = values.front();
  d.max = values.back();
  d.median = (values[(d.n - 1) / 2] + values[d.n / 2]) / 2;
  return d;
}

}  // namespace astrom3
