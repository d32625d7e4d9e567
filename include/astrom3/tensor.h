// SPDX-License-Identifier: MIT
//
// A light curve as the encoder sees it: T rows of 9 channels and a mask.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "astrom3/base/error.h"
#include "astrom3/features/features.h"
#include "astrom3/features/scaling.h"
#include "astrom3/light_curve.h"

namespace astrom3 {

class OptionTable;

/// Column order of x_enc; upstream's names.
enum class Channel : std::uint8_t {
  time,
  flux,
  flux_err,
  amplitude,
  period,
  lksl_statistic,
  rfr_score,
  log10_mad,
  delta_t
};
inline constexpr std::size_t kChannels = 9;
/// Upstream's year, in the definition of channel delta_t.
inline constexpr double kDaysPerYear = 365.0;

/// zeros: all nine channels of a padded row are 0 (the published inference path).
/// aux:   the auxiliary channels 3-8 keep their values in padded rows (upstream's older training code).
enum class Padding : std::uint8_t { zeros, aux };

struct TensorOptions {
  std::size_t n_steps = 200;  ///< T, the checkpoint's seq_len
  Padding padding = Padding::zeros;
};

/// padding; n_steps is the checkpoint's.
void declare_options(TensorOptions& options, OptionTable& table);

/// What build_tensor() reports about the tensor.
struct TensorSummary {
  std::size_t n_used = 0;  ///< rows with mask 1
  double log10_mad = 0;    ///< channel 7
  double delta_t = 0;      ///< channel 8: (tmax - tmin) / 365
  Flags flags;             ///< cropped, out_of_range_feature, aux_out_of_range
};

/// The part that is known before the tensor is built: its channels 7 and 8.
TensorSummary summarise_channels(const LightCurveSummary& summary);

/// Scales, crops (start = (N - T) / 2) or pads, and casts to float32 as the very last step.
///
///   time = (t - tmin) / (tmax - tmin)   flux = (f - mean) / MAD   flux_err = e / MAD
///   channels 3-6 = features standardised by `scaling`, 7 = log10(MAD), 8 = (tmax - tmin) / 365
///
/// x_enc   [T, 9] row-major, written   mask [T], written: 1 observed, 0 padding
/// Status  overflow_float32, bad_aux; then x_enc and mask are zero
/// Source  the published model card's recipe; statistics over all observations, before the crop.
Status build_tensor(const LightCurve& light_curve, const LightCurveSummary& summary, const Features& features,
                    const Scaling& scaling, const TensorOptions& options, std::span<float> x_enc,
                    std::span<float> mask, TensorSummary& tensor_summary);

/// Makes a tensor of rows that already have the nine channels, as in AstroM3Processed: of the middle T rows,
/// or of all rows and zero rows behind them. T is mask.size().
///
/// rows   [N, 9]   x_enc  [T, 9], written   mask  [T], written
void place_rows(std::span<const float> rows, std::span<float> x_enc, std::span<float> mask);

}  // namespace astrom3
