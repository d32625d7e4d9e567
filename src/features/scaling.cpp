// SPDX-License-Identifier: MIT
//
// The scaling of channels 3-6: its formula, and the numbers of the published checkpoints.
#include "astrom3/features/scaling.h"

#include <cmath>
#include <cstddef>
#include <string_view>

#include "features/feature_index.h"

namespace astrom3 {

std::string_view feature_name(Feature feature) noexcept {
  switch (feature) {
    case Feature::amplitude:
      return "amplitude";
    case Feature::period:
      return "period";
    case Feature::lksl_statistic:
      return "lksl_statistic";
    case Feature::rfr_score:
      return "rfr_score";
  }
  return "unknown";
}

double Scaling::standardise(Feature feature, double raw) const noexcept {
  if (none) return raw;
  const std::size_t i = index_of(feature);
  return ((log10[i] ? std::log10(raw) : raw) - mean[i]) / std[i];
}

double Scaling::raw(Feature feature, double standardised) const noexcept {
  if (none) return standardised;
  const std::size_t i = index_of(feature);
  const double value = standardised * std[i] + mean[i];
  return log10[i] ? std::pow(10.0, value) : value;
}

Scaling published_scaling() {
  // Computed from values before and after the scaling that upstream's notebooks print; six decimals are
  // certain.
  Scaling scaling;
  scaling.mean = {0.487811, 0.364447, 0.331266, 0.836659};
  scaling.std = {0.467233, 1.061539, 0.271529, 0.138315};
  scaling.source = "published";
  return scaling;
}

Scaling no_scaling() {
  Scaling scaling;
  scaling.none = true;
  scaling.log10 = {};
  scaling.source = "none";
  return scaling;
}

bool are_same(const Scaling& a, const Scaling& b) noexcept {
  return a.none == b.none && (a.none || (a.mean == b.mean && a.std == b.std && a.log10 == b.log10));
}

}  // namespace astrom3
