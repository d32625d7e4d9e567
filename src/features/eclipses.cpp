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
constexpr double kShapeError = 0.025;    // of the deepest dip: eclipses are not quite of the model's form
constexpr double kEccentricOdds = 0.25;  // that eclipses are not half a turn apart
constexpr double kFullWidth = 2.355;     // of a dip at half its depth: widths
constexpr double kEqualOdds = 3;         // nats for two equal eclipses over one, where nothing decides

/// The best parameters of the eclipse model near a trial.
struct Fit {
  EclipseEvidence::Place at{.width = kWidths[0]};
  double log_evidence = -HUGE_VAL;  ///< with the priors of phase, width and distance
};

/// The distance of two eclipses is half a turn, or uniform in the eccentric orbits. Over half a turn.
double log_prior_of_distance(const EclipseEvidence::Place& at) {
  return at.apart == 0.5 ? 0 : std::log(kEccentricOdds * kFullWidth * at.width);
}

/// Phase and width each have a uniform prior (a logarithmic one for the width).
double with_prior(EclipseEvidence& evidence, const Fit& fit) {
  return evidence(fit.at) + std::log(fit.at.width) - std::log(static_cast<double>(kWidths.size())) +
         log_prior_of_distance(fit.at);
}

/// The best fit on a grid of widths, and of phases within one bin of `phase`.
Fit coarse_fit(EclipseEvidence& evidence, double frequency, double phase) {
  Fit best;
  for (const double width : kWidths) {
    for (double shift = -kEclipseWindow / 2; shift <= kEclipseWindow / 2; shift += width) {
      Fit fit{.at = {frequency, phase + shift, width}};
      fit.log_evidence = with_prior(evidence, fit);
      if (fit.log_evidence > best.log_evidence) best = fit;
    }
  }
  return best;
}

/// Whether the two eclipses do not overlap.
bool can_be_apart(const EclipseEvidence::Place& at) {
  const double reach = 2 * EclipseEvidence::kReach * at.width;
  return at.apart > reach && at.apart < 1 - reach;
}

/// Maximises the evidence by steps in frequency, phase and width. When no step is better, the steps are
/// halved.
void polish(EclipseEvidence& evidence, double frequency_step, Fit& fit) {
  double scale = 0.5;
  for (int round = 0; round < kPolishRounds; ++round) {
    const Fit centre = fit;
    for (const double sign : {-1.0, 1.0}) {
      const int n_parameters = centre.at.apart == 0.5 ? 3 : 4;
      for (int parameter = 0; parameter < n_parameters; ++parameter) {
        Fit trial = centre;
        EclipseEvidence::Place& at = trial.at;
        if (parameter == 0) at.frequency += sign * scale * frequency_step;
        if (parameter == 1) at.phase += sign * scale * at.width;
        if (parameter == 2) at.width = std::clamp(at.width * (1 + sign * scale), kNarrowest, kWidest);
        if (parameter == 3) at.apart += sign * scale * at.width;
        if (at.apart != 0.5 && !can_be_apart(at)) continue;
        trial.log_evidence = with_prior(evidence, trial);
        if (trial.log_evidence > fit.log_evidence) fit = trial;
      }
    }
    if (fit.log_evidence <= centre.log_evidence) scale /= 2;
  }
}

/// The best fit near `multiple` times the frequency that was found. Eclipses that last as long in days as
/// those that were found are tried, too.
Fit fit_multiple(EclipseEvidence& evidence, const Fit& found, double multiple, double turn,
                 double frequency_step) {
  Fit same{.at = {multiple * found.at.frequency, multiple * found.at.phase + turn,
                  std::clamp(multiple * found.at.width, kNarrowest, kWidest)}};
  same.log_evidence = with_prior(evidence, same);
  Fit fit = coarse_fit(evidence, same.at.frequency, same.at.phase);
  if (same.log_evidence > fit.log_evidence) fit = same;
  polish(evidence, frequency_step, fit);
  return fit;
}

/// The same period with the secondary eclipse where most of the other dips are, if that is better.
void move_secondary(EclipseEvidence& evidence, const Band& band, const Dips& dips, double frequency_step,
                    Fit& fit) {
  constexpr std::size_t kBins = 32;
  std::array<double, kBins + 1> depth{};
  for (const std::size_t i : dips.index) {
    const double cycles = band.time[i] * fit.at.frequency - fit.at.phase;
    depth[static_cast<std::size_t>((cycles - std::floor(cycles)) * kBins) % kBins] += dips.depth[i];
  }
  double most = 0;
  EclipseEvidence::Place moved = fit.at;
  for (std::size_t bin = 2; bin + 3 < kBins; ++bin) {
    if (depth[bin] + depth[bin + 1] <= most) continue;
    most = depth[bin] + depth[bin + 1];
    moved.apart = static_cast<double>(bin + 1) / kBins;
  }
  if (!(most > 0)) return;
  Fit best = fit;
  const double middle = moved.apart;
  for (double shift = -kEclipseWindow / 2; shift <= kEclipseWindow / 2; shift += moved.width) {
    Fit trial{.at = moved};
    trial.at.apart = middle + shift;
    if (!can_be_apart(trial.at)) continue;
    trial.log_evidence = with_prior(evidence, trial);
    if (trial.log_evidence > best.log_evidence) best = trial;
  }
  if (best.log_evidence <= fit.log_evidence) return;
  polish(evidence, frequency_step, best);
  fit = best;
}

