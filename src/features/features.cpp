// SPDX-License-Identifier: MIT
#include "astrom3/features/features.h"

#include <cmath>
#include <cstddef>
#include <string_view>

#include "astrom3/base/error.h"
#include "astrom3/base/flags.h"
#include "astrom3/features/period_search.h"
#include "astrom3/features/scaling.h"
#include "astrom3/light_curve.h"
#include "features/amplitude.h"
#include "features/fold.h"
#include "features/lafler_kinman.h"
#include "features/magnitudes.h"
#include "features/rfr_score.h"

namespace astrom3 {
namespace {

constexpr std::size_t kFewest = 3;  // usable magnitudes; two are always "smooth"

double& value_of(Features& features, Feature feature) {
  return features.value[static_cast<std::size_t>(feature)];
}

bool is_possible(Feature feature, double value) {
  if (!std::isfinite(value)) return false;
  if (feature == Feature::period) return value > 0;
  return feature != Feature::amplitude || value >= 0;
}

/// Puts the given values in place of measured ones. Returns false when one of them is impossible.
bool take_overrides(const FeatureOverrides& overrides, const Scaling& scaling, Features& features) {
  for (std::size_t i = 0; i < kFeatureCount; ++i) {
    if (!overrides[i]) continue;
    const auto feature = static_cast<Feature>(i);
    const FeatureOverride& given = *overrides[i];
    features.source[i] = given.source;
    if (given.source == FeatureSource::set) features.flags.set(Flag::feature_set);
    if (given.standardised) {
      if (!std::isfinite(given.value)) return false;
      features.standardised[i] = given.value;
      // A z-score far outside the training range may have a negative raw value: it is not checked.
      features.value[i] = scaling.raw(feature, given.value);
      if (!std::isfinite(features.value[i])) return false;
    } else {
      features.value[i] = given.value;
      if (!is_possible(feature, given.value)) return false;
    }
  }
  return true;
}

/// Searches the period. The status is grid_too_fine where the search would take too long. A star that cannot
/// be searched gets the longest period of the options.
Status measure_period(const LightCurve& light_curve, const Magnitudes& magnitudes,
                      const PeriodOptions& options, Features& features) {
  const Status status =
      find_period(magnitudes.time, magnitudes.mag, magnitudes.mag_err, options, features.period_result);
  if (status == Status::grid_too_fine) return status;
  if (status == Status::ok) {
    value_of(features, Feature::period) = features.period_result.period;
    features.flags.set(features.period_result.flags);
  } else {
    value_of(features, Feature::period) =
        longest_period(options, light_curve.time.back() - light_curve.time.front());
    features.flags.set(Flag::aperiodic);
  }
  return Status::ok;
}

/// Observations in order of phase, or in order of time if there is no period.
void order_observations(const Magnitudes& magnitudes, const Features& features, FoldedLightCurve& folded) {
  // Without a scaling a period may be given as a z-score, which may be negative: there is no phase then.
  if (!features.flags.has(Flag::aperiodic) && features[Feature::period] > 0) {
    fold(magnitudes.time, magnitudes.mag, features[Feature::period], folded);
    return;
  }
  folded.phase = magnitudes.time;
  folded.mag = magnitudes.mag;
}

}  // namespace

std::string_view feature_source_name(FeatureSource source) noexcept {
  switch (source) {
    case FeatureSource::computed:
      return "computed";
    case FeatureSource::catalog:
      return "catalog";
    case FeatureSource::set:
      return "set";
  }
  return "unknown";
}

Status compute_features(const LightCurve& light_curve, const FeatureOptions& options,
                        const FeatureOverrides& overrides, const Scaling& scaling, Features& features) {
  features = {};
  if (light_curve.size() == 0) return Status::no_points;
  if (!take_overrides(overrides, scaling, features)) return Status::bad_aux;
  const auto is_given = [&](Feature f) { return overrides[static_cast<std::size_t>(f)].has_value(); };

  const Magnitudes magnitudes = to_magnitudes(light_curve);
  if (magnitudes.n_nonpositive > 0) features.flags.set(Flag::nonpositive_flux);
  if (!is_given(Feature::amplitude)) {
    value_of(features, Feature::amplitude) = percentile_amplitude(magnitudes.mag);
  }
  if (!is_given(Feature::period)) {
    const Status status = measure_period(light_curve, magnitudes, options.period, features);
    if (status != Status::ok) return status;
  }
  if (is_given(Feature::lksl_statistic) && is_given(Feature::rfr_score)) return Status::ok;

  FoldedLightCurve folded;
  order_observations(magnitudes, features, folded);
  double T = 1;  // the value of noise; a light curve without variation gets it, too
  const bool is_measured = folded.mag.size() >= kFewest && lafler_kinman(folded.mag, T) == Status::ok;
  if (!is_measured) features.flags.set(Flag::aperiodic);
  if (!is_given(Feature::lksl_statistic)) value_of(features, Feature::lksl_statistic) = T;
  if (is_given(Feature::rfr_score)) return Status::ok;
  if (!is_measured) {
    value_of(features, Feature::rfr_score) = 0;
  } else if (options.rfr == RfrMethod::forest) {
    value_of(features, Feature::rfr_score) = rfr_score_from_forest(folded);
  } else {
    value_of(features, Feature::rfr_score) = rfr_score_from_lksl(features[Feature::lksl_statistic]);
  }
  return Status::ok;
}

}  // namespace astrom3
