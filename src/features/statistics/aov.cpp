// SPDX-License-Identifier: MIT
//
// Method aov: the multi-harmonic analysis of variance of Schwarzenberg-Czerny 1996, ApJ 460, L107, equation
// 11,
//
//   Theta(f) = (N - 2K - 1) sum |c_n|^2 / (2K ((x, x) - sum |c_n|^2)),    n = 0 .. 2K
//
// where c_n are the components of the observations x (about their mean) along polynomials that are orthogonal
// on the times. They span the mean and K harmonics, so that sum |c_n|^2 / (x, x) is the share P that gls with
// K terms explains: the sums are shared, and no polynomials are needed.
#include <algorithm>
#include <limits>
#include <memory>

#include "astrom3/features/period_statistics.h"
#include "features/statistics/harmonic_power.h"
#include "features/statistics/statistic.h"

namespace astrom3 {
namespace {

constexpr const char* kAovOptions[] = {"terms"};

std::unique_ptr<StatisticPlan> prepare_aov(const StatisticInput& input, const PeriodStatisticOptions& o) {
  const auto n = static_cast<double>(input.time.size()), k = static_cast<double>(o.terms);
  const double degrees = (n - 2 * k - 1) / (2 * k);
  // A perfect fit would have an infinite value. The variance that is left is therefore taken to be at least
  // one rounding.
  return plan_separate_bands(input, o.terms, o.isa, [degrees](double p) {
    return degrees * p / std::max(1 - p, std::numeric_limits<double>::epsilon());
  });
}

}  // namespace

const StatisticMethod kAov{
    .method = PeriodStatistic::aov,
    .word = "aov",
    .value_name = "analysis of variance",
    .options = kAovOptions,
    .fewest_observations = [](const PeriodStatisticOptions& o) { return 2 * o.terms + 2; },
    .prepare = prepare_aov};

}  // namespace astrom3
