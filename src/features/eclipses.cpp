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
#include "kernels/periodogram.h"

namespace astrom3 {
namespace {

constexpr std::size_t kFewestDips = 4;
constexpr double kLargestDipShare = 0.25;  // wider eclipses are found by the periodogram
constexpr std::size_t kJudged = 24;        // trials whose evidence is computed,
constexpr std::size_t kPolished = 4;       // and the number of the best ones that are polished
constexpr int kPolishRounds = 12;
constexpr double kNarrowest = 0.002, kWidest = 0.06;  // widths that polishing may reach
static_assert(kWidest <= EclipseEvidence::kWidest);
constexpr std::array kWidths{0.005, 0.008, 0.013, 0.02, 0.03};  // of the dip, one sigma, in phase
constexpr double kTwiceGain = 5;                                // nats for a doubled orbit
constexpr double kShapeError = 0.025;  // of the deepest dip: eclipses are not quite of the model's form
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

/// Chooses between the period found, its double and its half. At a tie the orbit has either one eclipse or
/// two equal ones: it has two, unless the eclipse is deeper than two equal stars can cause.
EclipsePeriod settle_orbit(EclipseEvidence& evidence, const Fit& found, double depth_mag,
                           double frequency_step, const FrequencyGrid& grid) {
  const auto fit_at = [&](double multiple, double turn) {
    Fit fit = coarse_fit(evidence, multiple * found.frequency, multiple * found.phase + turn);
    polish(evidence, frequency_step, fit);
    return fit;
  };
  EclipsePeriod period{.frequency = found.frequency, .log_evidence = found.log_evidence};
  const bool can_be_equal = depth_mag < kEqualStarsDepth;
  const Fit half = fit_at(2, 0);
  const double over_half = found.log_evidence - half.log_evidence;
  period.orbit_odds = over_half;
  if (over_half < kTwiceGain) {
    period.is_ambiguous = true;
    period.orbit_odds = can_be_equal ? kEqualOdds : kTwiceGain;
    if (!can_be_equal && half.frequency < grid.frequency(grid.count)) period.frequency = half.frequency;
    return period;
  }
  if (found.frequency / 2 < grid.minimum) return period;
  // Both eclipses of an orbit twice as long fall on one phase here; either of them may be the primary.
  const Fit first = fit_at(0.5, 0), second = fit_at(0.5, 0.5);
  const Fit& twice = first.log_evidence > second.log_evidence ? first : second;
  const double gain = twice.log_evidence - found.log_evidence;
  period.is_ambiguous = std::fabs(gain) < kTwiceGain;
  period.orbit_odds =
      period.is_ambiguous ? (can_be_equal ? kEqualOdds : kTwiceGain) : std::min(over_half, std::fabs(gain));
  if (gain > kTwiceGain || (period.is_ambiguous && can_be_equal)) {
    period.frequency = twice.frequency;
    period.log_evidence = twice.log_evidence;
  }
  return period;
}

}  // namespace

std::optional<EclipsePeriod> find_eclipses(const Band& band, double span_days, const FrequencyGrid& grid,
                                           double floor, const kernels::PeriodogramKernels& kernels) {
  const Dips dips = select_dips(band);
  const auto n = static_cast<double>(band.time.size());
  if (dips.count < kFewestDips || static_cast<double>(dips.count) > kLargestDipShare * n) return {};

  EclipseEvidence evidence(band, std::max(floor, kShapeError * dips.deepest), dips.deepest);
  std::vector<Fit> fits;
  for (const EclipseTrial& trial : scan_eclipses(band, dips, span_days, grid, kJudged, kernels)) {
    fits.push_back(coarse_fit(evidence, trial.frequency, trial.phase));
  }
  if (fits.empty()) return {};
  const auto better = [](const Fit& a, const Fit& b) { return a.log_evidence > b.log_evidence; };
  std::sort(fits.begin(), fits.end(), better);
  fits.resize(std::min(kPolished, fits.size()));
  const double frequency_step = eclipse_frequency_step(span_days);
  for (Fit& fit : fits) polish(evidence, frequency_step, fit);
  const Fit& winner = *std::min_element(fits.begin(), fits.end(), better);
  return settle_orbit(evidence, winner, dips.deepest * band.unit_mag, frequency_step, grid);
}

}  // namespace astrom3
