// SPDX-License-Identifier: MIT
//
// Method gls: the generalised Lomb-Scargle power of one or several terms, of one or several bands.
#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>

#include "astrom3/features/period_statistics.h"
#include "features/statistics/harmonic_power.h"
#include "features/statistics/statistic.h"

namespace astrom3 {
namespace {

constexpr const char* kGlsOptions[] = {"terms", "base-terms", "normalization"};

/// A perfect fit would have an infinite power in the normalisations "model" and "log". The variance that a
/// fit leaves is therefore taken to be at least one rounding.
constexpr double kLeastRest = std::numeric_limits<double>::epsilon();

OfShare normalization_of(Normalization normalization, double chi2) {
  switch (normalization) {
    case Normalization::model:
      return [](double p) { return p / std::max(1 - p, kLeastRest); };
    case Normalization::log:
      return [](double p) { return -std::log1p(-std::min(p, 1 - kLeastRest)); };
    case Normalization::psd:
      return [chi2](double p) { return 0.5 * chi2 * p; };
    default:
      return [](double p) { return p; };
  }
}

std::unique_ptr<StatisticPlan> prepare_gls(const StatisticInput& input, const PeriodStatisticOptions& o) {
  OfShare of_share = normalization_of(o.normalization, input.chi2);
  if (o.base_terms > 0) return plan_shared_shape(input, o.base_terms, o.terms, o.isa, std::move(of_share));
  return plan_separate_bands(input, o.terms, o.isa, std::move(of_share));
}

}  // namespace

const StatisticMethod kGls{
    .method = PeriodStatistic::gls,
    .word = "gls",
    .value_name = "power",
    .takes_bands = true,
    .options = kGlsOptions,
    .fewest_observations =
        [](const PeriodStatisticOptions& o) { return 2 * std::max(o.terms, o.base_terms) + 1; },
    .prepare = prepare_gls};

}  // namespace astrom3
