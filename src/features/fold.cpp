// SPDX-License-Identifier: MIT
#include "features/fold.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace astrom3 {

void fold(std::span<const double> time, std::span<const double> mag, double period_days,
          FoldedLightCurve& folded) {
  struct Point {
    double phase;
    std::size_t index;
  };
  std::vector<Point> points(time.size());
  for (std::size_t i = 0; i < points.size(); ++i) {
    // A full Julian date divided by a short period has too few digits left for the phase; a difference has
    // enough.
    const double cycles = (time[i] - time[0]) / period_days;
    const double phase = cycles - std::floor(cycles);
    points[i] = {phase < 1 ? phase : 0, i};
  }
  std::sort(points.begin(), points.end(), [](const Point& a, const Point& b) {
    return a.phase != b.phase ? a.phase < b.phase : a.index < b.index;
  });
  folded.phase.resize(points.size());
  folded.mag.resize(points.size());
  for (std::size_t i = 0; i < points.size(); ++i) {
    folded.phase[i] = points[i].phase;
    folded.mag[i] = mag[points[i].index];
  }
}

}  // namespace astrom3
