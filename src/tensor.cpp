// SPDX-License-Identifier: MIT
#include "astrom3/tensor.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>

#include "astrom3/base/error.h"
#include "astrom3/base/flags.h"
#include "astrom3/base/option.h"
#include "astrom3/features/features.h"
#include "astrom3/features/scaling.h"
#include "astrom3/light_curve.h"

namespace astrom3 {
namespace {

// Far outside what ASAS-SN V light curves have (log10 of mJy about -2..2, two to six years).
constexpr double kExtremeLog10Mad = 5;
constexpr double kShortestYears = 0.05;
constexpr double kLongestYears = 30;
constexpr double kExtremeZ = 6;  // |z| beyond this did not occur in training
constexpr std::size_t kFirstScalar = static_cast<std::size_t>(Channel::amplitude);
constexpr std::size_t kScalars = kChannels - kFirstScalar;  // channels 3..8: the same in every row

/// Casts to float32; false when the value does not fit. Checked before the cast, because a
/// conversion out of range is undefined behaviour.
bool narrow(double value, float& out) {
  if (!(std::fabs(value) <= static_cast<double>(std::numeric_limits<float>::max()))) return false;
  out = static_cast<float>(value);
  return true;
}

/// Channels 3-8 in float64; false when a standardised feature is not finite.
bool scalar_channels(const Features& features, const Scaling& scaling, std::array<double, kScalars>& scalars,
                     TensorSummary& summary) {
  for (std::size_t i = 0; i < kFeatureCount; ++i) {
    const bool given = features.standardised[i].has_value();
    const double z =
        given ? *features.standardised[i] : scaling.standardise(static_cast<Feature>(i), features.value[i]);
    if (!std::isfinite(z)) return false;
    if ((given || !scaling.none) && std::fabs(z) > kExtremeZ) summary.flags.set(Flag::aux_out_of_range);
    scalars[i] = z;
  }
  if (!(std::fabs(summary.log10_mad) <= kExtremeLog10Mad) ||
      !(summary.delta_t >= kShortestYears && summary.delta_t <= kLongestYears)) {
    summary.flags.set(Flag::out_of_range_feature);
  }
  scalars[kFeatureCount] = summary.log10_mad;
  scalars[kFeatureCount + 1] = summary.delta_t;
  return true;
}

/// Writes rows first .. first + n_rows of the light curve; false when a value overflows.
bool write_rows(const LightCurve& lc, const LightCurveSummary& summary, std::size_t first, std::size_t n_rows,
                const std::array<float, kScalars>& scalars, std::span<float> x_enc) {
  const double span_days = summary.time_max - summary.time_min;
  bool fits = true;
  for (std::size_t row = 0; row < n_rows; ++row) {
    const std::size_t i = first + row;
    float* x = &x_enc[row * kChannels];
    fits &= narrow((lc.time[i] - summary.time_min) / span_days, x[0]);
    fits &= narrow((lc.flux[i] - summary.mean_flux) / summary.mad_flux, x[1]);
    fits &= narrow(lc.flux_err[i] / summary.mad_flux, x[2]);
    std::copy(scalars.begin(), scalars.end(), x + kFirstScalar);
  }
  return fits;
}

Status reject(Status status, std::span<float> x_enc, std::span<float> mask) {
  std::fill(x_enc.begin(), x_enc.end(), 0.0f);
  std::fill(mask.begin(), mask.end(), 0.0f);
  return status;
}

}  // namespace

TensorSummary summarise_channels(const LightCurveSummary& summary) {
  return {.n_used = 0,
          .log10_mad = std::log10(summary.mad_flux),
          .delta_t = (summary.time_max - summary.time_min) / kDaysPerYear,
          .flags = {}};
}

Status build_tensor(const LightCurve& light_curve, const LightCurveSummary& summary, const Features& features,
                    const Scaling& scaling, const TensorOptions& options, std::span<float> x_enc,
                    std::span<float> mask, TensorSummary& tensor_summary) {
  const std::size_t n_steps = options.n_steps;
  if (x_enc.size() != n_steps * kChannels || mask.size() != n_steps) {
    throw Error(Status::usage, "build_tensor: x_enc must hold n_steps * 9 values and mask n_steps");
  }
  tensor_summary = summarise_channels(summary);
  if (light_curve.size() == 0) return reject(Status::no_points, x_enc, mask);

  std::array<double, kScalars> scalars64{};
  if (!scalar_channels(features, scaling, scalars64, tensor_summary)) {
    return reject(Status::bad_aux, x_enc, mask);
  }

  // The statistics above are over all observations: the crop comes after the scaling, so that the
  // time of a cropped light curve does not span [0, 1].
  const std::size_t n_rows = std::min(light_curve.size(), n_steps);
  const std::size_t first = (light_curve.size() - n_rows) / 2;
  if (light_curve.size() > n_steps) tensor_summary.flags.set(Flag::cropped);

  std::array<float, kScalars> scalars{};
  bool fits = true;
  for (std::size_t i = 0; i < kScalars; ++i) fits &= narrow(scalars64[i], scalars[i]);
  fits = fits && write_rows(light_curve, summary, first, n_rows, scalars, x_enc);
  if (!fits) return reject(Status::overflow_float32, x_enc, mask);

  std::fill(x_enc.begin() + static_cast<std::ptrdiff_t>(n_rows * kChannels), x_enc.end(), 0.0f);
  if (options.padding == Padding::aux) {
    for (std::size_t row = n_rows; row < n_steps; ++row) {
      std::copy(scalars.begin(), scalars.end(), &x_enc[row * kChannels + kFirstScalar]);
    }
  }
  std::fill_n(mask.begin(), n_rows, 1.0f);
  std::fill(mask.begin() + static_cast<std::ptrdiff_t>(n_rows), mask.end(), 0.0f);
  tensor_summary.n_used = n_rows;
  return Status::ok;
}

void place_rows(std::span<const float> rows, std::span<float> x_enc, std::span<float> mask) {
  const std::size_t n_rows = rows.size() / kChannels;
  const std::size_t used = std::min(n_rows, mask.size());
  const auto middle = rows.subspan((n_rows - used) / 2 * kChannels, used * kChannels);
  std::fill(x_enc.begin(), x_enc.end(), 0.0f);
  std::copy(middle.begin(), middle.end(), x_enc.begin());
  std::fill(mask.begin(), mask.end(), 0.0f);
  std::fill_n(mask.begin(), used, 1.0f);
}

void declare_options(TensorOptions& o, OptionTable& table) {
  static constexpr Word<Padding> kPaddings[] = {{"zeros", Padding::zeros}, {"aux", Padding::aux}};
  GroupOfOptions options = table.in(option_groups::kTensor);
  options.add("padding", o.padding, kPaddings,
              "rows of padding: zeros, or aux (channels 3 to 8 keep their values)");
}

}  // namespace astrom3
