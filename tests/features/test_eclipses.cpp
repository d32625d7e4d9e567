// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <numbers>
#include <random>
#include <vector>

#include "astrom3/kernels/isa.h"
#include "features/eclipse_evidence.h"
#include "features/eclipse_scan.h"
#include "features/striped_values.h"
#include "kernels/dispatch.h"
#include "kernels/phase_window.h"

namespace astrom3 {
namespace {

using Rng =
    std::linear_congruential_engine<std::uint32_t, 1664525, 1013904223, 0>;  // 32 bits on every platform
using kernels::kPhaseBins;
using kernels::kScanLanes;

/// Random dips for the kernel, and what a histogram says of them.
struct ScanCase {
  std::size_t n_light, n_heavy, n_groups = 40;
  std::vector<std::uint32_t> present, advance, phase;
  std::uint32_t wanted;

  ScanCase(std::size_t light, std::size_t heavy, std::uint32_t wanted_, Rng& rng)
      : n_light(light), n_heavy(heavy), wanted(wanted_) {
    const std::uint32_t start = rng(), spread = rng() | 1u;
    for (std::size_t d = 0; d < light + heavy; ++d) {
      present.push_back(d % 7 != 6);
      advance.push_back(rng());
      // Close together at first, so that many words hit.
      for (std::size_t lane = 0; lane < kScanLanes; ++lane) phase.push_back(start + rng() % spread);
    }
  }

  std::vector<std::uint32_t> histogram() const {
    std::vector<std::uint32_t> hits;
    for (std::size_t group = 0; group < n_groups; ++group) {
      for (std::size_t lane = 0; lane < kScanLanes; ++lane) {
        std::array<std::uint32_t, kPhaseBins + 1> bin{};
        for (std::size_t d = 0; d < n_light + n_heavy; ++d) {
          const auto turn =
              static_cast<std::uint32_t>(phase[d * kScanLanes + lane] + group * std::size_t{advance[d]});
          bin[turn >> 27] += present[d] * (d < n_light ? 1 : 2);
        }
        bin[kPhaseBins] = bin[0];
        std::uint32_t word = 0;
        for (std::size_t b = 0; b < kPhaseBins; ++b)
          word |= std::uint32_t{bin[b] + bin[b + 1] >= wanted} << b;
        hits.push_back(word);
      }
    }
    return hits;
  }

