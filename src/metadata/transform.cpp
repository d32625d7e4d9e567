// SPDX-License-Identifier: MIT
//
// The numbers of one row: all transformed, then all standardised.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <span>
#include <string>
#include <string_view>

#include "astrom3/base/error.h"
#include "astrom3/metadata/metadata.h"

namespace astrom3 {
namespace {

constexpr double kFarOut = 10;  // standard deviations; nothing of the training data is there

double transformed(Transform transform, double value, double distance_term) {
  constexpr double kRadians = std::numbers::pi / 180;
  switch (transform) {
    case Transform::absolute:
      return value + distance_term;
    case Transform::cosine:
      return std::cos(value * kRadians);
    case Transform::sine:
      return std::sin(value * kRadians);
    default:
      return value;
  }
}

}  // namespace

std::string_view transform_name(Transform transform) noexcept {
  constexpr std::array<std::string_view, 4> kNames{"", "abs", "cos", "sin"};
  return kNames[static_cast<std::size_t>(transform)];
}

std::string MetadataScaling::described() const {
  std::string text;
  for (std::size_t i = 0; i < columns.size(); ++i)
    text += fmt::format("{} {}({:a},{:a});", columns[i], transform_name(transforms[i]), mean[i], std[i]);
  return text;
}

MetadataRow standardise_metadata(const MetadataScaling& scaling, std::span<const double> raw, double parallax,
                                 const MetadataOptions& options) {
  MetadataRow row;
  const bool is_far = !(parallax > 0);
  const double distance_term = 5 * std::log10(is_far ? 1.0 : parallax) - 10;
  bool uses_parallax = false;
  for (std::size_t i = 0; i < scaling.columns.size(); ++i) {
    const std::string& column = scaling.columns[i];
    uses_parallax = uses_parallax || scaling.transforms[i] == Transform::absolute;
    const bool is_missing =
        std::isnan(raw[i]) || (scaling.transforms[i] == Transform::absolute && std::isnan(parallax));
    if (is_missing && !options.impute_mean) {
      row.status = Status::missing_value;
      row.message = fmt::format("column {} has no value{}", column,
                                std::isnan(raw[i]) ? "" : ": there is no parallax to make it absolute");
      row.x.clear();
      return row;
    }
    if (is_missing) row.flags.push_back("imputed:" + column);
    const double z =
        is_missing
            ? 0
            : (transformed(scaling.transforms[i], raw[i], distance_term) - scaling.mean[i]) / scaling.std[i];
    if (!(std::fabs(z) <= static_cast<double>(std::numeric_limits<float>::max()))) {
      row.status = Status::overflow_float32;
      row.message = fmt::format("column {}: {} becomes {}, beyond float32", column, raw[i], z);
      row.x.clear();
      return row;
    }
    if (std::fabs(z) > kFarOut) row.flags.push_back(fmt::format("out_of_range:{}={:.1f}", column, z));
    row.x.push_back(static_cast<float>(z));
  }
  if (uses_parallax && is_far && !std::isnan(parallax)) {
    row.flags.emplace_back("parallax_not_positive");
    std::rotate(row.flags.begin(), row.flags.end() - 1, row.flags.end());  // it comes first
  }
  return row;
}

}  // namespace astrom3
