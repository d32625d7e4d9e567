// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <random>
#include <vector>

#include "astrom3/features/period_search.h"
#include "features/doubling.h"
#include "features/harmonic_model.h"
#include "features/period_bands.h"
#include "kernels/dispatch.h"

namespace astrom3 {
namespace {

using std::numbers::pi;

/// Light curves in magnitudes as functions of phase 0..1.
double rrab(double phase) {
  // A sawtooth of finite harmonics: fast rise, slow decline.
  double m = 0;
  for (int k = 1; k <= 6; ++k) m += 0.4 * std::pow(0.5, k - 1) * std::sin(2 * pi * k * phase) / std::sqrt(k);
  return m;
}

/// Contact binary: ellipsoidal variation and two eclipses of the given depths on top.
double contact_binary(double phase, double primary, double secondary) {
  const auto eclipse = [](double p) { return std::exp(-0.5 * std::pow((p - std::round(p)) / 0.06, 2)); };
  return 0.12 * std::cos(4 * pi * phase) + (primary - 0.24) * eclipse(phase) +
         (secondary - 0.24) * eclipse(phase - 0.5);
}

/// Detached binary: flat but for two eclipses of half width 0.06.
double detached_binary(double phase, double primary, double secondary) {
  const double from_primary = std::fabs(phase - std::round(phase));
  const double from_secondary = std::fabs(phase - 0.5);
  if (from_primary < 0.06) return primary * (1 - from_primary / 0.06);
  if (from_secondary < 0.06) return secondary * (1 - from_secondary / 0.06);
  return 0;
}

struct Observations {
  std::vector<double> time, mag, mag_err;
};

/// n nights of 1500 within a 0.3 d window: the aliases of one day are strong.
template <typename Curve>
Observations observe(std::size_t n, double period, double noise, std::uint64_t seed, const Curve& curve) {
  std::mt19937_64 rng(seed);
  std::uniform_real_distribution<double> uniform(0, 1);
  std::normal_distribution<double> normal(0, noise);
  Observations o;
  for (std::size_t i = 0; i < n; ++i)
    o.time.push_back(2457000 + std::floor(1500 * uniform(rng)) + 0.3 * uniform(rng));
  std::sort(o.time.begin(), o.time.end());
  for (const double t : o.time) {
    const double cycles = (t - 2457000) / period;
    o.mag.push_back(14 + curve(cycles - std::floor(cycles)) + normal(rng));
    o.mag_err.push_back(noise);
  }
  return o;
}

PeriodResult search(const Observations& o, const PeriodOptions& options = {}) {
  PeriodResult result;
  EXPECT_EQ(find_period(o.time, o.mag, o.mag_err, options, result), Status::ok);
  EXPECT_TRUE(std::isfinite(result.period) && result.period > 0);
  EXPECT_TRUE(result.false_alarm_probability >= 0 && result.false_alarm_probability <= 1);
  return result;
}

bool is_near(double a, double b, double relative = 1e-3) {
  return std::fabs(a / b - 1) < relative;
}

TEST(FindPeriod, RecoversPulsatorsThroughTheDailyGapsAndDoesNotDoubleThem) {
  std::mt19937_64 rng(1);
  std::uniform_real_distribution<double> uniform(0.35, 0.85);
  int right = 0, doubled = 0;
  constexpr int kStars = 40;
  for (int i = 0; i < kStars; ++i) {
    const double period = uniform(rng);
    const PeriodResult r = search(observe(100, period, 0.04, static_cast<std::uint64_t>(i), rrab));
    right += is_near(r.period, period);
    doubled += r.doubled;
  }
  EXPECT_GE(right, 39);
  EXPECT_EQ(doubled, 0);
}

TEST(FindPeriod, ContactBinariesWithUnequalMinimaHaveTheirOrbitalPeriod) {
  std::mt19937_64 rng(2);
  std::uniform_real_distribution<double> uniform(0.25, 0.7);
  int right = 0;
  constexpr int kStars = 40;
  for (int i = 0; i < kStars; ++i) {
    const double period = uniform(rng);
    const PeriodResult r = search(observe(150, period, 0.03, static_cast<std::uint64_t>(i),
                                          [](double phase) { return contact_binary(phase, 0.5, 0.45); }));
    right += is_near(r.period, period);
  }
  EXPECT_GE(right, 38);  // 95 %
}

TEST(FindPeriod, EqualMinimaAreDoubledAndFlaggedAmbiguous) {
  const PeriodResult r =
      search(observe(200, 0.41234, 0.02, 5, [](double phase) { return contact_binary(phase, 0.5, 0.5); }));
  EXPECT_TRUE(is_near(r.period, 0.41234));
  EXPECT_TRUE(r.doubled);
  EXPECT_TRUE(r.flags.has(Flag::ambiguous_double));
  ASSERT_FALSE(r.alternates.empty());
  EXPECT_TRUE(is_near(r.alternates[0].period, 0.41234 / 2));
  EXPECT_FALSE(search(observe(200, 0.41234, 0.02, 5, [](double p) { return contact_binary(p, 0.5, 0.5); }),
                      {.double_eclipsers = false})
                   .doubled);
}

TEST(FindPeriod, DetachedBinariesHaveTheirOrbitalPeriod) {
  int right = 0;
  for (std::uint64_t i = 0; i < 20; ++i) {
    const double period = 1.3 + 0.217 * static_cast<double>(i);
    right += is_near(
        search(observe(250, period, 0.02, i, [](double p) { return detached_binary(p, 0.7, 0.3); })).period,
        period);
  }
  EXPECT_GE(right, 19);
}

/// Detached binary with eclipses 4 % of the orbit wide: a sine wave sees nothing.
double narrow_eclipses(double phase, double primary, double secondary) {
  const auto eclipse = [](double p) { return std::exp(-0.5 * std::pow((p - std::round(p)) / 0.01, 2)); };
  return primary * eclipse(phase) + secondary * eclipse(phase - 0.5);
}

TEST(FindPeriod, NarrowEclipsesAreFoundBesideThePeriodogram) {
  int deep = 0, equal = 0, unequal = 0, without = 0;
  constexpr int kStars = 12;
  for (std::uint64_t i = 0; i < kStars; ++i) {
    const double period = 0.91 + 0.5137 * static_cast<double>(i);
    const auto found = [&](double primary, double secondary, const PeriodOptions& options = {}) {
      const auto curve = [&](double p) { return narrow_eclipses(p, primary, secondary); };
      return is_near(search(observe(200, period, 0.02, 100 + i, curve), options).period, period);
    };
    deep += found(1.2, 0);  // two equal stars could not make it: there is no second eclipse
    equal += found(0.5, 0.5);
    unequal += found(0.7, 0.3);
    without += found(1.2, 0, {.search_eclipses = false});
  }
  EXPECT_GE(deep, kStars - 2);  // an eclipse never seen at its deepest may pass for two equal ones
  EXPECT_GE(equal, kStars - 1);
  EXPECT_GE(unequal, kStars - 1);
  EXPECT_LT(without, kStars / 2);
}

TEST(FindPeriod, LongPeriodsAreFoundAgainstTheirDailyAliases) {
  for (const double period : {80.0, 211.0, 430.0}) {
    const PeriodResult r =
        search(observe(120, period, 0.1, 8, [](double phase) { return 2 * std::sin(2 * pi * phase); }));
    EXPECT_TRUE(is_near(r.period, period, 0.01)) << r.period;
  }
}

TEST(FindPeriod, TheErrorIsThatOfRepeatedObservations) {
  std::vector<double> offset;
  double stated = 0;
  constexpr int kTrials = 30;
  for (std::uint64_t i = 0; i < kTrials; ++i) {
    const PeriodResult r =
        search(observe(100, 0.61803, 0.05, i, [](double p) { return 0.3 * std::sin(2 * pi * p); }),
               {.error_floor_mag = 0.0});
    offset.push_back(r.period - 0.61803);
    stated += r.period_err / kTrials;
  }
  double square = 0;
  for (const double d : offset) square += d * d / kTrials;
  EXPECT_GT(std::sqrt(square), 0.6 * stated);  // 30 trials leave 13 % on a standard deviation
  EXPECT_LT(std::sqrt(square), 1.5 * stated);
}

TEST(FindPeriod, NoiseHasAHighFalseAlarmProbabilityAndAStarALowOne) {
  const PeriodResult noise = search(observe(100, 1, 0.1, 3, [](double) { return 0.0; }));
  EXPECT_GT(noise.false_alarm_probability, 0.01);
  EXPECT_LT(search(observe(100, 0.6, 0.05, 3, rrab)).false_alarm_probability, 1e-10);
}

TEST(FindPeriod, FlagsSayWhereAPeriodIsDoubtful) {
  const auto sine = [](double p) { return 0.3 * std::sin(2 * pi * p); };
  EXPECT_TRUE(search(observe(150, 0.5002, 0.03, 1, sine)).flags.has(Flag::day_alias));
  EXPECT_FALSE(search(observe(150, 0.6180, 0.03, 1, sine)).flags.has(Flag::day_alias));
  EXPECT_TRUE(search(observe(150, 365, 0.03, 1, sine)).flags.has(Flag::year_alias));
  EXPECT_TRUE(search(observe(150, 1200, 0.03, 1, sine), {.period_max = 3000}).flags.has(Flag::long_period));
  Observations rise = observe(150, 900, 0.03, 1, sine);
  for (std::size_t i = 0; i < rise.time.size(); ++i) rise.mag[i] = 14 + 1e-3 * (rise.time[i] - 2457000);
  EXPECT_TRUE(search(rise, {.period_min = 2}).flags.has(Flag::period_at_limit));
  EXPECT_TRUE(search(observe(9, 0.6, 0.03, 1, sine)).flags.has(Flag::few_points));
}

TEST(FindPeriod, TheRangeIsRespected) {
  const Observations o = observe(150, 0.6180, 0.03, 1, rrab);
  for (const auto& [low, high] : {std::pair{0.7, 100.0}, std::pair{0.05, 0.5}, std::pair{2.0, 3.0}}) {
    const PeriodResult r = search(o, {.period_min = low, .period_max = high});
    EXPECT_GE(r.period, low * 0.999);
    EXPECT_LE(r.period, high * 1.01);
    for (const PeriodCandidate& c : r.alternates)
      EXPECT_TRUE(c.period > low * 0.999 && c.period < high * 1.01);
  }
}

TEST(FindPeriod, APeriodRangeBeyondTheSpanStaysWithinItself) {
  const Observations good = observe(30, 0.6, 0.03, 1, rrab);
  for (const double span : {1.0, 1e-3, 1e-300}) {
    Observations o = good;
    for (std::size_t i = 0; i < o.time.size(); ++i) o.time[i] = span * static_cast<double>(i) / 30;
    const PeriodResult r = search(o, {.period_min = 0.5, .period_max = 20});
    EXPECT_TRUE(r.period >= 0.4999 && r.period <= 20.001) << span;
  }
  Observations denormal = good;
  for (std::size_t i = 0; i < denormal.time.size(); ++i) denormal.time[i] = 5e-324 * static_cast<double>(i);
  PeriodResult r;
  EXPECT_EQ(
      find_period(denormal.time, denormal.mag, denormal.mag_err, {.period_min = 0.5, .period_max = 20}, r),
      Status::zero_time_span);
}

TEST(FindPeriod, SeveralBandsTogetherFindWhatOneCannot) {
  // Seven nights in each of five bands, each with its own mean and amplitude.
  int one_band = 0, together = 0;
  constexpr int kStars = 20;
  for (std::uint64_t i = 0; i < kStars; ++i) {
    const double period = 0.45 + 0.017 * static_cast<double>(i);
    Observations all;
    std::vector<std::uint8_t> band;
    PeriodResult r;
    for (std::uint8_t b = 0; b < 5; ++b) {
      const double scale = 1 - 0.12 * b;
      const Observations o =
          observe(14, period, 0.03, 50 * i + b, [&](double p) { return b + scale * rrab(p); });
      if (b == 0) one_band += is_near(search(o).period, period);
      all.time.insert(all.time.end(), o.time.begin(), o.time.end());
      all.mag.insert(all.mag.end(), o.mag.begin(), o.mag.end());
      all.mag_err.insert(all.mag_err.end(), o.mag_err.begin(), o.mag_err.end());
      band.insert(band.end(), o.time.size(), b);
    }
    ASSERT_EQ(find_period(all.time, all.mag, all.mag_err, band, {}, r), Status::ok);
    together += is_near(r.period, period);
  }
  EXPECT_GE(together, 19);
  EXPECT_LT(one_band, together);
}

TEST(FindPeriod, PulsatorsBetweenRRLyraeAndCepheidsNeedEvidenceAndNotATie) {
  const auto steep_rise = [](double phase) {  // 0.9 mag, skewness -1
    double m = 0;
    for (int k = 1; k <= 6; ++k)
      m -= 0.3 * std::pow(0.55, k - 1) * std::sin(2 * pi * k * phase + 0.3 * k + 0.8);
    return m;
  };
  // At nearly the same hour every night 1.1 d and its aliases 0.52 d and 0.91 d make nearly the same curve.
  int in_gap = 0;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    Observations tie = observe(60, 1.1, 0.1, seed, steep_rise);
    std::mt19937_64 rng(seed);
    std::normal_distribution<double> noise(0, 0.1);
    for (std::size_t i = 0; i < tie.time.size(); ++i) {
      tie.time[i] = std::floor(tie.time[i]) + 0.03 * (tie.time[i] - std::floor(tie.time[i]));
      const double cycles = (tie.time[i] - 2457000) / 1.1;
      tie.mag[i] = 14 + steep_rise(cycles - std::floor(cycles)) + noise(rng);
    }
    in_gap += search(tie, {.period_min = 0.45, .period_max = 2}).period > 0.95;
  }
  EXPECT_EQ(in_gap, 0);
  const Observations clear = observe(40, 1.1, 0.05, 3, steep_rise);
  EXPECT_TRUE(is_near(search(clear).period, 1.1));
}

TEST(MakeStar, BandsSeenInTheSameVisitsShareTheirEvidence) {
  const auto share = [](double hours_apart, std::uint8_t n_bands) {
    std::vector<double> time, mag, mag_err;
    std::vector<std::uint8_t> band;
    for (int night = 0; night < 30; ++night) {
      for (std::uint8_t b = 0; b < n_bands; ++b) {
        time.push_back(2457000 + night + b * hours_apart / 24);
        mag.push_back(14 + std::sin(night + b));
        mag_err.push_back(0.01);
        band.push_back(b);
      }
    }
    Star star;
    EXPECT_EQ(make_star(time, mag, mag_err, band, 0, star), Status::ok);
    return star.evidence_share;
  };
  EXPECT_EQ(share(0, 1), 1);
  EXPECT_EQ(share(2, 5), 1);  // of the same night, but of no visit
  EXPECT_NEAR(share(0.02, 2), 1 / 1.5, 1e-12);
  EXPECT_NEAR(share(0.02, 5), 1 / 3.0, 1e-12);  // 1 / (1 + 0.5 * 4)
}

TEST(FindPeriod, OneBandGivenAsBandsIsTheSameSearch) {
  const Observations o = observe(100, 0.55, 0.05, 4, rrab);
  PeriodResult r;
  ASSERT_EQ(find_period(o.time, o.mag, o.mag_err, std::vector<std::uint8_t>(o.time.size(), 7), {}, r),
            Status::ok);
  EXPECT_EQ(r.period, search(o).period);
}

TEST(FindPeriod, BandsThatCannotBeSearchedAreLeftOut) {
  Observations o = observe(100, 0.55, 0.05, 4, rrab);
  const double alone = search(o).period;
  std::vector<std::uint8_t> band(o.time.size(), 0);
  for (int i = 0; i < 5; ++i) {
    o.time.push_back(o.time[static_cast<std::size_t>(20 * i)]);
    o.mag.push_back(99);  // constant
    o.mag_err.push_back(1);
    band.push_back(1);
  }
  PeriodResult r;
  ASSERT_EQ(find_period(o.time, o.mag, o.mag_err, band, {}, r), Status::ok);
  EXPECT_EQ(r.period, alone);
}

TEST(FindPeriod, InputsWithoutAPeriodHaveAStatus) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto status_of = [](const Observations& o) {
    PeriodResult r;
    const Status status = find_period(o.time, o.mag, o.mag_err, {}, r);
    EXPECT_EQ(r.period, 0);
    return status;
  };
  const Observations good = observe(50, 0.6, 0.03, 1, rrab);
  EXPECT_EQ(status_of({}), Status::too_few_points);
  EXPECT_EQ(status_of({{1, 2}, {1, 2}, {1, 1}}), Status::too_few_points);
  Observations o = good;
  std::fill(o.time.begin(), o.time.end(), 5.0);
  EXPECT_EQ(status_of(o), Status::zero_time_span);
  for (std::size_t i = 0; i < o.time.size(); ++i) o.time[i] = 0.001 * static_cast<double>(i);
  EXPECT_EQ(status_of(o), Status::zero_time_span);  // half the span is below period_min
  o = good, std::fill(o.mag.begin(), o.mag.end(), 14.1);
  EXPECT_EQ(status_of(o), Status::mad_zero);
  o = good, o.time[0] = nan;
  EXPECT_EQ(status_of(o), Status::nonfinite_time);
  o = good, o.mag[4] = nan;
  EXPECT_EQ(status_of(o), Status::nonfinite_flux);
  o = good, o.mag_err[4] = nan;
  EXPECT_EQ(status_of(o), Status::nonfinite_flux_err);
}

