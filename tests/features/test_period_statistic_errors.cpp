// SPDX-License-Identifier: MIT
//
// What a period statistic refuses, and the option that it names.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "astrom3/features/period_statistics.h"
#include "statistic_star.h"

namespace astrom3 {
namespace {

using testing::Columns;
using testing::observe;
using testing::regular;

const double kNan = std::numeric_limits<double>::quiet_NaN();

/// The diagnostic of the error; code ok where there is none.
Diagnostic refusal(const StarObservations& star, const std::vector<double>& frequency,
                   const PeriodStatisticOptions& options = {}) {
  std::vector<double> value(frequency.size());
  try {
    compute_period_statistic(star, frequency, options, value);
  } catch (const Error& error) {
    return error.diagnostic();
  }
  return {};
}

void expect_refused(const Diagnostic& found, Status code, const char* option) {
  EXPECT_EQ(found.code, code) << found.message;
  EXPECT_EQ(found.option, option) << found.message;
  EXPECT_FALSE(found.message.empty());
}

TEST(PeriodStatisticErrors, NameTheFrequencies) {
  const Columns o = observe(50);
  for (const std::vector<double>& bad : {std::vector<double>{},
                                         {1, 2, 2},
                                         {2, 1},
                                         {0, 1},
                                         {-1, 1},
                                         {1, kNan},
                                         {1, std::numeric_limits<double>::infinity()}})
    expect_refused(refusal(o.view(), bad), Status::usage, "frequencies");
  expect_refused(refusal(o.view(), {0.5, 1e9}), Status::usage,
                 "frequencies");  // no phase in a double of 2457000
}

TEST(PeriodStatisticErrors, NameAnOptionThatTheMethodHasNoUseFor) {
  const Columns o = observe(50);
  using M = PeriodStatistic;
  const std::vector<std::pair<PeriodStatisticOptions, const char*>> cases{
      {{.method = M::pdm, .terms = 2}, "terms"},
      {{.method = M::aov, .base_terms = 1}, "base-terms"},
      {{.method = M::bls, .normalization = Normalization::psd}, "normalization"},
      {{.phase_bins = 20}, "phase-bins"},
      {{.method = M::ce, .covers = 2}, "covers"},
      {{.method = M::pdm, .value_bins = 6}, "value-bins"},
      {{.durations = {0.1}}, "durations"},
      {{.duration_fractions = {0.1}}, "duration-fractions"},
      {{.method = M::window, .duration_steps = 3}, "duration-steps"},
      {{.method = M::string_length, .objective = BoxObjective::snr}, "objective"}};
  for (const auto& [options, name] : cases)
    expect_refused(refusal(o.view(), {0.5, 1}, options), Status::usage, name);
}

TEST(PeriodStatisticErrors, NameAnOptionOutOfItsRange) {
  const Columns o = observe(50);
  using M = PeriodStatistic;
  const std::vector<std::pair<PeriodStatisticOptions, const char*>> cases{
      {{.terms = 0}, "terms"},
      {{.terms = 17}, "terms"},
      {{.base_terms = 17}, "base-terms"},
      {{.method = M::pdm, .phase_bins = 1}, "phase-bins"},
      {{.method = M::pdm, .covers = 0}, "covers"},
      {{.method = M::ce, .value_bins = 5000}, "value-bins"},
      {{.method = M::bls, .durations = {0.1, -1}}, "durations"},
      {{.method = M::bls, .durations = {kNan}}, "durations"},
      {{.method = M::bls, .durations = {1.5}}, "durations"},  // longer than the shortest period
      {{.method = M::bls, .duration_fractions = {0.6}}, "duration-fractions"},
      {{.method = M::bls, .duration_fractions = {}}, "duration-fractions"}};
  for (const auto& [options, name] : cases)
    expect_refused(refusal(o.view(), {0.5, 1}, options), Status::usage, name);
  expect_refused(refusal(o.view(), {1e-4, 1}, {.method = M::bls, .durations = {1e-4}}), Status::grid_too_fine,
                 "durations");
  expect_refused(refusal(o.view(), {0.5, 1}, {.method = M::bls, .duration_fractions = {1e-7}}),
                 Status::grid_too_fine, "duration-fractions");
}

TEST(PeriodStatisticErrors, NameTheTermsThatTooFewObservationsDoNotDetermine) {
  const Columns o = observe(9);
  expect_refused(refusal(o.view(), {0.5, 1}, {.terms = 5}), Status::too_few_points, "terms");
  EXPECT_EQ(refusal(o.view(), {0.5, 1}, {.terms = 4}).code, Status::ok);
  expect_refused(refusal(o.view(), {0.5, 1}, {.method = PeriodStatistic::aov, .terms = 4}),
                 Status::too_few_points, "terms");
  expect_refused(refusal(o.bands(), {0.5, 1}, {.base_terms = 4}), Status::too_few_points, "base-terms");
}

TEST(PeriodStatisticErrors, SayWhatIsWrongWithTheLightCurve) {
  const Columns o = observe(50);
  const auto with = [&](const auto& change) {
    Columns changed = o;
    change(changed);
    return refusal(changed.view(), {0.5, 1}).code;
  };
  EXPECT_EQ(with([](Columns& c) { c.time[3] = kNan; }), Status::nonfinite_time);
  EXPECT_EQ(with([](Columns& c) { c.y[3] = kNan; }), Status::nonfinite_flux);
  EXPECT_EQ(with([](Columns& c) { c.y_err[3] = kNan; }), Status::nonfinite_flux_err);
  EXPECT_EQ(with([](Columns& c) { std::fill(c.time.begin(), c.time.end(), 5.0); }), Status::zero_time_span);
  EXPECT_EQ(with([](Columns& c) { std::fill(c.y.begin(), c.y.end(), 5.0); }), Status::mad_zero);
  EXPECT_EQ(with([](Columns& c) { c.time.resize(2), c.y.resize(2), c.y_err.resize(2); }),
            Status::too_few_points);
  EXPECT_EQ(with([](Columns& c) { c.y.pop_back(); }), Status::usage);
  EXPECT_EQ(with([](Columns& c) { c.y_err.pop_back(); }), Status::usage);
  EXPECT_EQ(with([](Columns& c) {
              for (double& y : c.y) y *= 1e300;
            }),
            Status::nonfinite_flux);
}

TEST(PeriodStatisticErrors, RefuseTimesThatWereFloat32) {
  Columns o = observe(200);
  for (double& t : o.time) t = static_cast<double>(static_cast<float>(t));
  expect_refused(refusal(o.view(), {0.5, 10}), Status::usage, "frequencies");
  EXPECT_EQ(refusal(o.view(), {0.05, 0.1}).code, Status::ok);  // a quarter of a day is little of ten
}

TEST(PeriodStatisticErrors, NameTheMethodThatTakesOneBand) {
  const Columns o = observe(50);
  expect_refused(refusal(o.bands(), {0.5, 1}, {.method = PeriodStatistic::pdm}), Status::usage, "method");
  expect_refused(refusal(o.view(), {0.5, 1}, {.base_terms = 1}), Status::usage, "base-terms");
}

}  // namespace
}  // namespace astrom3
