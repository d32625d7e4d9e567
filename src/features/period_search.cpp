// SPDX-License-Identifier: MIT
#include "astrom3/features/period_search.h"

#include <algorithm>
#include <cmath>

#include "features/doubling.h"
#include "features/eclipses.h"
#include "features/period_bands.h"
#include "kernels/dispatch.h"

namespace astrom3 {
namespace {

constexpr double kPriorDecay = 0.45;  // amplitudes of a smooth curve's harmonics
constexpr double kWindowPenalty = 8;  // nats, where the window function is 1
// Between RR Lyrae and the classical Cepheids few stars rise so steeply and so far: in the same fields of the
// Galactic bulge 156 BL Her (Soszynski et al. 2011, AcA 61, 285) beside 16,804 RR Lyrae, 71 % of them RRab
// (2014, AcA 64, 177). What looks like a BL Her star is more often an alias; the ratio is the prior.
constexpr double kGapShortest = 0.95, kGapLongest = 2.5;  // days
constexpr double kGapDepthMag = 0.3, kGapSkewness = -0.3;
constexpr double kGapPenalty = 4.3;          // nats: ln(0.71 * 16804 / 156)
constexpr std::size_t kRefined = 8;          // candidates whose frequency is optimised
constexpr double kEclipseGain = 3;           // nats over the harmonic model
constexpr double kEclipsePhaseError = 0.01;  // of a narrow eclipse, over the span
constexpr std::size_t kFewPoints = 10;
constexpr double kDaysPerYear = 365.25;
constexpr double kDayAliasWidth = 0.005;  // cycles per day

void check_options(const PeriodOptions& o) {
  const auto require = [](bool holds, const char* what) {
    if (!holds) throw Error(Status::usage, what);
  };
  require(o.period_min > 0 && std::isfinite(o.period_min), "period_min must be a positive number of days");
  require(o.period_max == 0 || (o.period_max > o.period_min && std::isfinite(o.period_max)),
          "period_max must be 0 or a number of days above period_min");
  require(o.oversampling >= 1 && o.oversampling <= 100, "oversampling must be 1 to 100");
  require(o.n_candidates >= 1 && o.n_candidates <= 1000, "n_candidates must be 1 to 1000");
  require(o.n_harmonics >= 1 && o.n_harmonics <= 8, "n_harmonics must be 1 to 8");
  require(o.error_floor_mag >= 0 && std::isfinite(o.error_floor_mag), "error_floor_mag must be 0 or more");
}

/// A frequency that may be that of the star.
struct Candidate {
  double frequency = 0;
  double log_evidence = 0;  ///< with the prior
  double window = 0;        ///< the window function there, 0..1
};

bool is_better(const Candidate& a, const Candidate& b) {
  return a.log_evidence != b.log_evidence ? a.log_evidence > b.log_evidence : a.frequency < b.frequency;
}

/// Nats that a frequency loses when the curve is that of a kind of pulsating star that is very rare.
double gap_penalty(double frequency, StarModel& model) {
  if (!(1 / frequency > kGapShortest && 1 / frequency < kGapLongest)) return 0;
  const CurveShape shape = measure_shape(model.fit(frequency));
  return shape.depth_mag > kGapDepthMag && shape.skewness < kGapSkewness ? kGapPenalty : 0;
}

/// Evidence of every peak. Where the window function is high, systematic errors that repeat every night
/// make peaks of their own. Such peaks are penalised, but not excluded: real stars have such periods, too.
std::vector<Candidate> judge(const std::vector<Peak>& peaks, const FrequencyGrid& grid, StarModel& model) {
  std::vector<double> frequency, evidence(peaks.size()), window(peaks.size());
  for (const Peak& peak : peaks) frequency.push_back(peak.frequency);
  model.evaluate(frequency, evidence, window);
  std::vector<Candidate> candidates;
  for (std::size_t i = 0; i < peaks.size(); ++i) {
    candidates.push_back({frequency[i], evidence[i] - kWindowPenalty * window[i], window[i]});
  }
  std::sort(candidates.begin(), candidates.end(), is_better);
  for (std::size_t i = 0; i < std::min(kRefined, candidates.size()); ++i) {
    Candidate& c = candidates[i];
    c.log_evidence =
        model.refine(c.frequency, grid.minimum, grid.frequency(grid.count)) - kWindowPenalty * c.window;
    c.log_evidence -= gap_penalty(c.frequency, model);
  }
  std::sort(candidates.begin(), candidates.end(), is_better);
  return candidates;
}

Flags remark(double period, double span_days, const FrequencyGrid& grid, std::size_t n_observations) {
  Flags flags;
  const double f = 1 / period, resolution = 1 / span_days;
  const double last = grid.frequency(grid.count - 1);
  if (f < grid.minimum + grid.step || f > last - grid.step) flags.set(Flag::period_at_limit);
  if (f > 0.5 && std::fabs(f - std::round(f)) < kDayAliasWidth) flags.set(Flag::day_alias);
  for (const double k : {1.0, 2.0}) {
    if (std::fabs(f - k / kDaysPerYear) < resolution / 2) flags.set(Flag::year_alias);
  }
  if (period > span_days / 2) flags.set(Flag::long_period);
  if (n_observations < kFewPoints) flags.set(Flag::few_points);
  return flags;
}

double time_variance(const Star& star) {
  double sum = 0, square = 0;
  for (const Band& band : star.bands) {
    for (const double t : band.time) {
      sum += t;
      square += t * t;
    }
  }
  const auto n = static_cast<double>(star.n_observations);
  return std::max(0.0, square / n - (sum / n) * (sum / n));
}

void add_alternates(const Star& star, const std::vector<Candidate>& candidates, std::size_t wanted,
                    const kernels::PeriodogramKernels& kernels, PeriodResult& result) {
  std::vector<double> taken{candidates.front().frequency};
  wanted -= std::min(wanted, result.alternates.size());
  for (const Candidate& c : candidates) {
    if (taken.size() > wanted) break;
    const bool is_new = std::none_of(taken.begin(), taken.end(), [&](double f) {
      return std::fabs(f - c.frequency) < 1 / star.span_days;
    });
    if (!is_new) continue;
    taken.push_back(c.frequency);
    result.alternates.push_back({1 / c.frequency, star_power(star, c.frequency, kernels), c.log_evidence});
  }
}

/// Replaces the period by that of an eclipse model if that model explains the star better.
bool take_eclipses(const Star& star, const FrequencyGrid& grid, const PeriodOptions& options,
                   const kernels::PeriodogramKernels& kernels, PeriodResult& result) {
  // The evidence of eclipses is that of one band, and cannot be compared with a sum over several bands.
  if (!options.search_eclipses || star.bands.size() > 1) return false;
  const auto found = find_eclipses(star.bands[0], star.span_days, grid, options.error_floor_mag, kernels);
  if (!found || !(found->log_evidence >= result.log_evidence + kEclipseGain)) return false;
  if (!(found->frequency >= grid.minimum && found->frequency <= grid.frequency(grid.count))) return false;
  result.alternates.push_back({result.period, result.power, result.log_evidence});
  result.period = 1 / found->frequency;
  result.period_err = kEclipsePhaseError / star.span_days * result.period * result.period;
  result.log_evidence = found->log_evidence;
  if (found->is_ambiguous) result.flags.set(Flag::ambiguous_double);
  return true;
}

/// Replaces the period by twice itself for an eclipsing binary.
void take_doubling(const Star& star, double period_max, const PeriodOptions& options,
                   const kernels::PeriodogramKernels& kernels, PeriodResult& result) {
  if (!options.double_eclipsers || 2 * result.period > std::max(period_max, 2 * options.period_min)) return;
  const DoublingDecision decision = decide_doubling(star, 1 / result.period, kernels);
  if (decision.is_ambiguous) result.flags.set(Flag::ambiguous_double);
  if (!decision.is_doubled) return;
  result.alternates.push_back({result.period, result.power, result.log_evidence});
  result.doubled = true;
  result.period *= 2;
  result.period_err *= 2;
}

Status search(const Star& star, const PeriodOptions& options, PeriodResult& result) {
  FrequencyGrid grid;
  if (const Status status = make_period_grid(options, star.span_days, grid); status != Status::ok)
    return status;

  const Isa isa = default_isa();
  const kernels::PeriodogramKernels& kernels = kernels::periodogram_kernels(isa);
  const std::vector<Peak> peaks = find_peaks(star, grid, options.n_candidates, isa);
  StarModel model(star, {decaying_prior(options.n_harmonics, kPriorDecay), options.error_floor_mag}, kernels);
  const std::vector<Candidate> candidates = judge(peaks, grid, model);
  const Candidate& best = candidates.front();

  result.period = 1 / best.frequency;
  result.log_evidence = best.log_evidence;
  result.power = star_power(star, best.frequency, kernels);
  result.false_alarm_probability = false_alarm_probability(
      peaks.front().power, star.n_observations, time_variance(star), grid.frequency(grid.count - 1));
  result.period_err = model.frequency_error(best.frequency) * result.period * result.period;
  if (!take_eclipses(star, grid, options, kernels, result)) {
    take_doubling(star, longest_period(options, star.span_days), options, kernels, result);
  }
  add_alternates(star, candidates, options.n_alternates, kernels, result);
  result.flags.set(remark(result.period, star.span_days, grid, star.n_observations));
  return Status::ok;
}

}  // namespace

Status find_period(std::span<const double> time, std::span<const double> mag, std::span<const double> mag_err,
                   const PeriodOptions& options, PeriodResult& result) {
  return find_period(time, mag, mag_err, {}, options, result);
}

Status find_period(std::span<const double> time, std::span<const double> mag, std::span<const double> mag_err,
                   std::span<const std::uint8_t> band, const PeriodOptions& options, PeriodResult& result) {
  check_options(options);
  if (mag.size() != time.size() || mag_err.size() != time.size() ||
      (!band.empty() && band.size() != time.size())) {
    throw Error(Status::usage, "find_period: time, mag, mag_err and band differ in length");
  }
  result = {};
  Star star;
  const Status status = make_star(time, mag, mag_err, band, options.error_floor_mag, star);
  if (status != Status::ok) return status;
  result.span_days = star.span_days;
  return search(star, options, result);
}

}  // namespace astrom3