TEST(FindPeriod, StrangeButFiniteInputsNeverGiveNaN) {
  Observations regular = observe(64, 7.3, 0.03, 1, rrab);
  for (std::size_t i = 0; i < regular.time.size(); ++i) regular.time[i] = static_cast<double>(i);
  Observations zero_errors = observe(60, 0.6, 0.03, 1, rrab);
  std::fill(zero_errors.mag_err.begin(), zero_errors.mag_err.end(), 0.0);
  Observations huge_errors = observe(60, 0.6, 0.03, 1, rrab);
  std::fill(huge_errors.mag_err.begin(), huge_errors.mag_err.end(), 1e300);
  Observations outlier = observe(60, 0.6, 0.03, 1, rrab);
  outlier.mag[3] = 700;
  Observations three = observe(3, 0.6, 0.03, 1, rrab);
  Observations step = observe(40, 0.6, 0.03, 1, rrab);
  for (std::size_t i = 0; i < step.mag.size(); ++i) step.mag[i] = i < 20 ? 14 : 15;
  Observations absurd = observe(60, 0.6, 0.03, 1, rrab);
  absurd.mag[7] = 1.7e308;
  for (const Observations& o : {regular, zero_errors, huge_errors, outlier, three, step, absurd}) {
    const PeriodResult r = search(o);
    EXPECT_TRUE(std::isfinite(r.period_err) && std::isfinite(r.log_evidence) && std::isfinite(r.power));
  }
  search(zero_errors, {.error_floor_mag = 0});
}