/// An orbit three times as long, if two eclipses a third of a turn apart are better than one in each third.
void skip_thirds(EclipseEvidence& evidence, double frequency_step, const FrequencyGrid& grid, Fit& fit) {
  if (fit.at.frequency / 3 < grid.minimum) return;
  Fit best;
  for (const double turn : {0.0, 1.0 / 3, 2.0 / 3}) {
    Fit trial{.at = {fit.at.frequency / 3, fit.at.phase / 3 + turn, std::max(fit.at.width / 3, kNarrowest),
                     1.0 / 3}};
    if (!can_be_apart(trial.at)) return;
    trial.log_evidence = with_prior(evidence, trial);
    if (trial.log_evidence > best.log_evidence) best = trial;
  }
  polish(evidence, frequency_step, best);
  if (best.log_evidence > fit.log_evidence) fit = best;
}

/// Chooses between the period that was found, twice this period and half of it. If the evidences differ
/// little, the orbit has either one eclipse or two equal eclipses. Two are chosen, unless the eclipse is
/// deeper than two equal stars can cause.
EclipsePeriod settle_orbit(EclipseEvidence& evidence, const Fit& found, double deepest, double unit_mag,
                           double frequency_step, double correlation, const FrequencyGrid& grid) {
  const auto fit_at = [&](double multiple, double turn) {
    return fit_multiple(evidence, found, multiple, turn, frequency_step);
  };
  const auto depths_of = [&](const Fit& fit) { return evidence.depths(fit.at); };
  EclipsePeriod period{.frequency = found.at.frequency, .log_evidence = found.log_evidence};
  // The deepest observation may miss the middle of the eclipse, and the model the depth of a sharp one.
  const EclipseEvidence::Depths depths = depths_of(found);
  const bool can_be_equal =
      unit_mag * std::max({deepest, depths.primary, depths.secondary}) < kEqualStarsDepth;
  const double lean = can_be_equal ? kEqualOdds : -kTwiceGain;
  // Deep eclipses do not have exactly the form of the model, so that a fitted depth below zero tells nothing
  // there.
  const auto positive = [&](const Fit& fit) { return can_be_equal ? depths_of(fit).log_positive : 0; };
  const auto odds = [&](const Fit& a, const Fit& b) {
    return (a.log_evidence + positive(a) - b.log_evidence - positive(b)) / excess_of_evidence(correlation);
  };
  const Fit half = fit_at(2, 0);
  const double over_half = odds(found, half);
  if (over_half < kTwiceGain) {
    period.is_ambiguous = true;
    period.orbit_odds = std::fabs(over_half + lean);
    if (over_half + lean < 0 && half.at.frequency < grid.frequency(grid.count))
      period.frequency = half.at.frequency;
    return period;
  }
  period.orbit_odds = over_half;
  if (found.at.frequency / 2 < grid.minimum) return period;
  // At this frequency both eclipses of an orbit of twice the period have the same phase; each may be the
  // primary.
  const Fit first = fit_at(0.5, 0), second = fit_at(0.5, 0.5);
  const Fit& twice = first.log_evidence > second.log_evidence ? first : second;
  const double gain = odds(twice, found);
  period.is_ambiguous = std::fabs(gain) < kTwiceGain;
  period.orbit_odds = std::min(over_half, std::fabs(gain + lean));
  if (gain + lean > 0) {
    period.frequency = twice.at.frequency;
    period.log_evidence = twice.log_evidence;
  }
  return period;
}

/// The probability that eclipses so clear appear by chance at some frequency, phase and width.
double chance_of(EclipseEvidence& evidence, const Fit& fit, double span_days, const FrequencyGrid& grid) {
  const double full_width = kFullWidth * fit.at.width;
  const double n_frequencies = (grid.frequency(grid.count) - grid.minimum) * span_days / full_width;
  const double n_trials = n_frequencies / full_width;
  return std::min(1.0, n_trials * std::exp(-evidence.over_chance(fit.at)));
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
  for (auto fit = fits.begin(); fit != polished; ++fit) {
    polish(evidence, frequency_step, *fit);
    move_secondary(evidence, band, dips, frequency_step, *fit);
  }
  Fit winner = *std::min_element(fits.begin(), polished, better);
  skip_thirds(evidence, frequency_step, grid, winner);
  polish(evidence, frequency_step, winner);  // completely, since twice and half its period are tried next
  const double correlation = correlation_of_visits(evidence.observations_an_eclipse(winner.at));
  EclipsePeriod period =
      settle_orbit(evidence, winner, dips.deepest, band.unit_mag, frequency_step, correlation, grid);
  if (!(period.log_evidence >= at_least)) return {};
  for (auto fit = polished; fit != fits.end(); ++fit) {
    if (fit->log_evidence > winner.log_evidence - kPolishGain) polish(evidence, frequency_step, *fit);
  }
  for (const Fit& fit : fits) {
    const auto is_near = [&](double f) { return std::fabs(fit.at.frequency - f) < 1 / span_days; };
    if (is_near(winner.at.frequency) || is_near(winner.at.frequency / 2) || is_near(2 * winner.at.frequency))
      continue;
    period.rivals.push_back(fit.log_evidence);
  }
  period.chance = chance_of(evidence, winner, span_days, grid);
  period.correlation = correlation;
  return period;
}

}  // namespace astrom3
