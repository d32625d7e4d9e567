// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "astrom3/features/periodogram.h"
#include "base/aligned_vector.h"
#include "features/nufft_tables.h"
#include "features/peaks.h"
#include "kernels/dispatch.h"

namespace astrom3 {
namespace {

struct Observations {
  std::vector<double> time, y, y_err;
};

enum class Cadence { random, nightly, regular };

/// A sine of 0.4 mag with noise at full Julian dates.
Observations observe(std::size_t n, Cadence cadence, std::uint64_t seed = 3) {
  std::mt19937_64 rng(seed);
  std::uniform_real_distribution<double> uniform(0, 1);
  std::normal_distribution<double> normal(0, 1);
  Observations o;
  for (std::size_t i = 0; i < n; ++i) {
    double t = 1500 * uniform(rng);
    if (cadence == Cadence::nightly) t = std::floor(t) + 0.3 + 0.2 * uniform(rng);
    if (cadence == Cadence::regular) t = 2.0 * static_cast<double>(i);
    o.time.push_back(2457000 + t);
    o.y_err.push_back(0.02 + 0.05 * uniform(rng));
    o.y.push_back(15 + 0.4 * std::sin(2 * std::numbers::pi * 1.7 * t) + o.y_err.back() * normal(rng));
  }
  return o;
}

/// The definition, term by term in long double: the residuals of the best weighted fit of a
/// constant and a sinusoid, by centred normal equations.
double slow_power(const Observations& o, double frequency) {
  using Real = long double;
  const auto [first, last] = std::minmax_element(o.time.begin(), o.time.end());
  const Real origin = static_cast<Real>(*first) + (static_cast<Real>(*last) - static_cast<Real>(*first)) / 2;
  Real w_sum = 0, y_mean = 0, c_mean = 0, s_mean = 0;
  std::vector<Real> w, c, s;
  for (std::size_t j = 0; j < o.time.size(); ++j) {
    const Real turns = static_cast<Real>(frequency) * (static_cast<Real>(o.time[j]) - origin);
    const Real angle = 2 * std::numbers::pi_v<Real> * (turns - std::round(turns));
    w.push_back(1 / (static_cast<Real>(o.y_err[j]) * static_cast<Real>(o.y_err[j])));
    c.push_back(std::cos(angle));
    s.push_back(std::sin(angle));
    w_sum += w[j];
    y_mean += w[j] * static_cast<Real>(o.y[j]);
    c_mean += w[j] * c[j];
    s_mean += w[j] * s[j];
  }
  y_mean /= w_sum, c_mean /= w_sum, s_mean /= w_sum;
  Real cc = 0, ss = 0, cs = 0, yc = 0, ys = 0, yy = 0;
  for (std::size_t j = 0; j < w.size(); ++j) {
    const Real dy = static_cast<Real>(o.y[j]) - y_mean, dc = c[j] - c_mean, ds = s[j] - s_mean;
    cc += w[j] * dc * dc, ss += w[j] * ds * ds, cs += w[j] * dc * ds;
    yc += w[j] * dy * dc, ys += w[j] * dy * ds, yy += w[j] * dy * dy;
  }
  return static_cast<double>((ss * yc * yc + cc * ys * ys - 2 * cs * yc * ys) / ((cc * ss - cs * cs) * yy));
}

const FrequencyGrid kGrid{0.02, 1 / (5 * 1500.0), 9000};

template <typename Real>
std::vector<Real> power_of(const Observations& o, const FrequencyGrid& grid,
                           const PeriodogramOptions& options = {}) {
  std::vector<Real> power(grid.count, Real(-1));
  EXPECT_EQ(gls_power(o.time, o.y, o.y_err, grid, options, std::span<Real>(power)), Status::ok);
  return power;
}

/// Largest difference from the slow twin over every 41st frequency.
template <typename Real>
double worst_error(const Observations& o, const FrequencyGrid& grid, const PeriodogramOptions& options) {
  const std::vector<Real> power = power_of<Real>(o, grid, options);
  double worst = 0;
  for (std::size_t k = 0; k < grid.count; k += 41) {
    worst = std::max(worst, std::fabs(static_cast<double>(power[k]) - slow_power(o, grid.frequency(k))));
  }
  return worst;
}

TEST(GlsPower, EqualsTheExactSumsForAnyNumberOfObservationsAndCadence) {
  // 2e-9 is five times the spreading error of width 10; the direct sum leaves rounding only.
  for (const std::size_t n : {8u, 20u, 60u, 200u, 600u, 2000u}) {
    for (const Cadence cadence : {Cadence::random, Cadence::nightly}) {
      const Observations o = observe(n, cadence);
      // A handful of observations is badly conditioned, which is one reason for the crossover.
      const double bound = n < 60 ? 1e-7 : 2e-9;
      EXPECT_LT(worst_error<double>(o, kGrid, {.method = PeriodogramMethod::nufft}), bound) << n;
      EXPECT_LT(worst_error<double>(o, kGrid, {.method = PeriodogramMethod::direct}), 1e-10) << n;
      EXPECT_LT(worst_error<double>(o, kGrid, {}), 2e-9) << n;
    }
  }
}

TEST(GlsPower, WidthFourteenIsGoodToTwelveDigits) {
  const Observations o = observe(200, Cadence::nightly);
  EXPECT_LT(worst_error<double>(o, kGrid, {.method = PeriodogramMethod::nufft, .kernel_width = 14}), 1e-11);
}

TEST(GlsPower, Float32IsGoodToFiveMillionths) {
  for (const std::size_t n : {8u, 60u, 200u, 2000u}) {
    for (const Cadence cadence : {Cadence::random, Cadence::nightly}) {
      EXPECT_LT(worst_error<float>(observe(n, cadence), kGrid, {}), 5e-6) << n;
      EXPECT_LT(worst_error<float>(observe(n, cadence), kGrid, {.method = PeriodogramMethod::nufft}), 5e-6)
          << n;
    }
  }
}

TEST(GlsPower, RegularCadenceIsExactAwayFromItsNyquistFrequency) {
  const Observations o = observe(300, Cadence::regular);  // every 2 d: Nyquist at 0.25 / d
  const FrequencyGrid grid{0.01, 1e-5, 23000};
  EXPECT_LT(worst_error<double>(o, grid, {}), 2e-9);
}

TEST(GlsPower, EveryInstructionSetGivesTheSameBits) {
  for (const std::size_t n : {30u, 200u, 700u}) {
    const Observations o = observe(n, Cadence::nightly);
    const auto reference = power_of<double>(o, kGrid, {.isa = Isa::scalar});
    const auto reference32 = power_of<float>(o, kGrid, {.isa = Isa::scalar});
    for (const Isa isa : compiled_isas()) {
      if (!isa_supported(isa)) continue;
      EXPECT_EQ(power_of<double>(o, kGrid, {.isa = isa}), reference) << isa_name(isa);
      EXPECT_EQ(power_of<float>(o, kGrid, {.isa = isa}), reference32) << isa_name(isa);
    }
  }
}

TEST(GlsPower, IsBetweenZeroAndOneAndNeverNaNWhereTheModelIsSingular) {
  const Observations regular = observe(64, Cadence::regular);
  const FrequencyGrid to_nyquist{0, 1.0 / 4096, 4097};  // f = 0 and every multiple of 0.25 / d
  Observations clumped = observe(50, Cadence::random);
  for (double& t : clumped.time) t = std::floor(t / 300) * 300;  // five epochs
  for (const Observations& o : {regular, clumped, observe(3, Cadence::random)}) {
    for (const PeriodogramMethod method : {PeriodogramMethod::direct, PeriodogramMethod::nufft}) {
      for (const double p : power_of<double>(o, to_nyquist, {.method = method}))
        ASSERT_TRUE(p >= 0 && p <= 1) << p;
      for (const float p : power_of<float>(o, to_nyquist, {.method = method}))
        ASSERT_TRUE(p >= 0 && p <= 1) << p;
    }
  }
  EXPECT_EQ(power_of<double>(regular, to_nyquist)[0], 0);
}

TEST(GlsPower, ApproachesAParabolaWhenTheFrequencyVanishes) {
  // mean + a cos + b sin with f -> 0 spans 1, t, t^2: a parabola is fitted exactly.
  Observations o = observe(100, Cadence::random);
  for (std::size_t i = 0; i < o.time.size(); ++i) {
    const double t = (o.time[i] - 2457700) / 1000;
    o.y[i] = 1 + 2 * t - 3 * t * t;
  }
  EXPECT_NEAR(power_of<double>(o, {1e-6, 1e-7, 3})[0], 1, 1e-5);
}

TEST(GlsPower, DoesNotChangeWithTheZeroPointsAndUnits) {
  const Observations o = observe(200, Cadence::nightly);
  Observations other = o;
  for (double& t : other.time) t -= 2400000.5;
  for (double& y : other.y) y = 1e6 - 1e3 * y;
  for (double& e : other.y_err) e *= 7;
  const auto a = power_of<double>(o, kGrid), b = power_of<double>(other, kGrid);
  // Half an ulp of 2.4e6 d at the highest frequency is 1e-9 cycles.
  for (std::size_t k = 0; k < a.size(); ++k) ASSERT_NEAR(a[k], b[k], 2e-8);
}

TEST(GlsPower, ErrorsOfZeroGetTheMedianAndAllZeroMeansEqualWeights) {
  Observations o = observe(60, Cadence::random);
  std::fill(o.y_err.begin(), o.y_err.end(), 0.04);
  const auto equal = power_of<double>(o, kGrid);
  std::fill(o.y_err.begin(), o.y_err.end(), 0.0);
  EXPECT_EQ(power_of<double>(o, kGrid), equal);
  std::fill(o.y_err.begin(), o.y_err.end(), 0.04);
  o.y_err[5] = 0;
  EXPECT_EQ(power_of<double>(o, kGrid), equal);
  o.y_err.clear();
  EXPECT_EQ(power_of<double>(o, kGrid), equal);
}

TEST(GlsPower, InputsWithoutAnAnswerHaveAStatusAndZeroPower) {
  const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  const Observations good = observe(30, Cadence::random);
  const auto status_of = [](const Observations& o) {
    std::vector<double> power(100, 7);
    const Status status = gls_power(o.time, o.y, o.y_err, {0.1, 0.01, 100}, {}, std::span<double>(power));
    EXPECT_EQ(power, std::vector<double>(100, 0.0));
    return status;
  };
  EXPECT_EQ(status_of(observe(2, Cadence::random)), Status::too_few_points);
  EXPECT_EQ(status_of({}), Status::too_few_points);
  Observations o = good;
  o.time[3] = nan;
  EXPECT_EQ(status_of(o), Status::nonfinite_time);
  o = good, o.y[3] = inf;
  EXPECT_EQ(status_of(o), Status::nonfinite_flux);
  o = good, o.y_err[3] = nan;
  EXPECT_EQ(status_of(o), Status::nonfinite_flux_err);
  o = good, std::fill(o.time.begin(), o.time.end(), 1.0);
  EXPECT_EQ(status_of(o), Status::zero_time_span);
  o = good, std::fill(o.y.begin(), o.y.end(), 0.1);
  EXPECT_EQ(status_of(o), Status::mad_zero);
}

TEST(GlsPower, CallsThatCannotWorkThrow) {
  const Observations o = observe(30, Cadence::random);
  std::vector<double> power(100);
  const std::span<double> out(power);
  EXPECT_THROW(gls_power(std::span(o.time).first(29), o.y, o.y_err, {0.1, 0.01, 100}, {}, out), Error);
  EXPECT_THROW(gls_power(o.time, o.y, o.y_err, {0.1, 0.01, 99}, {}, out), Error);
  EXPECT_THROW(gls_power(o.time, o.y, o.y_err, {-0.1, 0.01, 100}, {}, out), Error);
  EXPECT_THROW(gls_power(o.time, o.y, o.y_err, {0.1, 0, 100}, {}, out), Error);
  EXPECT_THROW(gls_power(o.time, o.y, o.y_err, {0.1, 0.01, 100}, {.kernel_width = 3}, out), Error);
}

TEST(GlsPower, ExtremeValuesAndErrorsStayInRange) {
  Observations o = observe(60, Cadence::random);
  for (double& y : o.y) y *= 1e307;
  o.y_err[0] = 1e300, o.y_err[1] = 1e-6;
  for (const double p : power_of<double>(o, {0.1, 0.01, 1000})) ASSERT_TRUE(p >= 0 && p <= 1);
}

TEST(UnitPhasors, AreExactToRoundingOnEveryInstructionSet) {
  std::vector<double> cycles;
  for (int i = -4000; i <= 4000; ++i) cycles.push_back(i / 16.0 * 1.0009765625);
  for (const double x : {0.0, 0.125, 0.25, -0.25, 0.5, -0.5, 0.75, 12345.5, 1e5 + 0.3}) cycles.push_back(x);
  for (const Isa isa : compiled_isas()) {
    if (!isa_supported(isa)) continue;
    std::vector<double> re(cycles.size()), im(cycles.size());
    kernels::periodogram_kernels(isa).unit_phasors(cycles.data(), cycles.size(), re.data(), im.data());
    for (std::size_t i = 0; i < cycles.size(); ++i) {
      const long double angle =
          2 * std::numbers::pi_v<long double> *
          (static_cast<long double>(cycles[i]) - std::round(static_cast<long double>(cycles[i])));
      ASSERT_NEAR(re[i], static_cast<double>(std::cos(angle)), 3e-16) << cycles[i];
      ASSERT_NEAR(im[i], static_cast<double>(std::sin(angle)), 3e-16) << cycles[i];
    }
  }
}

TEST(HarmonicSums, AreThePlainSumsForAnyNumberOfObservationsWeightingsAndHarmonics) {
  std::mt19937_64 rng(5);
  std::uniform_real_distribution<double> uniform(-1, 1);
  std::vector<double> frequency(8);
  for (double& f : frequency) f = 3 + uniform(rng);
  for (std::size_t n = 1; n <= 19; ++n) {
    const std::size_t n_weights = 1 + n % 7, n_harmonics = 1 + n % 8, n_moments = 2 * n_harmonics + 1;
    std::vector<double> time(n), y(n), weight(n * n_weights);
    for (std::vector<double>* column : {&time, &y, &weight}) {
      for (double& v : *column) v = uniform(rng);
    }
    for (const Isa isa : compiled_isas()) {
      if (!isa_supported(isa)) continue;
      AlignedVector<double> moments(n_weights * n_moments * 16),
          moments_y(n_weights * (n_harmonics + 1) * 16);
      kernels::periodogram_kernels(isa).harmonic_sums({n, n_weights, n_harmonics, time.data(), y.data(),
                                                       weight.data(), frequency.data(), moments.data(),
                                                       moments_y.data()});
      for (std::size_t i = 0; i < moments.size(); ++i) {
        const std::size_t lane = i % 8, part = i / 8 % 2, k = i / 16 % n_moments, w = i / 16 / n_moments;
        double sum = 0, sum_y = 0;
        for (std::size_t j = 0; j < n; ++j) {
          const double angle = 2 * std::numbers::pi * static_cast<double>(k) * frequency[lane] * time[j];
          const double term = weight[j * n_weights + w] * (part == 0 ? std::cos(angle) : std::sin(angle));
          sum += term, sum_y += term * y[j];
        }
        // An angle of at most 16 * 4 turns rounded to 2^-53 in each of 19 terms: 9e-13.
        ASSERT_NEAR(moments[i], sum, 1e-12) << n << " observations, moment " << k;
        if (k > n_harmonics) continue;
        ASSERT_NEAR(moments_y[((w * (n_harmonics + 1) + k) * 2 + part) * 8 + lane], sum_y, 1e-12);
      }
    }
  }
}

TEST(SpreadKernel, TransformIsItsFourierIntegral) {
  const SpreadKernel kernel(10);
  for (const double mode : {0.0, 17.0, 64.0}) {
    double sum = 0;
    constexpr int kSteps = 20000;
    for (int i = 0; i < kSteps; ++i) {
      const double u = 10.0 * (i + 0.5) / kSteps - 5;
      sum += kernel(u) * std::cos(2 * std::numbers::pi * mode * u / 256) * 10.0 / kSteps;
    }
    EXPECT_NEAR(kernel.transform(mode, 256), sum, 1e-8 * kernel.transform(0, 256)) << mode;
  }
}

TEST(PeakCollector, KeepsTheHighestPeaksWhateverTheBlocks) {
  std::mt19937 rng(4);
  std::uniform_real_distribution<float> uniform(0, 1);
  std::vector<float> power(5000);
  for (float& p : power) p = uniform(rng);
  const FrequencyGrid grid{0.01, 0.001, power.size()};
  std::vector<Peak> slow;
  for (std::size_t k = 1; k + 1 < power.size(); ++k) {
    if (power[k] > power[k - 1] && power[k] >= power[k + 1])
      slow.push_back({grid.frequency(k), static_cast<double>(power[k])});
  }
  std::sort(slow.begin(), slow.end(), [](const Peak& a, const Peak& b) { return a.power > b.power; });
  for (const std::size_t block : {1u, 7u, 512u, 5000u}) {
    PeakCollector collector(grid, 20, 0, 0);
    for (std::size_t first = 0; first < power.size(); first += block) {
      collector.add(std::span(power).subspan(first, std::min(block, power.size() - first)));
    }
    const std::vector<Peak> found = collector.finish();
    ASSERT_EQ(found.size(), 20u);
    for (std::size_t i = 0; i < 20; ++i) {
      EXPECT_EQ(found[i].power, slow[i].power) << block;
      EXPECT_NEAR(found[i].frequency, slow[i].frequency, 0.5 * grid.step) << block;
    }
  }
}

TEST(PeakCollector, LowFrequenciesHaveAQuotaOfTheirOwn) {
  std::vector<float> power(1000, 0.0f);
  for (std::size_t k = 500; k < 1000; k += 2) power[k] = 0.9f;
  power[20] = 0.1f;
  power[40] = 0.2f;
  const FrequencyGrid grid{0, 0.001, power.size()};
  PeakCollector collector(grid, 5, 2, 0.1);
  collector.add(power);
  const std::vector<Peak> found = collector.finish();
  ASSERT_EQ(found.size(), 7u);
  EXPECT_NEAR(found[5].frequency, 0.040, 1e-9);
  EXPECT_NEAR(found[6].frequency, 0.020, 1e-9);
}

TEST(PeakCollector, TheParabolaFindsThePlaceBetweenGridPoints) {
  std::vector<float> power;
  for (int k = 0; k < 40; ++k) power.push_back(static_cast<float>(0.9 - 0.001 * std::pow(k - 17.3, 2)));
  PeakCollector collector({0, 1, power.size()}, 3, 0, 0);
  collector.add(power);
  EXPECT_NEAR(collector.finish()[0].frequency, 17.3, 1e-3);
}

TEST(FalseAlarmProbability, FallsFromOneToZeroAndMatchesSimulatedNoise) {
  EXPECT_EQ(false_alarm_probability(0, 100, 1e4, 5), 1);
  EXPECT_EQ(false_alarm_probability(1, 100, 1e4, 5), 0);
  EXPECT_EQ(false_alarm_probability(0.5, 4, 1e4, 5), 1);
  double last = 1;
  for (double p = 0.02; p < 1; p += 0.02) {
    const double now = false_alarm_probability(p, 100, 1e4, 5);
    EXPECT_TRUE(now >= 0 && now <= last) << p;
    last = now;
  }
  // Median of the maximum over 200 light curves of pure noise: the bound must be near 1/2 there.
  std::mt19937_64 rng(9);
  std::normal_distribution<double> normal(0, 1);
  Observations o = observe(100, Cadence::random);
  std::fill(o.y_err.begin(), o.y_err.end(), 1.0);
  const FrequencyGrid grid{1e-4, 1 / (6 * 1500.0), 9000};
  std::vector<double> highest;
  for (int trial = 0; trial < 200; ++trial) {
    for (double& y : o.y) y = normal(rng);
    const auto power = power_of<float>(o, grid);
    highest.push_back(static_cast<double>(*std::max_element(power.begin(), power.end())));
  }
  std::nth_element(highest.begin(), highest.begin() + 100, highest.end());
  double mean = 0, variance = 0;
  for (const double t : o.time) mean += t / 100;
  for (const double t : o.time) variance += (t - mean) * (t - mean) / 100;
  // 200 trials leave 0.035 on the probability; the formula is an upper limit.
  const double p = false_alarm_probability(highest[100], 100, variance, grid.frequency(grid.count - 1));
  EXPECT_GT(p, 0.42);
  EXPECT_LT(p, 0.65);
}

}  // namespace
}  // namespace astrom3