TEST(FindPeriod, OfATooFineGridIsNotSearched) {
  const Observations o = observe(200, 0.61, 0.03, 1, rrab);
  PeriodResult r;
  EXPECT_EQ(find_period(o.time, o.mag, o.mag_err, {.period_min = 1e-5}, r), Status::grid_too_fine);
  EXPECT_NEAR(r.span_days, 1500, 50);
  EXPECT_EQ(r.period, 0);
  const std::vector<std::uint8_t> band(o.time.size(), 3);
  EXPECT_EQ(find_period(o.time, o.mag, o.mag_err, band, {.period_min = 1e-5}, r), Status::grid_too_fine);
}

TEST(FindPeriod, OptionsOutOfRangeThrow) {
  const Observations o = observe(50, 0.6, 0.03, 1, rrab);
  PeriodResult r;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const PeriodOptions& bad :
       {PeriodOptions{.period_min = 0}, PeriodOptions{.period_min = nan}, PeriodOptions{.period_max = 0.01},
        PeriodOptions{.oversampling = 0}, PeriodOptions{.n_candidates = 0}, PeriodOptions{.n_harmonics = 9},
        PeriodOptions{.error_floor_mag = -1}}) {
    EXPECT_THROW(find_period(o.time, o.mag, o.mag_err, bad, r), Error);
  }
  EXPECT_THROW(find_period(std::span(o.time).first(3), o.mag, o.mag_err, {}, r), Error);
}

