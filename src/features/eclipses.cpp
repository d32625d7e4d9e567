// SPDX-License-Identifier: MIT
#include "features/eclipses.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <optional>
#include <vector>

#include "astrom3/features/periodogram.h"
#include "features/eclipse_evidence.h"
#include "features/eclipse_scan.h"
#include "features/period_bands.h"
#include "features/period_probability.h"
#include "kernels/periodogram.h"

namespace astrom3 {
namespace {

constexpr std::size_t kFewestDips = 4;
constexpr double kLargestDipShare = 0.25;  // wider eclipses are found by the periodogram
constexpr std::size_t kJudged = 24;        // trials whose evidence is computed,
constexpr std::size_t kPolished = 4;       // and the number of the best ones that are polished
constexpr int kPolishRounds = 12;
constexpr double kPolishGain = 30;                    // nats that polishing may gain
constexpr double kNarrowest = 0.002, kWidest = 0.06;  // widths that polishing may reach
static_assert(kWidest <= EclipseEvidence::kWidest);
constexpr std::array kWidths{0.005, 0.008, 0.013, 0.02, 0.03};  // of the dip, one sigma, in phase
constexpr double kTwiceGain = 5;                                // nats for a doubled orbit
constexpr double kShapeError = 0.025;  // of the deepest dip: eclipses are not quite of the model's form
constexpr double kFullWidth = 2.355;   // of a dip at half its depth: widths
constexpr double kEqualOdds = 3;       // nats for two equal eclipses over one, where nothing decides

/// An eclipse model's best parameters near a trial.
struct Fit {
  double frequency = 0;
  double phase = 0;  ///< of the primary
  double width = kWidths[0];
  double log_evidence = -HUGE_VAL;  ///< with the priors of phase and width
};

/// Phase and width each have a uniform prior (a logarithmic one for the width).
double with_prior(EclipseEvidence& evidence, const Fit& fit) {
  return evidence(fit.frequency, fit.phase, fit.width) + std::log(fit.width) -
         std::log(static_cast<double>(kWidths.size()));
}

/// Best on a grid of widths and of phases within a bin of `phase`.
Fit coarse_fit(EclipseEvidence& evidence, double frequency, double phase) {
  Fit best;
  for (const double width : kWidths) {
    for (double shift = -kEclipseWindow / 2; shift <= kEclipseWindow / 2; shift += width) {
      Fit fit{frequency, phase + shift, width, 0};
      fit.log_evidence = with_prior(evidence, fit);
      if (fit.log_evidence > best.log_evidence) best = fit;
    }
  }
  return best;
}

/// Maximises the evidence by steps in frequency, phase and width; the steps are halved when none is better.
void polish(EclipseEvidence& evidence, double frequency_step, Fit& fit) {
  double scale = 0.5;
  for (int round = 0; round < kPolishRounds; ++round) {
    const Fit centre = fit;
    for (const double sign : {-1.0, 1.0}) {
      for (int parameter = 0; parameter < 3; ++parameter) {
        Fit trial = centre;
        if (parameter == 0) trial.frequency += sign * scale * frequency_step;
        if (parameter == 1) trial.phase += sign * scale * centre.width;
        if (parameter == 2) trial.width = std::clamp(centre.width * (1 + sign * scale), kNarrowest, kWidest);
        trial.log_evidence = with_prior(evidence, trial);
        if (trial.log_evidence > fit.log_evidence) fit = trial;
      }
    }
    if (fit.log_evidence <= centre.log_evidence) scale /= 2;
  }
}

/// The best fit near a multiple of the frequency found; also that with eclipses as long as those found.
Fit fit_multiple(EclipseEvidence& evidence, const Fit& found, double multiple, double turn,
                 double frequency_step) {
  Fit same{multiple * found.frequency, multiple * found.phase + turn,
           std::clamp(multiple * found.width, kNarrowest, kWidest)};
  same.log_evidence = with_prior(evidence, same);
  Fit fit = coarse_fit(evidence, same.frequency, same.phase);
  if (same.log_evidence > fit.log_evidence) fit = same;
  polish(evidence, frequency_step, fit);
  return fit;
}

/// Chooses between the period found, its double and its half. Where little decides, the orbit has either one
/// eclipse or two equal ones: it has two, unless the eclipse is deeper than two equal stars can cause.
EclipsePeriod settle_orbit(EclipseEvidence& evidence, const Fit& found, double deepest, double unit_mag,
                           double frequency_step, double correlation, const FrequencyGrid& grid) {
  const auto fit_at = [&](double multiple, double turn) {
    return fit_multiple(evidence, found, multiple, turn, frequency_step);
  };
  const auto depths_of = [&](const Fit& fit) { return evidence.depths(fit.frequency, fit.phase, fit.width); };
  EclipsePeriod period{.frequency = found.frequency, .log_evidence = found.log_evidence};
  // The deepest observation may miss the middle of the eclipse, and the model the depth of a sharp one.
  const EclipseEvidence::Depths depths = depths_of(found);
  const bool can_be_equal =
      unit_mag * std::max({deepest, depths.primary, depths.secondary}) < kEqualStarsDepth;
  const double lean = can_be_equal ? kEqualOdds : -kTwiceGain;
  // Deep eclipses are not quite of the model's form: what looks like a negative one tells nothing there.
  const auto positive = [&](const Fit& fit) { return can_be_equal ? depths_of(fit).log_positive : 0; };
  const auto odds = [&](const Fit& a, const Fit& b) {
    return (a.log_evidence + positive(a) - b.log_evidence - positive(b)) /
           excess_of_evidence(correlation);
  };
  const Fit half = fit_at(2, 0);
  const double over_half = odds(found, half);
  if (over_half < kTwiceGain) {
    period.is_ambiguous = true;
    period.orbit_odds = std::fabs(over_half + lean);
    if (over_half + lean < 0 && half.frequency < grid.frequency(grid.count))
      period.frequency = half.frequency;
    return period;
  }
  period.orbit_odds = over_half;
  if (found.frequency / 2 < grid.minimum) return period;
  // Both eclipses of an orbit twice as long fall on one phase here; either of them may be the primary.
  const Fit first = fit_at(0.5, 0), second = fit_at(0.5, 0.5);
  const Fit& twice = first.log_evidence > second.log_evidence ? first : second;
  const double gain = odds(twice, found);
  period.is_ambiguous = std::fabs(gain) < kTwiceGain;
  period.orbit_odds = std::min(over_half, std::fabs(gain + lean));
  if (gain + lean > 0) {
    period.frequency = twice.frequency;
    period.log_evidence = twice.log_evidence;
  }
  return period;
}

/// The probability that chance makes such eclipses at any frequency, phase and width.
double chance_of(EclipseEvidence& evidence, const Fit& fit, double span_days, const FrequencyGrid& grid) {
  const double full_width = kFullWidth * fit.width;
  const double n_frequencies = (grid.frequency(grid.count) - grid.minimum) * span_days / full_width;
  const double n_trials = n_frequencies / full_width;
  return std::min(1.0, n_trials * std::exp(-evidence.over_chance(fit.frequency, fit.phase, fit.width)));
}

}  // namespace

std::optional<EclipsePeriod> find_eclipses(const Band& band, double span_days, const FrequencyGrid& grid,
                                           double floor, double at_least,
                                           const kernels::PeriodogramKernels& kernels) {
  const Dips dips = select_dips(band);
  const auto n = static_cast<double>(band.time.size());
  if (dips.index.size() < kFewestDips || static_cast<double>(dips.count) > kLargestDipShare * n) return {};

  EclipseEvidence evidence(band, std::max(floor, kShapeError * dips.deepest), dips.deepest, kernels);
  std::vector<Fit> fits;
  for (const EclipseTrial& trial : scan_eclipses(band, dips, span_days, grid, kJudged, kernels)) {
    fits.push_back(coarse_fit(evidence, trial.frequency, trial.phase));
  }
  if (fits.empty()) return {};
  const auto better = [](const Fit& a, const Fit& b) { return a.log_evidence > b.log_evidence; };
  std::sort(fits.begin(), fits.end(), better);
  const auto polished = fits.begin() + static_cast<std::ptrdiff_t>(std::min(kPolished, fits.size()));
  const double frequency_step = eclipse_frequency_step(span_days);
  for (auto fit = fits.begin(); fit != polished; ++fit) polish(evidence, frequency_step, *fit);
  Fit winner = *std::min_element(fits.begin(), polished, better);
  polish(evidence, frequency_step, winner);  // to the end: its double and half begin here
  const double correlation = correlation_of_visits(
      evidence.observations_an_eclipse(winner.frequency, winner.phase, winner.width));
  EclipsePeriod period =
      settle_orbit(evidence, winner, dips.deepest, band.unit_mag, frequency_step, correlation, grid);
  if (!(period.log_evidence >= at_least)) return {};
  for (auto fit = polished; fit != fits.end(); ++fit) {
    if (fit->log_evidence > winner.log_evidence - kPolishGain) polish(evidence, frequency_step, *fit);
  }
  for (const Fit& fit : fits) {
    const auto is_near = [&](double f) { return std::fabs(fit.frequency - f) < 1 / span_days; };
    if (is_near(winner.frequency) || is_near(winner.frequency / 2) || is_near(2 * winner.frequency)) continue;
    period.rivals.push_back(fit.log_evidence);
  }
  period.chance = chance_of(evidence, winner, span_days, grid);
  period.correlation = correlation;
  return period;
}

}  // namespace astrom3