  std::vector<std::uint32_t> scan(Isa isa) const {
    std::vector<std::uint32_t> walked = phase, hits(n_groups * kScanLanes);
    kernels::periodogram_kernels(isa).scan_dips({.n_light = n_light,
                                                 .n_heavy = n_heavy,
                                                 .present = present.data(),
                                                 .advance = advance.data(),
                                                 .phase = walked.data(),
                                                 .wanted = wanted,
                                                 .n_groups = n_groups,
                                                 .hits = hits.data()});
    return hits;
  }
};

TEST(DipScan, CountsLikeAHistogramOnEveryInstructionSet) {
  Rng rng(1);
  for (const auto& [light, heavy] : {std::pair{3, 0}, {0, 3}, {6, 9}, {24, 0}, {0, 24}, {12, 15}}) {
    for (std::uint32_t wanted = 1; wanted <= 48; wanted += 3) {
      const ScanCase scan(static_cast<std::size_t>(light), static_cast<std::size_t>(heavy), wanted, rng);
      const auto expected = scan.histogram();
      for (const Isa isa : compiled_isas()) {
        if (!isa_supported(isa)) continue;
        ASSERT_EQ(scan.scan(isa), expected) << isa_name(isa) << " " << wanted;
      }
    }
  }
}

TEST(PhaseWindow, HoldsEveryObservationInsideAndNoneFarFromIt) {
  std::mt19937_64 rng(8);
  std::uniform_real_distribution<double> uniform(-1000, 1000);
  constexpr double kWidth = 1.0 / 16;
  for (const std::size_t n : std::initializer_list<std::size_t>{1, 7, 8, 9, 300, 512, 513, 1500}) {
    std::vector<double> time(n);
    for (double& t : time) t = uniform(rng);
    time[n / 2] = 0;  // on the edge of a window that begins at 0
    StripedValues strips(n);
    strips.fill([&](std::size_t i) { return time[i]; });
    for (const double begin : {0.0, 0.25, 31.0 / 32}) {
      const double frequency = std::fabs(uniform(rng)) / 300;
      for (const Isa isa : compiled_isas()) {
        if (!isa_supported(isa)) continue;
        std::vector<std::uint64_t> inside(strips.n_words());
        kernels::periodogram_kernels(isa).find_in_window({.time = strips.strips(),
                                                          .frequency = frequency,
                                                          .begin = begin,
                                                          .width = kWidth,
                                                          .inside = inside.data()});
        std::size_t n_expected = 0, n_bits = 0;  // none where there is no observation
        for (std::size_t i = 0; i < n; ++i) {
          const bool is_found = (inside[i / strips.steps()] >> i % strips.steps() & 1) != 0;
          const double x = time[i] * frequency - begin, phase = x - std::floor(x);
          const bool is_inside = phase < kWidth || phase > 1 - kernels::kWindowMargin;
          n_expected += is_inside ? 1 : 0;
          ASSERT_EQ(is_found, is_inside) << n << " " << i;
        }
        for (const std::uint64_t word : inside) n_bits += static_cast<std::size_t>(std::popcount(word));
        EXPECT_EQ(n_bits, n_expected);
      }
    }
  }
}

using Weights = std::array<double, kernels::kMostJitters>;

/// The sums of kernels::EclipseSums, one observation after the other.
std::array<Weights, 6> slow_eclipse_sums(const std::vector<double>& phase, const std::vector<Weights>& weight,
                                         const std::vector<Weights>& weight_y, double origin, double reach) {
  std::array<Weights, 6> sums{};
  for (std::size_t i = 0; i < phase.size(); ++i) {
    double x = phase[i] - origin;
    x = x < 0 ? x + 1 : x >= 1 ? x - 1 : x;
    const std::size_t eclipse = x >= 0.5 ? 1 : 0;
    const double distance = x - (eclipse == 1 ? 0.75 : 0.25);
    if (!(std::fabs(distance) < reach)) continue;
    const double below = 1 - distance * distance * (1 / (reach * reach));
    const double square = below * below, fourth = square * square, g = fourth * fourth;
    for (std::size_t j = 0; j < kernels::kMostJitters; ++j) {
      sums[3 * eclipse][j] += weight[i][j] * g;
      sums[3 * eclipse + 1][j] += weight[i][j] * g * g;
      sums[3 * eclipse + 2][j] += weight_y[i][j] * g;
    }
  }
  return sums;
}

TEST(EclipseSums, AreThoseOfOneObservationAfterTheOther) {
  std::mt19937_64 rng(9);
  std::uniform_real_distribution<double> uniform(0, 1);
  for (const std::size_t n : std::initializer_list<std::size_t>{1, 8, 100, 513, 1500}) {
    std::vector<Weights> weight(n), weight_y(n);
    std::vector<double> phase(n);
    for (std::size_t i = 0; i < n; ++i) {
      phase[i] = uniform(rng);
      for (double& w : weight[i]) w = uniform(rng);
      for (double& w : weight_y[i]) w = uniform(rng) - 0.5;
    }
    StripedValues turn(n);
    turn.fill([&](std::size_t i) { return phase[i]; });
    std::vector<std::uint64_t> inside(2 * turn.n_words());
    for (const double origin : {-0.25, 0.1, 0.74}) {
      for (const double reach : {0.01, 0.1, 0.2499}) {
        const auto expected = slow_eclipse_sums(phase, weight, weight_y, origin, reach);
        for (const Isa isa : compiled_isas()) {
          if (!isa_supported(isa)) continue;
          std::array<Weights, 6> sums;
          kernels::periodogram_kernels(isa).sum_eclipses({.turn = turn.strips(),
                                                          .origin = origin,
                                                          .reach = reach,
                                                          .weight = weight[0].data(),
                                                          .weight_y = weight_y[0].data(),
                                                          .inside = inside.data(),
                                                          .sums = sums[0].data()});
          ASSERT_EQ(sums, expected) << n << " " << origin << " " << reach << " " << isa_name(isa);
        }
      }
    }
  }
}

Band flat_band_with_eclipses(double period, std::size_t n) {
  std::mt19937_64 rng(5);
  std::uniform_real_distribution<double> uniform(-400, 400);
  std::normal_distribution<double> normal(0, 0.02);
  Band band;
  for (std::size_t i = 0; i < n; ++i) {
    const double t = uniform(rng), x = t / period - std::round(t / period);
    band.time.push_back(t);
    band.mag.push_back(14 + 0.6 * std::exp(-x * x / (2 * 0.01 * 0.01)) + normal(rng));
    band.mag_err.push_back(0.01 + 0.0002 * static_cast<double>(i % 50));
  }
  return band;
}

TEST(ScanEclipses, FindsThePeriodAmongItsTrialsOnEveryInstructionSetAlike) {
  constexpr double kPeriod = 2.7318281;
  const Band band = flat_band_with_eclipses(kPeriod, 300);
  const Dips dips = select_dips(band);
  const FrequencyGrid grid{1 / 400.0, 1 / 3200.0, 64000};
  std::vector<EclipseTrial> reference;
  for (const Isa isa : compiled_isas()) {
    if (!isa_supported(isa)) continue;
    const auto trials = scan_eclipses(band, dips, 800, grid, 24, kernels::periodogram_kernels(isa));
    ASSERT_FALSE(trials.empty());
    EXPECT_NEAR(trials[0].frequency * kPeriod, std::round(trials[0].frequency * kPeriod), 0.01);
    EXPECT_TRUE(std::any_of(trials.begin(), trials.end(), [&](const EclipseTrial& t) {
      return std::fabs(t.frequency - 1 / kPeriod) < 2 * eclipse_frequency_step(800);
    }));
    if (reference.empty()) reference = trials;
    ASSERT_EQ(trials.size(), reference.size());
    for (std::size_t i = 0; i < trials.size(); ++i) {
      EXPECT_EQ(trials[i].frequency, reference[i].frequency);
      EXPECT_EQ(trials[i].statistic, reference[i].statistic);
    }
  }
}

/// log N(y; 0, C) + N/2 log 2 pi by Cholesky, C = noise + the three columns' prior variances: the
/// marginal likelihood by its definition.
double slow_log_likelihood(const Band& band, const JitterGrid& noise, std::size_t jitter,
                           const EclipseEvidence::Place& at, double depth_prior) {
  const std::size_t n = band.time.size();
  std::vector<std::vector<double>> L(n, std::vector<double>(n));
  const auto g = [&](std::size_t i, double centre) {
    const double turns = band.time[i] * at.frequency - centre;
    const double u = (turns - std::round(turns)) / (4 * at.width);
    return std::fabs(u) < 1 ? std::pow(1 - u * u, 8) : 0;
  };
  const double mean_variance = 1600 * noise.standard_deviation * noise.standard_deviation;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k <= i; ++k) {
      L[i][k] = mean_variance +
                depth_prior * depth_prior *
                    (g(i, at.phase) * g(k, at.phase) + g(i, at.phase + at.apart) * g(k, at.phase + at.apart));
    }
    L[i][i] += 1 / noise.weight[i * JitterGrid::kCount + jitter];
  }
  double log_determinant = 0, chi2 = 0;
  std::vector<double> z(n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k <= i; ++k) {
      for (std::size_t m = 0; m < k; ++m) L[i][k] -= L[i][m] * L[k][m];
      L[i][k] = k < i ? L[i][k] / L[k][k] : std::sqrt(L[i][i]);
    }
    z[i] = noise.deviation[i];
    for (std::size_t k = 0; k < i; ++k) z[i] -= L[i][k] * z[k];
    z[i] /= L[i][i];
    chi2 += z[i] * z[i];
    log_determinant += 2 * std::log(L[i][i]);
  }
  return -0.5 * (chi2 + log_determinant);
}

