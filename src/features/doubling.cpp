// SPDX-License-Identifier: MIT
#include "features/doubling.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <span>
#include <vector>

#include "astrom3/features/periodogram.h"
#include "astrom3/kernels/isa.h"
#include "features/eclipses.h"
#include "features/harmonic_model.h"
#include "features/peaks.h"
#include "features/period_bands.h"
#include "features/period_probability.h"
#include "kernels/periodogram.h"

namespace astrom3 {
namespace {

constexpr std::size_t kPhases = 96;
// The log-odds of eclipses against pulsation. They come from two differences between such stars, which were
// measured on thousands of real stars: the skewness of the curve, and the evidence that alternate minima
// differ. That P and 2P fit equally well says little.
constexpr double kOddsPerSkewness = 15;
constexpr double kEvenSkewness = 0.2;
constexpr double kSkewnessSpread = 0.3;  // the spread of the skewness among stars of one kind
constexpr double kExpectedGain = 2;      // nats a band: pulsating stars stay below in 95 of 100
constexpr double kHopelessOdds = -6;     // no evidence of alternate minima outweighs these
constexpr double kTieOdds = -0.7;        // many binaries have equal minima, nearly all pulsators do
// Few contact binaries have orbits above a day. Slower stars with one broad minimum are spotted or pulsate,
// and their curves reach a skewness of 0.7.
constexpr double kSlowPeriodDays = 0.5;
constexpr double kSlowSkewness = 0.8;
constexpr double kShortestOrbit = 0.2;  // days; contact binaries end at 0.22 d: Rucinski 1992, AJ 103, 960
constexpr double kRepeatabilityOfShape = 0.04;  // smaller than in the search, which must not take an alias
constexpr double kTwoMinimaGain = 8;            // nats a band, where P has both eclipses already
constexpr double kAmbiguousGain = 3;            // nats a band
constexpr double kMinimumShare = 0.3;           // of the depth
constexpr std::size_t kSmoothHarmonics = 6;     // few, so that noise does not cause a skewness
constexpr double kSmoothDecay = 0.45;
constexpr std::size_t kBroadHarmonics = 8;
constexpr double kBroadDecay = 0.8;     // eclipses are sharp
constexpr double kOddAmplitude = 0.15;  // prior size of what makes two eclipses differ,
constexpr double kOddDecay = 0.4;       // which is smoother than the eclipses themselves

std::array<double, kPhases> curve_of(std::span<const double> coefficients) {
  std::array<double, kPhases> curve{};
  for (std::size_t i = 0; i < kPhases; ++i) {
    for (std::size_t k = 1; 2 * k < coefficients.size(); ++k) {
      const double angle = 2 * std::numbers::pi * static_cast<double>(k * i % kPhases) / kPhases;
      curve[i] += coefficients[2 * k - 1] * std::cos(angle) + coefficients[2 * k] * std::sin(angle);
    }
  }
  return curve;
}

/// The number of minima of brightness in a curve that goes once around. A minimum counts where its magnitude
/// is larger by at least `rise` than the magnitudes of the maxima on both sides.
std::size_t count_minima(const std::array<double, kPhases>& curve, double rise) {
  const auto brightest =
      static_cast<std::size_t>(std::min_element(curve.begin(), curve.end()) - curve.begin());
  double valley = curve[brightest], top = valley;
  bool is_climbing = true;
  std::size_t n = 0;
  for (std::size_t i = 1; i <= kPhases; ++i) {
    const double m = curve[(brightest + i) % kPhases];
    if (is_climbing) {
      top = std::max(top, m);
      if (top - valley >= rise && top - m >= rise) {
        ++n;
        is_climbing = false;
        valley = m;
      } else if (m < valley) {
        valley = top = m;
      }
    } else {
      if (m < valley) valley = m;
      if (m - valley >= rise) is_climbing = true, top = m;
    }
  }
  return n;
}

/// The prior amplitudes of the model at twice the period, whose even harmonics are the harmonics of the
/// single period.
std::vector<double> double_prior() {
  std::vector<double> prior(2 * kBroadHarmonics);
  for (std::size_t k = 0; k < kBroadHarmonics; ++k) {
    prior[2 * k] = kOddAmplitude * std::pow(kOddDecay, static_cast<double>(k));
    prior[2 * k + 1] = std::pow(kBroadDecay, static_cast<double>(k));
  }
  return prior;
}

/// The standard deviation of the skewness of a fitted curve, from the noise that the fit leaves. Magnitudes
/// are in units of their standard deviation, so that their variance is 1.
double skewness_error(const CurveShape& shape, const Band& band) {
  const double noise = std::max(0.0, 1 - shape.variance) / static_cast<double>(band.time.size());
  return shape.variance > 0 ? std::sqrt(2 * kSmoothHarmonics * noise / shape.variance) : HUGE_VAL;
}

/// Nats that the best wave gains, of a star without the curve of its period; 0 if it is one that makes
/// alternate minima differ: an odd multiple of the frequency of the orbit.
double gain_of_other_wave(const Star& left, double orbit, const FrequencyGrid& grid) {
  if (left.bands.empty()) return 0;
  const std::vector<Peak> peaks = find_peaks(left, grid, 1, default_isa());
  if (peaks.empty()) return 0;
  const Peak& best = peaks.front();
  const double multiple = std::round((best.frequency / orbit - 1) / 2) * 2 + 1;
  if (std::fabs(best.frequency - multiple * orbit) < 1 / left.span_days) return 0;
  const double n_trials = (grid.frequency(grid.count - 1) - grid.minimum) * left.span_days;
  return -0.5 * static_cast<double>(left.n_observations) * std::log1p(-best.power) - std::log(n_trials);
}

}  // namespace

CurveShape measure_shape(std::span<const double> coefficients) {
  const auto curve = curve_of(coefficients);
  double second = 0, third = 0;  // the mean over phases is zero: no constant was added
  for (const double m : curve) {
    second += m * m / kPhases;
    third += m * m * m / kPhases;
  }
  const auto [low, high] = std::minmax_element(curve.begin(), curve.end());
  CurveShape shape;
  shape.depth_mag = *high - *low;
  if (!(second > 0)) return shape;
  shape.variance = second;
  shape.skewness = third / (second * std::sqrt(second));
  shape.n_minima = count_minima(curve, kMinimumShare * shape.depth_mag);
  return shape;
}

DoublingDecision decide_doubling(const Star& star, double frequency, const FrequencyGrid& grid,
                                 const kernels::PeriodogramKernels& kernels) {
  if (2 / frequency < kShortestOrbit) return {.odds = -kHopelessOdds};
  StarModel single(star, {decaying_prior(kBroadHarmonics, kBroadDecay), kRepeatabilityOfShape}, kernels);
  StarModel smooth(star, {decaying_prior(kSmoothHarmonics, kSmoothDecay), kRepeatabilityOfShape}, kernels);
  const CurveShape shape = measure_shape(smooth.fit(frequency));
  const double even = 1 / frequency > kSlowPeriodDays ? kSlowSkewness : kEvenSkewness;
  const double blur = skewness_error(shape, smooth.clearest()) / kSkewnessSpread;
  const double excess = shape.skewness - even;
  const double shape_odds = kOddsPerSkewness * (excess > 0 ? excess / (1 + blur * blur) : excess);
  DoublingDecision decision{.odds = -shape_odds};
  if (shape_odds < kHopelessOdds) return decision;

  StarModel twice(star, {double_prior(), kRepeatabilityOfShape}, kernels);
  double at_single = frequency, at_double = frequency / 2;
  const double single_evidence = single.refine(at_single, frequency / 2, 2 * frequency);
  decision.log_gain = twice.refine(at_double, frequency / 4, frequency) - single_evidence;
  // Noise that lasts makes the minima of two cycles differ.
  const double all_of_it = decision.log_gain;
  if (all_of_it > 0) decision.log_gain /= excess_of_evidence(twice.correlation(at_double));
  // Minima may differ by chance in every band, so that the gain that is needed grows with the number of
  // bands.
  const double n_bands = star.evidence_share * static_cast<double>(star.bands.size());
  if (shape.n_minima > 1) {
    const double odds = decision.log_gain - n_bands * kTwoMinimaGain;
    decision.is_doubled = odds > 0 && shape_odds > 0;
    decision.odds = decision.is_doubled ? std::min(odds, shape_odds) : std::max(-odds, -shape_odds);
    return decision;
  }
  const bool is_tie = decision.log_gain < n_bands * kAmbiguousGain;
  const double odds = shape_odds + std::max(decision.log_gain - n_bands * kExpectedGain, kTieOdds);
  const bool is_too_deep = is_tie && smooth.clearest().unit_mag * shape.depth_mag > kEqualStarsDepth;
  decision.is_doubled = odds > 0 && !is_too_deep;
  decision.is_ambiguous = is_tie && shape_odds > kTieOdds;
  decision.odds = is_too_deep ? kTwoMinimaGain : std::fabs(odds);
  if (decision.is_doubled && shape_odds + kTieOdds < 0) {
    const double other = gain_of_other_wave(single.without_fit(at_single), at_double, grid);
    if (other > all_of_it) decision.is_doubled = false, decision.odds = other - all_of_it;
  }
  return decision;
}

}  // namespace astrom3
