// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

#include "astrom3/light_curve.h"

namespace astrom3 {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

/// N observations one day apart with distinct fluxes around 10 mJy.
LightCurve ramp(std::size_t n) {
  LightCurve lc;
  for (std::size_t i = 0; i < n; ++i) {
    const auto x = static_cast<double>(i);
    lc.time.push_back(2457000.3 + x);
    lc.flux.push_back(10 + 0.1 * x + 0.01 * std::sin(7 * x));
    lc.flux_err.push_back(0.1);
  }
  return lc;
}

LightCurve constant(std::size_t n, double flux) {
  LightCurve lc = ramp(n);
  std::fill(lc.flux.begin(), lc.flux.end(), flux);
  return lc;
}

struct Cleaned {
  Status status;
  LightCurve light_curve;
  LightCurveSummary summary;
};

Cleaned cleaned(LightCurve lc, const CleaningOptions& options = {}) {
  Cleaned out;
  out.light_curve = std::move(lc);
  out.status = clean(out.light_curve, options, out.summary);
  return out;
}

Status status_of(LightCurve lc, const CleaningOptions& options = {}) {
  return cleaned(std::move(lc), options).status;
}

// LC01
TEST(Clean, NoObservationIsNoPoints) {
  EXPECT_EQ(status_of({}), Status::no_points);
}

// LC02
TEST(Clean, OneObservationIsTooFew) {
  EXPECT_EQ(status_of(ramp(1)), Status::too_few_points);
  EXPECT_EQ(status_of(ramp(1), {.min_points = 0}), Status::too_few_points);
  EXPECT_EQ(status_of(ramp(9), {.min_points = 10}), Status::too_few_points);
  EXPECT_EQ(status_of(ramp(10), {.min_points = 10}), Status::ok);
}

// LC03, LC05
TEST(Clean, TwoToNineObservationsAreAcceptedAndFlagged) {
  for (std::size_t n = 2; n < 10; ++n) {
    const Cleaned c = cleaned(ramp(n));
    EXPECT_EQ(c.status, Status::ok) << n;
    EXPECT_TRUE(c.summary.flags.has(Flag::few_points)) << n;
  }
  EXPECT_FALSE(cleaned(ramp(10)).summary.flags.has(Flag::few_points));
}

// LC04, LC07, LC11
TEST(Clean, ConstantFluxHasNoScale) {
  EXPECT_EQ(status_of(constant(2, 5.0)), Status::mad_zero);
  EXPECT_EQ(status_of(constant(50, 5.0)), Status::mad_zero);
  LightCurve zeros = constant(50, 0.0);
  std::fill(zeros.flux_err.begin(), zeros.flux_err.end(), 0.0);
  EXPECT_EQ(status_of(zeros), Status::mad_zero);
}

// LC06
TEST(Clean, ObservationsAllAtOneTimeHaveNoSpan) {
  LightCurve lc = ramp(20);
  std::fill(lc.time.begin(), lc.time.end(), 2457000.5);
  EXPECT_EQ(status_of(lc), Status::zero_time_span);
}

// LC08: the mean of equal values rounds; only the MAD may decide.
TEST(Clean, ConstantFluxWhoseMeanRoundsHasNoScaleEither) {
  for (const std::size_t n : {3u, 6u, 7u, 10u}) {
    EXPECT_EQ(status_of(constant(n, 0.1)), Status::mad_zero) << n;
    for (const auto policy : {MadZeroPolicy::standard_deviation, MadZeroPolicy::mean_absolute_deviation}) {
      EXPECT_EQ(status_of(constant(n, 0.1), {.on_mad_zero = policy}), Status::mad_zero) << n;
    }
  }
}

// LC09
TEST(Clean, AMajorityOfEqualFluxesIsRejectedUnlessAnotherScaleIsAskedFor) {
  LightCurve lc = constant(8, 1.0);
  lc.flux[6] = 3.0;
  lc.flux[7] = 5.0;
  EXPECT_EQ(status_of(lc), Status::mad_zero);

  const Cleaned deviation = cleaned(lc, {.on_mad_zero = MadZeroPolicy::standard_deviation});
  EXPECT_EQ(deviation.status, Status::ok);
  // mean 1.75; (6 * 0.75^2 + 1.25^2 + 3.25^2) / 8 = 1.9375
  EXPECT_DOUBLE_EQ(deviation.summary.mad_flux, std::sqrt(1.9375));
  EXPECT_TRUE(deviation.summary.flags.has(Flag::nonstandard_scale));

  const Cleaned absolute = cleaned(lc, {.on_mad_zero = MadZeroPolicy::mean_absolute_deviation});
  EXPECT_DOUBLE_EQ(absolute.summary.mad_flux, 0.75);  // (2 + 4) / 8 about the median 1
  EXPECT_TRUE(absolute.summary.flags.has(Flag::nonstandard_scale));
}

// LC10
TEST(Clean, AScaleTooSmallToDivideByIsRejected) {
  LightCurve lc = ramp(20);
  for (double& f : lc.flux) f *= 1e-310;
  EXPECT_EQ(status_of(lc), Status::mad_too_small);
  lc = ramp(20);
  for (double& f : lc.flux) f *= 1e-280;
  EXPECT_EQ(status_of(lc), Status::ok);
}

// LC12 - LC17, one after the other
TEST(Clean, EveryNonfiniteColumnHasItsOwnStatus) {
  const std::vector<std::pair<std::vector<double> LightCurve::*, Status>> cases{
      {&LightCurve::time, Status::nonfinite_time},
      {&LightCurve::flux, Status::nonfinite_flux},
      {&LightCurve::flux_err, Status::nonfinite_flux_err}};
  for (const auto& [column, status] : cases) {
    for (const double bad : {kNan, kInf, -kInf}) {
      LightCurve lc = ramp(30);
      (lc.*column)[7] = bad;
      EXPECT_EQ(status_of(lc), status) << bad;
    }
  }
}

TEST(Clean, DroppingNonfiniteObservationsCountsThem) {
  LightCurve lc = ramp(30);
  lc.flux[3] = kNan;
  lc.time[4] = kInf;
  lc.flux_err[5] = -kInf;
  const Cleaned c = cleaned(lc, {.nonfinite = NonfinitePolicy::drop});
  EXPECT_EQ(c.status, Status::ok);
  EXPECT_EQ(c.summary.n_raw, 30u);
  EXPECT_EQ(c.summary.n_nonfinite, 3u);
  EXPECT_EQ(c.summary.n_clean, 27u);
  EXPECT_TRUE(c.summary.flags.has(Flag::points_dropped));
}

// LC43
TEST(Clean, NothingLeftAfterDroppingIsNoPoints) {
  LightCurve lc = ramp(3);
  std::fill(lc.flux.begin(), lc.flux.end(), kNan);
  EXPECT_EQ(status_of(lc, {.nonfinite = NonfinitePolicy::drop}), Status::no_points);
}

// LC15: a median would ignore one infinity; the check comes first.
TEST(Clean, AnInfiniteFluxIsFoundAlthoughTheMedianIgnoresIt) {
  LightCurve lc = ramp(50);
  lc.flux[49] = kInf;
  EXPECT_EQ(status_of(lc), Status::nonfinite_flux);
}

// LC21
TEST(Clean, NegativeErrorsAreRejectedUnlessAllowed) {
  LightCurve lc = ramp(20);
  lc.flux_err[2] = -0.1;
  EXPECT_EQ(status_of(lc), Status::negative_error);
  EXPECT_EQ(status_of(lc, {.allow_negative_error = true}), Status::ok);
}

// LC22
TEST(Clean, ZeroErrorsAreFlagged) {
  LightCurve lc = ramp(20);
  EXPECT_FALSE(cleaned(lc).summary.flags.has(Flag::zero_errors));
  lc.flux_err[2] = 0;
  const Cleaned c = cleaned(lc);
  EXPECT_EQ(c.status, Status::ok);
  EXPECT_TRUE(c.summary.flags.has(Flag::zero_errors));
}

TEST(Sentinels, AreKnownWithEitherSign) {
  for (const double sentinel : {29.999, 99.0, 99.9, -99.9, -9999.0})
    EXPECT_TRUE(is_sentinel(sentinel)) << sentinel;
  for (const double value : {29.99, 30.0, 98.0, 1.2e9, std::nan("")})
    EXPECT_FALSE(is_sentinel(value)) << value;
}

// LC23, LC24
TEST(Clean, SentinelsFarFromTheRestAreSuspected) {
  for (const double sentinel : {99.99, 99.999, 29.999, -99.0, 9999.0}) {
    LightCurve flux = ramp(50);
    flux.flux[9] = sentinel;
    for (double& f : flux.flux) f = f == sentinel ? f : 10 + 0.02 * (f - 10);
    EXPECT_TRUE(cleaned(flux).summary.flags.has(Flag::sentinel_suspected)) << sentinel;
    LightCurve error = ramp(50);
    error.flux_err[9] = sentinel;
    const Cleaned c = cleaned(error, {.allow_negative_error = true});
    EXPECT_TRUE(c.summary.flags.has(Flag::sentinel_suspected)) << sentinel;
  }
  LightCurve wide = ramp(50);  // 99.99 is an ordinary value here
  for (double& f : wide.flux) f *= 10;
  wide.flux[9] = 99.99;
  EXPECT_FALSE(cleaned(wide).summary.flags.has(Flag::sentinel_suspected));
}

// LC25
TEST(Clean, TheOrderOfRowsDoesNotShow) {
  LightCurve lc = ramp(300);
  lc.time[7] = lc.time[8];
  lc.flux[20] = -0.0;
  lc.flux[21] = 0.0;
  const Cleaned sorted = cleaned(lc);
  std::vector<std::size_t> order(lc.size());
  std::iota(order.begin(), order.end(), 0u);
  std::mt19937 rng(1);
  std::shuffle(order.begin(), order.end(), rng);
  LightCurve shuffled;
  for (const std::size_t i : order) {
    shuffled.time.push_back(lc.time[i]);
    shuffled.flux.push_back(lc.flux[i]);
    shuffled.flux_err.push_back(lc.flux_err[i]);
  }
  const Cleaned other = cleaned(shuffled);
  EXPECT_EQ(other.light_curve.time, sorted.light_curve.time);
  EXPECT_EQ(other.light_curve.flux, sorted.light_curve.flux);
  EXPECT_EQ(other.light_curve.flux_err, sorted.light_curve.flux_err);
  EXPECT_EQ(other.summary.mean_flux, sorted.summary.mean_flux);
  EXPECT_EQ(other.summary.mad_flux, sorted.summary.mad_flux);
}

// LC26
TEST(Clean, ExactDuplicateRowsAreDroppedAndCounted) {
  LightCurve lc = ramp(20);
  const LightCurve original = lc;
  for (const std::size_t i : {3u, 3u, 19u}) {
    lc.time.push_back(original.time[i]);
    lc.flux.push_back(original.flux[i]);
    lc.flux_err.push_back(original.flux_err[i]);
  }
  const Cleaned c = cleaned(lc);
  EXPECT_EQ(c.summary.n_raw, 23u);
  EXPECT_EQ(c.summary.n_duplicates, 3u);
  EXPECT_EQ(c.summary.n_clean, 20u);
  EXPECT_EQ(c.light_curve.flux, original.flux);
  EXPECT_TRUE(c.summary.flags.has(Flag::duplicates_removed));
}

// LC27
TEST(Clean, RowsThatShareOnlyTheTimeAreKeptInOrderOfFluxThenError) {
  LightCurve lc = ramp(20);
  lc.time[4] = lc.time[5] = lc.time[6];
  lc.flux[4] = 3.0, lc.flux[5] = 2.0, lc.flux[6] = 2.0;
  lc.flux_err[5] = 0.3, lc.flux_err[6] = 0.2;
  const Cleaned c = cleaned(lc);
  EXPECT_EQ(c.summary.n_duplicates, 0u);
  EXPECT_TRUE(c.summary.flags.has(Flag::tied_times));
  EXPECT_EQ(std::vector<double>(c.light_curve.flux.begin() + 4, c.light_curve.flux.begin() + 7),
            (std::vector<double>{2.0, 2.0, 3.0}));
  EXPECT_EQ(c.light_curve.flux_err[4], 0.2);
}

// LC28
TEST(Clean, NegativeZeroEqualsZeroInDuplicates) {
  LightCurve lc = ramp(20);
  lc.time.push_back(lc.time[19]);
  lc.flux[19] = 0.0;
  lc.flux.push_back(-0.0);
  lc.flux_err[19] = -0.0;
  lc.flux_err.push_back(0.0);
  const Cleaned c = cleaned(lc);
  EXPECT_EQ(c.summary.n_duplicates, 1u);
  EXPECT_FALSE(std::signbit(c.light_curve.flux[19]));
  EXPECT_FALSE(std::signbit(c.light_curve.flux_err[19]));
}

// LC31
TEST(Clean, AHundredThousandObservationsAreFineAndTheCapIsTenMillion) {
  LightCurve big = ramp(100'000);
  for (double& t : big.time) t = 2457000 + (t - 2457000) / 100;
  EXPECT_EQ(status_of(big), Status::ok);
  LightCurve huge;
  huge.time.resize(10'000'001);
  huge.flux.resize(huge.time.size());
  huge.flux_err.resize(huge.time.size());
  EXPECT_EQ(status_of(huge), Status::too_many_points);
}

// LC32
TEST(Clean, TimesThatLookLikeFloat32AreFlagged) {
  LightCurve lc = ramp(20);
  EXPECT_FALSE(cleaned(lc).summary.flags.has(Flag::time_precision));
  for (double& t : lc.time) t = static_cast<double>(static_cast<float>(t));
  EXPECT_TRUE(cleaned(lc).summary.flags.has(Flag::time_precision));
}

TEST(Clean, TimesOfTwoSystemsAreFlagged) {
  const LightCurve star = ramp(40);
  LightCurve mixed = star;
  for (std::size_t i = 20; i < 40; ++i) mixed.time[i] -= 2400000.5 - 50000;
  for (std::size_t i = 0; i < 20; ++i) mixed.time[i] -= 2400000.5;
  EXPECT_TRUE(cleaned(mixed).summary.flags.has(Flag::mixed_time_systems));
  EXPECT_FALSE(cleaned(star).summary.flags.has(Flag::mixed_time_systems));
}

// LC34, LC37
TEST(Clean, TheZeroPointOfTimeDoesNotMatter) {
  const Cleaned hjd = cleaned(ramp(40));
  for (const double offset : {2400000.5, 2457000.0, 2457020.3, 3000000.0}) {
    LightCurve lc = ramp(40);
    for (double& t : lc.time) t -= offset;
    const Cleaned c = cleaned(lc);
    EXPECT_EQ(c.status, Status::ok);
    EXPECT_EQ(c.summary.mean_flux, hjd.summary.mean_flux);
    EXPECT_NEAR(c.summary.time_max - c.summary.time_min, 39, 1e-9);  // half an ulp of 2.4e6 d, twice
  }
}

// LC35, LC36
TEST(Clean, MixedTimeSystemsOrSecondsAreImplausible) {
  LightCurve mixed = ramp(40);
  for (std::size_t i = 20; i < 40; ++i) mixed.time[i] -= 2400000.5;
  EXPECT_EQ(status_of(mixed), Status::implausible_time_span);
  LightCurve seconds = ramp(40);
  for (double& t : seconds.time) t *= 86400;
  EXPECT_EQ(status_of(seconds), Status::implausible_time_span);
}

// LC36
TEST(Clean, ASpanBelowATenthOfADayIsFlagged) {
  LightCurve years = ramp(20);
  for (double& t : years.time) t /= 365.25;
  EXPECT_TRUE(cleaned(years).summary.flags.has(Flag::short_span));
  EXPECT_FALSE(cleaned(ramp(20)).summary.flags.has(Flag::short_span));
}

// LC39
TEST(Clean, NegativeFluxIsFine) {
  LightCurve lc = ramp(20);
  for (double& f : lc.flux) f -= 11;
  EXPECT_EQ(status_of(lc), Status::ok);
}

// LC41
TEST(Clean, ColumnsOfDifferentLengthAreAMismatch) {
  LightCurve lc = ramp(20);
  lc.flux_err.pop_back();
  EXPECT_EQ(status_of(lc), Status::length_mismatch);
  lc = ramp(20);
  lc.time.clear();
  EXPECT_EQ(status_of(lc), Status::length_mismatch);
}

TEST(Clean, MeanAndMadAreThoseOfNumpy) {
  LightCurve lc = ramp(4);
  lc.flux = {1, 2, 4, 9};
  const Cleaned even = cleaned(lc);
  EXPECT_EQ(even.summary.mean_flux, 4);
  EXPECT_EQ(even.summary.mad_flux, 1.5);  // median 3; deviations 2, 1, 1, 6
  lc = ramp(5);
  lc.flux = {1, 2, 4, 9, 100};
  EXPECT_EQ(cleaned(lc).summary.mad_flux, 3);  // median 4; deviations 3, 2, 0, 5, 96
}

TEST(Clean, TheFirstFailingCheckGivesTheStatus) {
  LightCurve lc = ramp(1);
  lc.flux_err[0] = kNan;
  EXPECT_EQ(status_of(lc), Status::nonfinite_flux_err);  // before too_few_points
  lc.flux[0] = kNan;
  EXPECT_EQ(status_of(lc), Status::nonfinite_flux);
  lc.time[0] = kNan;
  EXPECT_EQ(status_of(lc), Status::nonfinite_time);
  lc = constant(5, 1.0);
  std::fill(lc.time.begin(), lc.time.end(), 1.0);
  EXPECT_EQ(status_of(lc), Status::too_few_points);  // all rows are duplicates of one
  lc.flux[0] = 2;
  EXPECT_EQ(status_of(lc), Status::zero_time_span);  // before mad_zero
}

TEST(Clean, TheErrorFloorIsAddedInQuadratureInMagnitudes) {
  const Cleaned plain = cleaned(ramp(20));
  const Cleaned floored = cleaned(ramp(20), {.error_floor_mag = 0.02});
  for (std::size_t i = 0; i < 20; ++i) {
    const double f = floored.light_curve.flux[i];
    EXPECT_DOUBLE_EQ(floored.light_curve.flux_err[i],
                     std::sqrt(0.1 * 0.1 + std::pow(0.4 * std::log(10) * f * 0.02, 2)));
    EXPECT_EQ(f, plain.light_curve.flux[i]);
  }
  EXPECT_EQ(floored.summary.mad_flux, plain.summary.mad_flux);
}

TEST(Clean, FluxesNearTheEndOfDoubleDoNotOverflowTheMeanOrTheMedian) {
  LightCurve lc = ramp(20);
  for (double& f : lc.flux) f = (f - 9) * 5e307;
  const Cleaned c = cleaned(lc);
  EXPECT_EQ(c.status, Status::ok);
  EXPECT_TRUE(std::isfinite(c.summary.mean_flux));
  EXPECT_TRUE(std::isfinite(c.summary.mad_flux));
}

}  // namespace
}  // namespace astrom3