TEST(EclipseEvidence, IsTheMarginalLikelihoodOfItsModel) {
  constexpr double kDepthPrior = 0.7;
  const Band band = flat_band_with_eclipses(1.9, 60);
  const JitterGrid noise(band.mag, band.mag_err, 0.03);
  EclipseEvidence evidence(band, 0.03, kDepthPrior, kernels::periodogram_kernels(default_isa()));
  using Place = EclipseEvidence::Place;
  for (const Place& at :
       {Place{1 / 1.9, 0, 0.01}, Place{1 / 1.9, 0.3, 0.06}, Place{1 / 3.8, -0.02, 0.02},
        Place{1 / 0.77, 7.9, 0.0625}, Place{1 / 1.9, 0.1, 0.02, 0.33}, Place{1 / 3.8, -0.4, 0.02, 0.84}}) {
    double mean = 0, highest = -HUGE_VAL;
    std::array<double, JitterGrid::kCount> slow{};
    for (std::size_t j = 0; j < slow.size(); ++j) {
      slow[j] = slow_log_likelihood(band, noise, j, at, kDepthPrior);
      highest = std::max(highest, slow[j]);
    }
    for (const double s : slow) mean += std::exp(s - highest) / static_cast<double>(slow.size());
    // The covariance has condition 1e6: that many digits are lost by the twin.
    EXPECT_NEAR(evidence(at), highest + std::log(mean), 1e-7) << 1 / at.frequency << ' ' << at.apart;
  }
}

}  // namespace
}  // namespace astrom3
