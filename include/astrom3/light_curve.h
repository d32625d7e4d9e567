// SPDX-License-Identifier: MIT
//
// A light curve, and the cleaning every light curve goes through before anything is computed.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/flags.h"

namespace astrom3 {

class OptionTable;

/// One star in one band. Three columns of equal length [N].
struct LightCurve {
  std::vector<double> time;      ///< days, any zero point
  std::vector<double> flux;      ///< mJy
  std::vector<double> flux_err;  ///< mJy, one sigma

  std::size_t size() const noexcept { return time.size(); }
};

/// |dF / F| for one magnitude, 0.4 ln(10).
inline constexpr double kFluxPerMagnitude = 0.92103403719761834;

enum class NonfinitePolicy { reject, drop };
enum class MadZeroPolicy { reject, standard_deviation, mean_absolute_deviation };

struct CleaningOptions {
  std::size_t min_points = 2;
  NonfinitePolicy nonfinite = NonfinitePolicy::reject;  ///< drop: remove the observation, count it
  bool allow_negative_error = false;
  MadZeroPolicy on_mad_zero = MadZeroPolicy::reject;  ///< otherwise flagged nonstandard_scale
  double error_floor_mag = 0;  ///< added in quadrature: err^2 += (kFluxPerMagnitude * flux * floor)^2
};

/// Declares min-points, nonfinite, allow-negative-error, on-mad-zero, error-floor.
void declare_options(CleaningOptions& options, OptionTable& table);

/// The results of cleaning. Statistics are over all cleaned observations, before any crop.
struct LightCurveSummary {
  std::size_t n_raw = 0;         ///< observations given
  std::size_t n_nonfinite = 0;   ///< dropped because not finite
  std::size_t n_duplicates = 0;  ///< dropped because the whole row repeats another
  std::size_t n_clean = 0;       ///< observations left
  double mean_flux = 0;          ///< mJy, plain mean
  double mad_flux = 0;           ///< mJy, median(|f - median f|), unscaled
  double time_min = 0;           ///< days
  double time_max = 0;           ///< days
  Flags flags;
};

/// The hint for errors below zero: a value that is repeated stands for "not measured".
///
/// error  as the table has it; 0: not known        n  how often it occurs
Hint hint_for_negative_error(double error, std::size_t n);

/// Whether people write `value` for "not measured": nines (99, 99.99, 9.999, -999, 29.999), one digit three
/// times or more (-777, 88.88), -1, -9, 0, 100, 1000, the limits of integer types, 1e15 and beyond. Such a
/// number is suspicious only if it lies far from all others.
bool is_sentinel(double value) noexcept;

/// Whether the times seem to have gone through float32, which keeps an MJD to 5.6 minutes and a JD to 6
/// hours.
///
/// Either all times are float32 values, and at least an eighth of them use the last bit: whole and half days,
/// and 58000.25, do not. Or an offset was subtracted afterwards: ten or more times lie on a grid of 2^-j d
/// from the first one, finer than 1/8 d, and are not evenly sampled themselves. In both cases the spacing is
/// coarse: a minute or more, or a quarter of the usual step between observations.
///
/// time  [N] in ascending order. False for N < 3.
bool has_float32_times(std::span<const double> time);

/// Whether the times lie in two groups that are as far apart as two time systems.
///
/// The largest gap is above 36525 d, as between BTJD and MJD; or the first time is exactly 0 or another
/// number for "missing" (-1, -99, ...), and stands alone; or BTJD or BKJD is mixed with JD - 2450000: moving
/// one group by the known difference, 7000 or 4833 d, puts it on the other, and the gap is much longer.
///
/// time  [N] in ascending order
bool has_mixed_time_systems(std::span<const double> time);

/// Cleans `light_curve` in place: finite check, error >= 0, exact duplicate rows dropped (all of
/// time, flux and error equal; -0.0 equals 0.0), stable sort by (time, flux, error), statistics.
///
/// Status  the first check that fails, in the order of docs: length_mismatch, no_points,
///         too_many_points (10^7), nonfinite_time, nonfinite_flux, nonfinite_flux_err,
///         negative_error, too_few_points, zero_time_span, implausible_time_span (200 yr),
///         mad_zero, mad_too_small. The light curve is then in an unspecified valid state.
/// Cost    O(N log N); thread-safe on distinct light curves.
/// Source  AstroM3's preprocess_lc: duplicates are whole rows, statistics come before the crop.
Status clean(LightCurve& light_curve, const CleaningOptions& options, LightCurveSummary& summary);

}  // namespace astrom3
