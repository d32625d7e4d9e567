// SPDX-License-Identifier: MIT
#include "features/magnitudes.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "astrom3/light_curve.h"

namespace astrom3 {
namespace {

constexpr double kMagPerRelativeFlux = 1.0857362047581296;  // 2.5 / ln 10

}  // namespace

Magnitudes to_magnitudes(const LightCurve& light_curve) {
  Magnitudes out;
  for (std::size_t i = 0; i < light_curve.size(); ++i) {
    const double flux = light_curve.flux[i];
    if (!(flux > 0)) {
      ++out.n_nonpositive;
      continue;
    }
    // The error of a denormal flux may be beyond the largest double; it still has to be finite.
    const double error = kMagPerRelativeFlux * (std::fabs(light_curve.flux_err[i]) / flux);
    out.time.push_back(light_curve.time[i]);
    out.mag.push_back(-2.5 * std::log10(flux));
    out.mag_err.push_back(std::min(error, std::numeric_limits<double>::max()));
  }
  return out;
}

}  // namespace astrom3
