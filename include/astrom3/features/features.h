// SPDX-License-Identifier: MIT
//
// The four features that the encoder is given, measured on the light curve itself.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "astrom3/base/error.h"
#include "astrom3/base/flags.h"
#include "astrom3/features/period_search.h"
#include "astrom3/features/scaling.h"
#include "astrom3/light_curve.h"

namespace astrom3 {

enum class FeatureSource : std::uint8_t { computed, catalog, set };
std::string_view feature_source_name(FeatureSource source) noexcept;

/// rfr_score as 1 - 0.505 * lksl_statistic (line), or from a random forest (see rfr_score.h).
enum class RfrMethod : std::uint8_t { line, forest };

/// A value that is given, not computed.
struct FeatureOverride {
  double value = 0;
  bool standardised = false;  ///< true: already in the encoder's units ("z:0.392")
  FeatureSource source = FeatureSource::set;
};

/// One optional override for each feature, in the order of enum Feature.
using FeatureOverrides = std::array<std::optional<FeatureOverride>, kFeatureCount>;

struct FeatureOptions {
  PeriodOptions period{};
  RfrMethod rfr = RfrMethod::line;
};

/// Raw units: amplitude [mag], period [d], lksl_statistic and rfr_score dimensionless.
/// rfr, and the options of the period search.
void declare_options(FeatureOptions& options, OptionTable& table);
/// set.
void declare_options(FeatureOverrides& overrides, OptionTable& table);

struct Features {
  std::array<double, kFeatureCount> value{};
  std::array<FeatureSource, kFeatureCount> source{};
  /// The value in the encoder's units, if it was given in them; then `value` is its raw equivalent.
  std::array<std::optional<double>, kFeatureCount> standardised{};
  PeriodResult period_result;  ///< filled when the period was computed
  Flags flags;

  double operator[](Feature feature) const noexcept { return value[static_cast<std::size_t>(feature)]; }
};

/// Measures the features that `overrides` does not give.
///
/// light_curve  cleaned by clean(); magnitudes are -2.5 log10(flux), observations with flux <= 0
///              are left out (flag nonpositive_flux)
/// scaling      converts overrides in standardised units back to raw ones
/// Status       bad_aux when an override is not finite, a period is <= 0 or an amplitude < 0; grid_too_fine
///              when the period search would take too long. The features are never NaN: with fewer than 3
///              usable magnitudes or no variation they have limiting values (period = period_max,
///              lksl_statistic = 1, rfr_score = 0, amplitude as measured or 0) and the flag aperiodic
/// Thread-safe; the same bits on every call.
Status compute_features(const LightCurve& light_curve, const FeatureOptions& options,
                        const FeatureOverrides& overrides, const Scaling& scaling, Features& features);

}  // namespace astrom3