TEST(FindPeriod, ManyObservationsAreSearchedOnAFixedSubset) {
  const Observations o = observe(30000, 0.61803, 0.1, 2, rrab);
  const PeriodResult a = search(o, {.period_min = 0.3}), b = search(o, {.period_min = 0.3});
  EXPECT_TRUE(is_near(a.period, 0.61803));
  EXPECT_EQ(a.period, b.period);
}

// ---- the pieces --------------------------------------------------------------------------------

TEST(HarmonicModel, EvidenceIsThatOfTheDenseGaussian) {
  // log N(y; 0, C) with C = diag(1/w) + Phi Lambda Phi^T, by brute force, marginalised over the jitters.
  const Observations o = observe(12, 0.6, 0.05, 3, rrab);
  std::vector<double> time = o.time;
  for (double& t : time) t -= 2457700;
  const kernels::PeriodogramKernels& kernels = kernels::periodogram_kernels(Isa::scalar);
  HarmonicModel model(time, o.mag, o.mag_err, {decaying_prior(2, 0.45), 0.1}, kernels);
  const std::size_t n = time.size();
  double mean = 0, deviation = 0;
  for (const double m : o.mag) mean += m / static_cast<double>(n);
  for (const double m : o.mag) deviation += (m - mean) * (m - mean) / static_cast<double>(n);
  deviation = std::sqrt(deviation);
  const auto dense = [&](double f) {
    double highest = -1e300;
    std::vector<double> evidence;
    for (int jitter = 0; jitter < 6; ++jitter) {
      const double tau = deviation * 0.02 * std::pow(1 / 0.02, jitter / 5.0);
      std::vector<std::vector<double>> c(n, std::vector<double>(n));
      for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < n; ++j) {
          c[i][j] = 1600 * deviation * deviation;
          for (int k = 1; k <= 2; ++k) {
            const double s = deviation * std::pow(0.45, k - 1);
            c[i][j] += s * s * std::cos(2 * pi * k * f * (time[i] - time[j]));
          }
          if (i == j) c[i][j] += o.mag_err[i] * o.mag_err[i] + 0.01 * deviation * deviation + tau * tau;
        }
      }
      double log_det = 0, chi2 = 0;  // Gaussian elimination of C with y alongside
      std::vector<double> y;
      for (const double m : o.mag) y.push_back(m - mean);
      for (std::size_t i = 0; i < n; ++i) {
        log_det += std::log(c[i][i]);
        chi2 += y[i] * y[i] / c[i][i];
        for (std::size_t r = i + 1; r < n; ++r) {
          const double factor = c[r][i] / c[i][i];
          for (std::size_t j = i; j < n; ++j) c[r][j] -= factor * c[i][j];
          y[r] -= factor * y[i];
        }
      }
      evidence.push_back(-0.5 * (chi2 + log_det));
      highest = std::max(highest, evidence.back());
    }
    double sum = 0;
    for (const double e : evidence) sum += std::exp(e - highest);
    return highest + std::log(sum / 6);
  };
  for (const double f : {0.3, 1 / 0.6, 4.321}) EXPECT_NEAR(model.log_evidence(f), dense(f), 1e-6) << f;
}

