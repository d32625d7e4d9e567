// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <random>
#include <vector>

#include "astrom3/features/features.h"
#include "features/amplitude.h"
#include "features/magnitudes.h"

namespace astrom3 {
namespace {

/// A star of 15 mJy whose magnitude follows a sine of `period` days, and a little noise.
LightCurve sine_star(std::size_t n, double period, double noise_mag = 0.01) {
  std::mt19937_64 rng(11);
  std::uniform_real_distribution<double> uniform(0, 1);
  std::normal_distribution<double> normal(0, 1);
  LightCurve lc;
  for (std::size_t i = 0; i < n; ++i) lc.time.push_back(2457000 + 1000 * uniform(rng));
  std::sort(lc.time.begin(), lc.time.end());
  for (const double t : lc.time) {
    const double mag = 0.3 * std::sin(2 * std::numbers::pi * t / period) + noise_mag * normal(rng);
    lc.flux.push_back(15 * std::pow(10, -0.4 * mag));
    lc.flux_err.push_back(0.921034 * lc.flux.back() * noise_mag);
  }
  return lc;
}

Features features_of(const LightCurve& lc, const FeatureOptions& options = {},
                     const FeatureOverrides& overrides = {}, const Scaling& scaling = published_scaling()) {
  Features features;
  EXPECT_EQ(compute_features(lc, options, overrides, scaling, features), Status::ok);
  for (const double v : features.value) EXPECT_TRUE(std::isfinite(v));
  return features;
}

TEST(Amplitude, IsTheLinearlyInterpolatedPercentileRange) {
  std::vector<double> mag(101);
  for (std::size_t i = 0; i < mag.size(); ++i) mag[i] = 15 + 0.01 * static_cast<double>(i * 37 % 101);
  EXPECT_NEAR(percentile_amplitude(mag), 0.95, 1e-12);
  EXPECT_NEAR(percentile_amplitude(std::vector<double>{1, 3}), 1.9, 1e-12);
  EXPECT_EQ(percentile_amplitude(std::vector<double>{1}), 0);
  EXPECT_EQ(percentile_amplitude(std::vector<double>{}), 0);
}

TEST(Magnitudes, LeaveNonpositiveFluxOutAndCountIt) {
  LightCurve lc;
  lc.time = {1, 2, 3, 4};
  lc.flux = {100, 0, -3, 10};
  lc.flux_err = {1, 1, 1, -0.1};
  const Magnitudes m = to_magnitudes(lc);
  EXPECT_EQ(m.n_nonpositive, 2u);
  EXPECT_EQ(m.time, (std::vector<double>{1, 4}));
  EXPECT_DOUBLE_EQ(m.mag[0], -5);
  EXPECT_NEAR(m.mag_err[0], 0.010857362, 1e-9);
  EXPECT_NEAR(m.mag_err[1], 0.010857362, 1e-9);
}

TEST(Features, OfASineAreWhatWasPutIn) {
  const Features f = features_of(sine_star(200, 0.6180339));
  EXPECT_NEAR(f[Feature::amplitude], 0.6, 0.03);
  EXPECT_NEAR(f[Feature::period], 0.6180339, 1e-4 * 0.6);
  EXPECT_LT(f[Feature::lksl_statistic], 0.02);
  EXPECT_DOUBLE_EQ(f[Feature::rfr_score], 1 - 0.505 * f[Feature::lksl_statistic]);
  for (const FeatureSource s : f.source) EXPECT_EQ(s, FeatureSource::computed);
  EXPECT_FALSE(f.flags.has(Flag::aperiodic));
}

TEST(Features, TheForestAgreesWithTheLine) {
  const LightCurve lc = sine_star(250, 0.6180339, 0.12);
  const double line = features_of(lc)[Feature::rfr_score];
  const double forest = features_of(lc, {.rfr = RfrMethod::forest})[Feature::rfr_score];
  EXPECT_NE(line, forest);
  EXPECT_NEAR(line, forest, 0.03);
}

TEST(Features, GivenValuesComeFirstAndSaySo) {
  FeatureOverrides overrides;
  overrides[0] = {.value = 1.25, .standardised = false, .source = FeatureSource::catalog};
  overrides[1] = {.value = 0.6180339, .standardised = false, .source = FeatureSource::catalog};
  overrides[3] = {.value = 0.392, .standardised = true, .source = FeatureSource::set};
  const Features f = features_of(sine_star(200, 0.6180339), {}, overrides);
  EXPECT_EQ(f[Feature::amplitude], 1.25);
  EXPECT_EQ(f[Feature::period], 0.6180339);
  EXPECT_LT(f[Feature::lksl_statistic], 0.02);  // at the given period
  EXPECT_NEAR(f[Feature::rfr_score], 0.392 * 0.138315 + 0.836659, 1e-12);
  EXPECT_EQ(f.standardised[3], 0.392);
  EXPECT_FALSE(f.standardised[0].has_value());
  EXPECT_EQ(f.source[0], FeatureSource::catalog);
  EXPECT_EQ(f.source[2], FeatureSource::computed);
  EXPECT_EQ(f.source[3], FeatureSource::set);
  EXPECT_TRUE(f.flags.has(Flag::feature_set));
  EXPECT_EQ(f.period_result.period, 0);  // not searched
}

// AX04, AX07
TEST(Features, ImpossibleGivenValuesAreBadAux) {
  const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  const std::vector<std::pair<std::size_t, double>> cases{{1, 0.0},  {1, -1.0}, {1, nan}, {1, inf},
                                                          {0, -0.1}, {0, nan},  {2, nan}, {3, inf}};
  for (const auto& [feature, value] : cases) {
    FeatureOverrides overrides;
    overrides[feature] = FeatureOverride{.value = value};
    Features f;
    EXPECT_EQ(compute_features(sine_star(20, 1), {}, overrides, published_scaling(), f), Status::bad_aux);
  }
  FeatureOverrides negative_z;  // standardised values have no sign to test
  negative_z[1] = FeatureOverride{.value = -1.5, .standardised = true};
  Features f;
  EXPECT_EQ(compute_features(sine_star(20, 1), {}, negative_z, published_scaling(), f), Status::ok);
}

TEST(Features, OfAStarThatCannotBeSearchedAreTheirLimits) {
  LightCurve constant = sine_star(50, 1);
  std::fill(constant.flux.begin(), constant.flux.end(), 5.0);
  LightCurve two = sine_star(2, 1);
  LightCurve negative = sine_star(50, 1);
  for (double& flux : negative.flux) flux = -flux;
  for (const LightCurve& lc : {constant, two, negative}) {
    const Features f = features_of(lc);
    EXPECT_TRUE(f.flags.has(Flag::aperiodic));
    EXPECT_EQ(f[Feature::lksl_statistic], 1);
    EXPECT_EQ(f[Feature::rfr_score], 0);
    EXPECT_NEAR(f[Feature::period], (lc.time.back() - lc.time.front()) / 2, 1e-9);
  }
}

TEST(Features, OfATooFineGridAreRefusedUnlessThePeriodIsGiven) {
  const FeatureOptions fine{.period = {.period_min = 1e-6}};
  Features f;
  EXPECT_EQ(compute_features(sine_star(50, 1), fine, {}, published_scaling(), f), Status::grid_too_fine);
  EXPECT_NEAR(f.period_result.span_days, 1000, 100);
  LightCurve one_night = sine_star(50, 1);  // the same options over a day are no problem
  for (double& t : one_night.time) t = 2457000 + (t - 2457000) / 1000;
  features_of(one_night, fine);
  FeatureOverrides given;
  given[1] = FeatureOverride{.value = 1};
  EXPECT_FALSE(features_of(sine_star(50, 1), fine, given).flags.has(Flag::aperiodic));
}

TEST(Features, OfASpanTooShortForAnyPeriodUseTheOrderOfTime) {
  LightCurve lc;
  for (int i = 0; i < 20; ++i) {
    lc.time.push_back(2457000 + 0.002 * i);
    lc.flux.push_back(10 + i);
    lc.flux_err.push_back(0.1);
  }
  const Features f = features_of(lc);
  EXPECT_TRUE(f.flags.has(Flag::aperiodic));
  EXPECT_LT(f[Feature::lksl_statistic], 0.6);  // a monotonic rise and one jump back
  EXPECT_GT(f[Feature::rfr_score], 0.7);
}

TEST(Features, LeaveNonpositiveFluxOutAndFlagIt) {
  LightCurve lc = sine_star(200, 0.6180339);
  lc.flux[3] = -1;
  const Features f = features_of(lc);
  EXPECT_TRUE(f.flags.has(Flag::nonpositive_flux));
  EXPECT_NEAR(f[Feature::period], 0.6180339, 1e-4);
}

TEST(Features, AreTheSameBitsOnEveryCall) {
  const LightCurve lc = sine_star(200, 0.6180339, 0.2);
  EXPECT_EQ(features_of(lc).value, features_of(lc).value);
}

TEST(Features, ExtremeFluxesGiveNumbers) {
  LightCurve lc = sine_star(30, 1);
  lc.flux[0] = 5e-324;
  lc.flux_err[0] = 1e300;
  lc.flux[1] = 1.7e308;
  features_of(lc);
  features_of(lc, {.rfr = RfrMethod::forest});
}

}  // namespace
}  // namespace astrom3
