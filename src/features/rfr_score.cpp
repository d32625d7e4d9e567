// SPDX-License-Identifier: MIT
#include "features/rfr_score.h"

#include <cstddef>
#include <numeric>
#include <vector>

#include "features/fold.h"
#include "features/forest.h"

namespace astrom3 {
namespace {

constexpr double kSlope = 0.505;  // fitted to the catalogue with the intercept held at 1

}  // namespace

double rfr_score_from_lksl(double lksl_statistic) noexcept {
  return 1 - kSlope * lksl_statistic;
}

double rfr_score_from_forest(const FoldedLightCurve& folded) {
  const std::vector<double>& mag = folded.mag;
  if (mag.size() < 2) return 0;
  std::vector<double> prediction;
  forest_predict(folded.phase, mag, {}, prediction);
  const double mean = std::accumulate(mag.begin(), mag.end(), 0.0) / static_cast<double>(mag.size());
  double residual = 0, total = 0;
  for (std::size_t i = 0; i < mag.size(); ++i) {
    residual += (mag[i] - prediction[i]) * (mag[i] - prediction[i]);
    total += (mag[i] - mean) * (mag[i] - mean);
  }
  return total > 0 ? 1 - residual / total : 0;
}

}  // namespace astrom3