TEST(HarmonicModel, EveryInstructionSetGivesTheSameBits) {
  const Observations o = observe(100, 0.6, 0.05, 3, rrab);
  std::vector<double> time = o.time;
  for (double& t : time) t -= 2457700;
  const auto evidence = [&](Isa isa) {
    HarmonicModel model(time, o.mag, o.mag_err, {decaying_prior(6, 0.45), 0.1},
                        kernels::periodogram_kernels(isa));
    return model.log_evidence(1.234567);
  };
  for (const Isa isa : compiled_isas()) {
    if (!isa_supported(isa)) continue;
    EXPECT_EQ(evidence(isa), evidence(Isa::scalar));
  }
}

TEST(HarmonicModel, FitReturnsTheCurve) {
  const Observations o = observe(
      300, 0.6, 0.001, 3, [](double p) { return 0.3 * std::sin(2 * pi * p) + 0.1 * std::cos(4 * pi * p); });
  std::vector<double> time = o.time;
  for (double& t : time) t -= 2457000;
  HarmonicModel model(time, o.mag, o.mag_err, {decaying_prior(3, 0.8), 0.0},
                      kernels::periodogram_kernels(Isa::scalar));
  const std::vector<double> c = model.fit(1 / 0.6);
  const std::vector<double> expected{14, 0, 0.3, 0.1, 0, 0, 0};
  for (std::size_t i = 0; i < c.size(); ++i) EXPECT_NEAR(c[i], expected[i], 2e-3) << i;
}

TEST(CurveShape, EclipsesSkewToTheFaintSideAndMinimaAreCounted) {
  const std::vector<double> sine{15, 0.3, 0};
  EXPECT_NEAR(measure_shape(sine).skewness, 0, 1e-12);
  EXPECT_NEAR(measure_shape(sine).depth_mag, 0.6, 1e-3);
  EXPECT_EQ(measure_shape(sine).n_minima, 1u);
  const std::vector<double> two_dips{15, 0.02, 0, 0.3, 0, 0, 0, 0.1, 0};
  EXPECT_EQ(measure_shape(two_dips).n_minima, 2u);
  EXPECT_GT(measure_shape(two_dips).skewness, 0.3);
  std::vector<double> bright_spikes = two_dips;
  for (std::size_t i = 1; i < bright_spikes.size(); ++i) bright_spikes[i] *= -1;
  EXPECT_LT(measure_shape(bright_spikes).skewness, -0.3);
  EXPECT_EQ(measure_shape(std::vector<double>{15, 0, 0}).skewness, 0);
}

}  // namespace
}  // namespace astrom3
