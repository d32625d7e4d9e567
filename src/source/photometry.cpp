// SPDX-License-Identifier: MIT
#include "source/photometry.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string_view>

#include "astrom3/light_curve.h"
#include "astrom3/source/source.h"

namespace astrom3 {
namespace {

constexpr double kAsassnVZeroPointJy = 3836.3;

constexpr std::array<std::string_view, 12> kAbBands{"u",  "g",  "r",  "i",     "z",     "y",
                                                    "zg", "zr", "zi", "ZTF_g", "ZTF_r", "ZTF_i"};

}  // namespace

std::optional<double> default_zero_point_jy(std::string_view band) noexcept {
  if (band == "V") return kAsassnVZeroPointJy;
  return is_ab_band(band) ? std::optional(kAbZeroPointJy) : std::nullopt;
}

bool is_ab_band(std::string_view band) noexcept {
  return std::find(kAbBands.begin(), kAbBands.end(), band) != kAbBands.end();
}

FluxWithError flux_from_magnitude(double mag, double mag_err, double zero_point_jy) noexcept {
  const double flux = 1e3 * zero_point_jy * std::pow(10.0, -0.4 * mag);
  return {flux, kFluxPerMagnitude * flux * mag_err};
}

double mjy_per_count(double zero_point) noexcept {
  return 1e3 * kAbZeroPointJy * std::pow(10.0, -0.4 * zero_point);
}

double mjy_per_unit(FluxUnit unit) noexcept {
  switch (unit) {
    case FluxUnit::nJy:
      return 1e-6;
    case FluxUnit::uJy:
      return 1e-3;
    case FluxUnit::mJy:
      return 1;
    case FluxUnit::Jy:
      return 1e3;
    case FluxUnit::AB27_5:
      return kMjyPerAb27_5;
  }
  return 1;
}

}  // namespace astrom3
