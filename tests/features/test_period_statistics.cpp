// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <map>
#include <numeric>
#include <tuple>

#include "astrom3/features/period_statistics.h"
#include "statistic_star.h"

namespace astrom3 {
namespace {

using testing::Columns;
using testing::observe;
using testing::regular;
using testing::statistic_of;
using Real = long double;
using Complex = std::complex<Real>;

Real phase_of(const Columns& o, std::size_t j, double frequency) {
  const Real turns = static_cast<Real>(frequency) *
                     (static_cast<Real>(o.time[j]) - *std::min_element(o.time.begin(), o.time.end()));
  return turns - std::floor(turns);
}

/// The share of chi2 about the mean that the mean and `terms` harmonics explain: Gram-Schmidt in long double.
double slow_share(const Columns& o, double frequency, std::size_t terms) {
  const std::size_t n = o.time.size();
  std::vector<std::vector<Real>> basis;
  std::vector<Real> rest(n);
  for (std::size_t j = 0; j < n; ++j) rest[j] = static_cast<Real>(o.y[j]) / o.y_err[j];
  const auto dot = [](const auto& a, const auto& b) {
    return std::inner_product(a.begin(), a.end(), b.begin(), Real(0));
  };
  Real chi2_0 = 0;
  for (std::size_t i = 0; i <= 2 * terms; ++i) {
    std::vector<Real> column(n);
    for (std::size_t j = 0; j < n; ++j) {
      const Real angle =
          2 * std::numbers::pi_v<Real> * static_cast<Real>((i + 1) / 2) * phase_of(o, j, frequency);
      column[j] = (i % 2 == 1 ? std::cos(angle)
                   : i == 0   ? 1
                              : std::sin(angle)) /
                  static_cast<Real>(o.y_err[j]);
    }
    for (int pass = 0; pass < 2; ++pass) {
      for (const auto& b : basis) {
        const Real c = dot(b, column);
        for (std::size_t j = 0; j < n; ++j) column[j] -= c * b[j];
      }
    }
    const Real length = std::sqrt(dot(column, column));
    for (Real& v : column) v /= length;
    const Real c = dot(column, rest);
    for (std::size_t j = 0; j < n; ++j) rest[j] -= c * column[j];
    basis.push_back(std::move(column));
    if (i == 0) chi2_0 = dot(rest, rest);
  }
  return static_cast<double>(1 - dot(rest, rest) / chi2_0);
}

TEST(Gls, OfSeveralTermsEqualsItsDefinitionOnAGrid) {
  for (const std::size_t n : {60u, 400u, 1300u}) {
    const Columns o = observe(n);
    const auto frequency = regular(0.03, 1 / 1500.0, 12000);
    for (const std::size_t terms : {1u, 2u, 3u, 8u}) {
      const auto power = statistic_of(o.view(), frequency, {.terms = terms});
      for (std::size_t k = 0; k < frequency.size(); k += 911)
        EXPECT_NEAR(power[k], slow_share(o, frequency[k], terms), 2e-10)
            << n << " " << terms << " " << frequency[k];
    }
  }
}

TEST(Gls, OfSeveralTermsEqualsItsDefinitionAtAnyFrequencies) {
  const Columns o = observe(90);
  std::vector<double> frequency;
  for (double f = 0.004; f < 30; f *= 1.3) frequency.push_back(f);
  for (const std::size_t terms : {1u, 2u, 5u, 16u}) {
    const auto power = statistic_of(o.view(), frequency, {.terms = terms});
    for (std::size_t k = 0; k < frequency.size(); ++k)
      EXPECT_NEAR(power[k], slow_share(o, frequency[k], terms), 1e-10) << terms << " " << frequency[k];
  }
}

TEST(Gls, OfBandsOfTheirOwnAddsTheirChi2) {
  const Columns o = observe(300);
  const auto frequency = regular(0.05, 1 / 1500.0, 3000);
  const auto power = statistic_of(o.bands(), frequency, {.terms = 2});
  for (std::size_t k = 0; k < frequency.size(); k += 397) {
    double explained = 0, total = 0;
    for (std::uint8_t b = 0; b < 3; ++b) {
      Columns one;
      double w_sum = 0, mean = 0, chi2 = 0;
      for (std::size_t j = 0; j < o.time.size(); ++j) {
        if (o.band[j] != b) continue;
        one.time.push_back(o.time[j]), one.y.push_back(o.y[j]), one.y_err.push_back(o.y_err[j]);
        w_sum += 1 / (o.y_err[j] * o.y_err[j]), mean += o.y[j] / (o.y_err[j] * o.y_err[j]);
      }
      for (std::size_t j = 0; j < one.y.size(); ++j)
        chi2 += std::pow((one.y[j] - mean / w_sum) / one.y_err[j], 2);
      explained += chi2 * slow_share(one, frequency[k], 2);
      total += chi2;
    }
    EXPECT_NEAR(power[k], explained / total, 1e-9) << frequency[k];
  }
}

/// Theta from polynomials that are orthogonal on z = e^{2 pi i f t}, by the recurrence of the paper.
double slow_aov(const Columns& o, double frequency, std::size_t terms) {
  const std::size_t n = o.time.size();
  Real weight = 0, mean = 0, total = 0;
  for (std::size_t j = 0; j < n; ++j) {
    weight += 1 / (static_cast<Real>(o.y_err[j]) * o.y_err[j]);
    mean += o.y[j] / (static_cast<Real>(o.y_err[j]) * o.y_err[j]);
  }
  mean /= weight;
  std::vector<Complex> z(n), psi(n), phi(n, 1), z_power(n, 1);
  std::vector<Real> w(n);
  for (std::size_t j = 0; j < n; ++j) {
    const Real angle = 2 * std::numbers::pi_v<Real> * phase_of(o, j, frequency), x = o.y[j] - mean;
    w[j] = 1 / (static_cast<Real>(o.y_err[j]) * o.y_err[j]);
    z[j] = std::polar(Real(1), angle);
    psi[j] = std::polar(Real(1), static_cast<Real>(terms) * angle) * x;
    total += w[j] * x * x;
  }
  Real explained = 0;
  for (std::size_t k = 0; k <= 2 * terms; ++k) {
    Complex c = 0, above = 0, below = 0;
    Real norm = 0;
    for (std::size_t j = 0; j < n; ++j) {
      c += w[j] * std::conj(phi[j]) * psi[j];
      norm += w[j] * std::norm(phi[j]);
      above += w[j] * z[j] * phi[j];
      below += w[j] * z_power[j] * std::conj(phi[j]);
    }
    explained += std::norm(c) / norm;
    for (std::size_t j = 0; j < n; ++j) {
      phi[j] = z[j] * phi[j] - above / below * z_power[j] * std::conj(phi[j]);
      z_power[j] *= z[j];
    }
  }
  const auto degrees = static_cast<Real>(n - 2 * terms - 1) / static_cast<Real>(2 * terms);
  return static_cast<double>(degrees * explained / (total - explained));
}

TEST(Aov, EqualsTheOrthogonalPolynomialsOfThePaper) {
  const Columns o = observe(120);
  const auto frequency = regular(0.03, 1 / 1500.0, 4000);
  for (const std::size_t terms : {1u, 3u, 6u}) {
    const auto value = statistic_of(o.view(), frequency, {.method = PeriodStatistic::aov, .terms = terms});
    for (std::size_t k = 0; k < frequency.size(); k += 331) {
      const double expected = slow_aov(o, frequency[k], terms);
      EXPECT_NEAR(value[k], expected, 2e-9 * (1 + expected)) << terms << " " << frequency[k];
    }
  }
}

double slow_dispersion(const Columns& o, double frequency, std::size_t n_bins, std::size_t covers) {
  const auto n = static_cast<Real>(o.y.size());
  const Real mean = std::accumulate(o.y.begin(), o.y.end(), Real(0)) / n;
  Real variance = 0, above = 0, below = 0;
  for (const double y : o.y) variance += (y - mean) * (y - mean) / (n - 1);
  for (std::size_t c = 0; c < covers; ++c) {
    std::map<std::size_t, std::vector<Real>> bins;
    for (std::size_t j = 0; j < o.y.size(); ++j) {
      // Fine bins, of which `covers` neighbours make a bin that begins at the cover's shift.
      const std::size_t n_fine = n_bins * covers;
      const auto fine = static_cast<std::size_t>(phase_of(o, j, frequency) * static_cast<Real>(n_fine));
      bins[((fine + n_fine - c) % n_fine) / covers].push_back(o.y[j]);
    }
    for (const auto& [bin, values] : bins) {
      const auto m = static_cast<Real>(values.size());
      const Real middle = std::accumulate(values.begin(), values.end(), Real(0)) / m;
      for (const Real v : values) above += (v - middle) * (v - middle);
      below += m - 1;
    }
  }
  return static_cast<double>(above / below / variance);
}

TEST(Pdm, EqualsThePaper) {
  const Columns o = observe(250);
  const auto frequency = regular(0.011, 1 / 900.0, 3000);
  for (const auto& [bins, covers] : {std::pair<std::size_t, std::size_t>{10, 1}, {5, 2}, {7, 3}, {64, 1}}) {
    const auto value = statistic_of(o.view(), frequency,
                                    {.method = PeriodStatistic::pdm, .phase_bins = bins, .covers = covers});
    for (std::size_t k = 0; k < frequency.size(); k += 101)
      EXPECT_NEAR(value[k], slow_dispersion(o, frequency[k], bins, covers), 1e-11)
          << bins << " " << frequency[k];
  }
}

double slow_entropy(const Columns& o, double frequency, std::size_t n_phases, std::size_t n_values) {
  const auto [low, high] = std::minmax_element(o.y.begin(), o.y.end());
  std::map<std::size_t, std::map<std::size_t, Real>> cells;
  for (std::size_t j = 0; j < o.y.size(); ++j) {
    const double place = (o.y[j] - *low) / (*high - *low) * static_cast<double>(n_values);
    const auto i = std::min(static_cast<std::size_t>(place), n_values - 1);
    const auto bin = static_cast<std::size_t>(phase_of(o, j, frequency) * static_cast<Real>(n_phases));
    cells[bin][i] += Real(1) / static_cast<Real>(o.y.size());
  }
  Real sum = 0;
  for (const auto& [bin, column] : cells) {
    Real p_phase = 0;
    for (const auto& [i, p] : column) p_phase += p;
    for (const auto& [i, p] : column) sum += p * std::log(p_phase / p);
  }
  return static_cast<double>(sum);
}

TEST(ConditionalEntropy, EqualsThePaper) {
  for (const std::size_t n : {50u, 900u}) {
    const Columns o = observe(n);
    const auto frequency = regular(0.011, 1 / 900.0, 2000);
    for (const auto& [phases, values] : {std::pair<std::size_t, std::size_t>{10, 5}, {4, 3}, {33, 8}}) {
      const auto value = statistic_of(
          o.view(), frequency, {.method = PeriodStatistic::ce, .phase_bins = phases, .value_bins = values});
      for (std::size_t k = 0; k < frequency.size(); k += 101)
        EXPECT_NEAR(value[k], slow_entropy(o, frequency[k], phases, values), 1e-12)
            << n << " " << frequency[k];
    }
  }
}

double slow_length(const Columns& o, double frequency) {
  const auto [low, high] = std::minmax_element(o.y.begin(), o.y.end());
  std::vector<std::pair<Real, Real>> points;
  for (std::size_t j = 0; j < o.y.size(); ++j)
    points.emplace_back(phase_of(o, j, frequency), (o.y[j] - *low) / (2 * (*high - *low)) - 0.25);
  std::sort(points.begin(), points.end());
  points.emplace_back(points.front().first + 1, points.front().second);
  Real sum = 0;
  for (std::size_t j = 1; j < points.size(); ++j)
    sum += std::hypot(points[j].first - points[j - 1].first, points[j].second - points[j - 1].second);
  return static_cast<double>(sum);
}

TEST(StringLength, EqualsThePaperAlsoWhereThePhasesClump) {
  const Columns o = observe(300);
  for (const double f : {0.003, 0.2, 1.0, 2.0, 1.00273, 1.639344, 7.1}) {
    const auto value = statistic_of(o.view(), {f}, {.method = PeriodStatistic::string_length});
    EXPECT_NEAR(value[0], slow_length(o, f), 1e-8) << f;  // phases of 1e-12, which reorder neighbours
  }
}

struct SlowBox {
  double score = 0, depth = 0, depth_err = 0;
};

/// Every box of the circle of bins, observation by observation.
SlowBox slow_box(const Columns& o, double frequency, const std::vector<double>& durations, std::size_t steps,
                 bool likelihood) {
  const double period = 1 / frequency,
               bin_days = *std::min_element(durations.begin(), durations.end()) / static_cast<double>(steps);
  const auto n_bins = static_cast<std::size_t>(std::ceil(period / bin_days));
  SlowBox best;
  for (const double days : durations) {
    const auto length = static_cast<std::size_t>(std::round(days / bin_days));
    for (std::size_t start = 0; start < n_bins; ++start) {
      Real w_in = 0, y_in = 0, w_out = 0, y_out = 0;
      for (std::size_t j = 0; j < o.y.size(); ++j) {
        const auto bin = static_cast<std::size_t>(phase_of(o, j, frequency) * period / bin_days);
        const Real w = 1 / (static_cast<Real>(o.y_err[j]) * o.y_err[j]);
        const bool is_in = (bin + n_bins - start) % n_bins < length;
        (is_in ? w_in : w_out) += w;
        (is_in ? y_in : y_out) += w * o.y[j];
      }
      if (!(w_in > 0) || !(w_out > 0)) continue;
      const Real depth = y_out / w_out - y_in / w_in, error = std::sqrt(1 / w_in + 1 / w_out);
      const Real score = likelihood ? w_in * depth * depth / 2 : depth / error;
      if (depth >= 0 && score > best.score)
        best = {static_cast<double>(score), static_cast<double>(depth), static_cast<double>(error)};
    }
  }
  return best;
}

TEST(Bls, EqualsEveryBoxTriedByItself) {
  Columns o = observe(150);
  for (std::size_t j = 0; j < o.time.size(); ++j) o.y[j] -= std::fmod(o.time[j], 3.7) < 0.25 ? 0.6 : 0;
  for (const bool likelihood : {true, false}) {
    const PeriodStatisticOptions options{
        .method = PeriodStatistic::bls,
        .durations = {0.3, 0.11, 0.2},
        .duration_steps = 7,
        .objective = likelihood ? BoxObjective::likelihood : BoxObjective::snr};
    const std::vector<double> frequency{0.0823, 0.27027, 0.31, 0.77, 1.003, 1.7, 2.2, 3.1};
    const auto value = statistic_of(o.view(), frequency, options);
    for (std::size_t k = 0; k < frequency.size(); ++k) {
      const SlowBox expected = slow_box(o, frequency[k], options.durations, 7, likelihood);
      EXPECT_NEAR(value[k], expected.score, 1e-8 * expected.score) << frequency[k];
      const Box box = find_box(o.view(), frequency[k], options);
      EXPECT_NEAR(box.score, expected.score, 1e-8 * expected.score);
      EXPECT_NEAR(box.depth, expected.depth, 1e-8);
      EXPECT_NEAR(box.depth_err, expected.depth_err, 1e-8);
      EXPECT_GT(box.duration_days, 0.1);
    }
  }
}

TEST(Bls, TakesFractionsOfThePeriodAndFindsTheEclipseInMagnitudes) {
  Columns o = observe(2000);
  for (std::size_t j = 0; j < o.time.size(); ++j)
    o.y[j] = 12 + 0.01 * std::sin(static_cast<double>(j)) + (std::fmod(o.time[j], 3.7) < 0.19 ? 0.6 : 0);
  StarObservations star = o.view();
  star.is_magnitude = true;
  const auto frequency = regular(0.05, 1 / 3000.0, 4000);
  const auto value = statistic_of(star, frequency, {.method = PeriodStatistic::bls});
  const auto best = find_best(frequency, value, false, 1);
  ASSERT_EQ(best.size(), 1u);
  EXPECT_NEAR(1 / best[0].frequency, 3.7, 0.003);
  const Box box = find_box(star, 1 / 3.7, {.method = PeriodStatistic::bls});
  EXPECT_NEAR(box.depth, 0.6, 0.01);
  EXPECT_NEAR(box.duration_days, 0.05 * 3.7, 1e-9);
  EXPECT_NEAR(std::remainder(box.mid_time - 0.095, 3.7), 0, 0.03);
}

TEST(Window, IsOneWhereTheTimesCannotTellTheFrequencyFromZero) {
  Columns o;
  for (int i = 0; i < 500; ++i) {
    if (i % 7 == 3) continue;
    o.time.push_back(100 + 0.25 * i);
    o.y.push_back(1);
    o.y_err.push_back(0.1);
  }
  const auto frequency = regular(0.001, 0.001, 8000);
  const auto value = statistic_of(o.view(), frequency, {.method = PeriodStatistic::window});
  for (std::size_t k = 0; k < frequency.size(); ++k) {
    std::complex<double> sum = 0;
    for (const double t : o.time) sum += std::polar(1.0, 2 * std::numbers::pi * frequency[k] * (t - 160));
    EXPECT_NEAR(value[k], std::norm(sum) / std::pow(static_cast<double>(o.time.size()), 2), 1e-10)
        << frequency[k];
  }
  EXPECT_NEAR(value[3999], 1, 1e-10);
}

TEST(Nyquist, IsTheLimitOfAGridAndAnAverageElsewhere) {
  std::vector<double> time;
  for (int i = 0; i < 300; ++i) {
    if (i % 11 != 0) time.push_back(2458000.3 + i / 48.0);
  }
  const Nyquist grid = find_nyquist(time);
  EXPECT_TRUE(grid.is_limit);
  EXPECT_NEAR(grid.frequency, 24, 1e-6);
  const Columns o = observe(100);
  const Nyquist average = find_nyquist(o.time);
  EXPECT_FALSE(average.is_limit);
  EXPECT_NEAR(average.frequency, 50 / (o.time.back() - o.time.front()), 1e-9);
  EXPECT_EQ(find_nyquist(std::vector<double>{1, 1, 1}).frequency, 0);
}

TEST(FindBest, TakesTheVertexOfTheParabolaAndTheLowestWhereThatIsBest) {
  std::vector<double> frequency, value;
  for (const double f : {1.0, 1.1, 1.3, 1.4, 1.7, 2.0, 2.1}) {
    frequency.push_back(f);
    value.push_back(3 - (f - 1.33) * (f - 1.33));
  }
  value.back() = 2.8;
  const auto high = find_best(frequency, value, false, 5);
  ASSERT_EQ(high.size(), 2u);
  EXPECT_NEAR(high[0].frequency, 1.33, 1e-12);
  EXPECT_EQ(high[1].frequency, 2.1);  // the last may be a peak
  const auto low = find_best(frequency, value, true, 1);
  ASSERT_EQ(low.size(), 1u);
  EXPECT_EQ(low[0].index, 5u);
}

const PeriodStatisticOptions kOfEach[]{{.terms = 3},
                                       {.normalization = Normalization::log},
                                       {.method = PeriodStatistic::aov, .terms = 2},
                                       {.method = PeriodStatistic::bls},
                                       {.method = PeriodStatistic::bls, .durations = {0.05, 0.1}},
                                       {.method = PeriodStatistic::pdm, .covers = 2},
                                       {.method = PeriodStatistic::ce},
                                       {.method = PeriodStatistic::string_length},
                                       {.method = PeriodStatistic::window}};

TEST(PeriodStatistics, AreTheSameBitsForAnyThreadsAndInstructionSet) {
  const Columns o = observe(333);
  const auto frequency = regular(0.05, 1 / 1500.0, 5001);
  for (PeriodStatisticOptions options : kOfEach) {
    options.threads = 1;
    const auto expected = statistic_of(o.view(), frequency, options);
    options.threads = 5;
    EXPECT_EQ(statistic_of(o.view(), frequency, options), expected) << name_of(options.method);
    for (const Isa isa : compiled_isas()) {
      if (!isa_supported(isa)) continue;
      options.isa = isa;
      EXPECT_EQ(statistic_of(o.view(), frequency, options), expected)
          << name_of(options.method) << isa_name(isa);
    }
  }
  PeriodStatisticOptions shared{.terms = 1, .base_terms = 2};
  const auto expected = statistic_of(o.bands(), frequency, shared);
  shared.threads = 3;
  shared.isa = Isa::scalar;
  EXPECT_EQ(statistic_of(o.bands(), frequency, shared), expected);
}

TEST(PeriodStatistics, AreFiniteForDegenerateStars) {
  Columns days, few = observe(6), clumped = observe(40), extreme = observe(50);
  for (int i = 0; i < 200; ++i) {
    days.time.push_back(i);
    days.y.push_back(std::sin(i));
    days.y_err.push_back(0.1);
  }
  for (std::size_t j = 0; j < clumped.time.size(); ++j) clumped.time[j] = j < 39 ? 5 : 9;
  for (double& y : extreme.y) y *= 1e100;
  const auto frequency = regular(0.001, 0.001, 2000);  // of `days` also 1/2, 1, 3/2 and 2
  for (const Columns* o : {&days, &few, &clumped, &extreme}) {
    for (PeriodStatisticOptions options : kOfEach) {
      options.terms = std::min<std::size_t>(options.terms, 2);
      for (const double v : statistic_of(o->view(), frequency, options))
        ASSERT_TRUE(std::isfinite(v)) << name_of(options.method);
    }
  }
}

}  // namespace
}  // namespace astrom3
