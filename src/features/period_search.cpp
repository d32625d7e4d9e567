// SPDX-License-Identifier: MIT
#include "astrom3/features/period_search.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/flags.h"
#include "astrom3/features/periodogram.h"
#include "astrom3/kernels/isa.h"
#include "features/candidates.h"
#include "features/doubling.h"
#include "features/eclipses.h"
#include "features/harmonic_model.h"
#include "features/peaks.h"
#include "features/period_bands.h"
#include "features/period_probability.h"
#include "features/sampling.h"
#include "kernels/dispatch.h"
#include "kernels/periodogram.h"

namespace astrom3 {
namespace {

constexpr double kPriorDecay = 0.45;         // amplitudes of a smooth curve's harmonics
constexpr double kEclipseGain = 3;           // nats over the harmonic model
constexpr double kEclipsePhaseError = 0.01;  // of a narrow eclipse, over the span
constexpr double kSignificant = 0.1;         // probability that chance makes a wave, or eclipses
constexpr int kEclipseHarmonics = 4;         // of the orbit, whose powers are looked at
constexpr double kSameEvidence = 5;          // nats: images on a regular grid that fit equally well
constexpr double kUncertain = 0.5;
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

void add_alternates(const Star& star, const std::vector<Candidate>& candidates, double chosen,
                    std::size_t wanted, const kernels::PeriodogramKernels& kernels, PeriodResult& result) {
  std::vector<double> taken{chosen};
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

/// The lowest frequency that fits as well as `best` on a regular grid of times.
Candidate lowest_image(const Candidate& best, const Sampling& sampling, const FrequencyGrid& grid,
                       StarModel& model) {
  if (!sampling.is_regular()) return best;
  const double lower = sampling.lowest_image(best.frequency);
  if (lower < grid.minimum || lower > best.frequency - grid.step) return best;
  const Candidate image = judge_frequency(lower, grid, model);
  return image.log_evidence > best.log_evidence - kSameEvidence ? image : best;
}

/// True where a higher frequency, up to 1 / period_min, fits as well as the chosen one.
bool has_image(const Candidate& chosen, const Sampling& sampling, const FrequencyGrid& grid,
               double period_min, StarModel& model) {
  if (!sampling.is_regular()) return false;
  const double higher = sampling.frequency - chosen.frequency;
  if (higher * period_min > 1 || higher < chosen.frequency + grid.step) return false;
  if (sampling.is_exact()) return true;
  return judge_frequency(higher, grid, model).log_evidence > chosen.log_evidence - kSameEvidence;
}

/// The period of the eclipse model, if its evidence is clearly above `log_evidence`.
std::optional<EclipsePeriod> find_better_eclipses(const Star& star, const FrequencyGrid& grid,
                                                  const PeriodOptions& options, double log_evidence,
                                                  const kernels::PeriodogramKernels& kernels) {
  // The evidence of eclipses is computed for one band, and cannot be compared with a sum over several bands.
  if (!options.search_eclipses || star.bands.size() > 1) return {};
  auto found = find_eclipses(star.bands[0], star.span_days, grid, kRepeatability, log_evidence + kEclipseGain,
                             kernels);
  if (!found) return {};
  if (!(found->frequency >= grid.minimum && found->frequency <= grid.frequency(grid.count))) return {};
  return found;
}

/// Replaces the period by the period of the eclipses.
void take_eclipses(const Star& star, const EclipsePeriod& found, const kernels::PeriodogramKernels& kernels,
                   PeriodResult& result) {
  result.alternates.push_back({result.period, result.power, result.log_evidence});
  result.period = 1 / found.frequency;
  result.period_err = kEclipsePhaseError / star.span_days * result.period * result.period;
  result.log_evidence = found.log_evidence;
  result.power = 0;
  for (int k = 1; k <= kEclipseHarmonics; ++k)
    result.power = std::max(result.power, star_power(star, k * found.frequency, kernels));
  if (found.is_ambiguous) result.flags.set(Flag::ambiguous_double);
}

/// Doubles the period for an eclipsing binary.
void take_doubling(const DoublingDecision& decision, PeriodResult& result) {
  if (decision.is_ambiguous) result.flags.set(Flag::ambiguous_double);
  if (!decision.is_doubled) return;
  result.alternates.push_back({result.period, result.power, result.log_evidence});
  result.doubled = true;
  result.period *= 2;
  result.period_err *= 2;
}

/// The search for the period of one star.
class Search {
 public:
  Search(const Star& star, const PeriodOptions& options, const FrequencyGrid& grid)
      : star_(star),
        options_(options),
        kernels_(kernels::periodogram_kernels(default_isa())),
        sampling_(find_sampling(star, grid.frequency(grid.count), kernels_)),
        grid_(cut_to_sampling(grid, sampling_)),
        model_(star, {decaying_prior(options.n_harmonics, kPriorDecay), kRepeatability}, kernels_) {}

  PeriodResult run() {
    const std::vector<Peak> peaks = find_peaks(star_, grid_, options_.n_candidates, default_isa());
    const std::vector<Candidate> candidates = judge_peaks(peaks, star_.span_days, grid_, model_);
    const Candidate best = lowest_image(candidates.front(), sampling_, grid_, model_);
    PeriodResult result{.period = 1 / best.frequency,
                        .power = star_power(star_, best.frequency, kernels_),
                        .log_evidence = best.log_evidence,
                        .span_days = star_.span_days};
    result.period_err = model_.frequency_error(best.frequency) * result.period * result.period;
    if (has_image(best, sampling_, grid_, options_.period_min, model_) ||
        sampling_.is_image_in_pieces(best.frequency))
      result.flags.set(Flag::sampling_alias);
    Rivals rivals = rivals_of(best, candidates);
    if (rivals.below > best.unpenalised()) result.flags.set(Flag::period_at_limit);
    const bool is_eclipsing = choose_orbit(rivals, result);
    result.false_alarm_probability = false_alarm(result.power, 1, grid_.frequency(grid_.count - 1));
    // A star that a sine wave does not fit may still have eclipses, whose chance is another.
    if (!is_eclipsing) {
      const StarModel::NoiseThatLasts noise = model_.noise_that_lasts(best.frequency);
      rivals.correlation = noise.correlation;
      rivals.over_red_noise = noise.gain - std::log(std::max(1.0, n_frequencies_like(best.frequency)));
      rivals.false_alarm_probability =
          std::max(result.false_alarm_probability, slow_false_alarm(result.power, best.frequency, rivals));
    }
    result.period_probability = probability_of(rivals);
    if (result.period_probability < kUncertain) result.flags.set(Flag::uncertain_period);
    add_alternates(star_, candidates, best.frequency, options_.n_alternates, kernels_, result);
    result.flags.set(remark(result.period, star_.span_days, grid_, star_.n_observations));
    return result;
  }

 private:
  /// The false-alarm probability for noise of which `correlation` observations are worth one.
  double false_alarm(double power, double correlation, double highest_frequency) const {
    const double n = static_cast<double>(star_.n_observations) / correlation;
    return false_alarm_probability(power, static_cast<std::size_t>(n), time_variance(star_),
                                   highest_frequency);
  }

  /// The false-alarm probability for noise that lasts: it has fewer independent observations, and only
  /// frequencies that so few observations can tell apart.
  double slow_false_alarm(double power, double frequency, const Rivals& rivals) const {
    const double n = static_cast<double>(star_.n_observations) / rivals.correlation;
    return false_alarm(power, rivals.correlation, std::max(frequency, n / (2 * star_.span_days)));
  }

  /// As many as the search tells apart, each as probable a priori as this one, if the logarithm is uniform.
  double n_frequencies_like(double frequency) const {
    return frequency * star_.span_days * std::log(grid_.frequency(grid_.count - 1) / grid_.minimum);
  }

  Rivals rivals_of(const Candidate& best, const std::vector<Candidate>& candidates) {
    Rivals rivals{.chosen = best.log_evidence, .below = evidence_below(grid_, model_)};
    for (const Candidate& c : candidates) {
      if (std::fabs(c.frequency - best.frequency) >= 1 / star_.span_days)
        rivals.others.push_back(c.log_evidence);
    }
    return rivals;
  }

  /// Takes the period of eclipses and returns true, or decides whether to double the period.
  bool choose_orbit(Rivals& rivals, PeriodResult& result) {
    const auto found = find_better_eclipses(star_, grid_, options_, result.log_evidence, kernels_);
    // Eclipses that may be chance do not replace a wave that is not.
    const double by_noise = false_alarm(result.power, 1, grid_.frequency(grid_.count - 1));
    if (found && (found->chance < kSignificant || by_noise > kSignificant)) {
      rivals.others.push_back(rivals.chosen);
      rivals.chosen = found->log_evidence;
      rivals.others.insert(rivals.others.end(), found->rivals.begin(), found->rivals.end());
      rivals.orbit_odds = found->orbit_odds;
      rivals.false_alarm_probability = found->chance;
      rivals.correlation = found->correlation;
      take_eclipses(star_, *found, kernels_, result);
      return true;
    }
    const double longest = std::max(longest_period(options_, star_.span_days), 2 * options_.period_min);
    if (!options_.double_eclipsers || 2 * result.period > longest) return false;
    const DoublingDecision decision = decide_doubling(star_, 1 / result.period, grid_, kernels_);
    rivals.orbit_odds = decision.odds;
    take_doubling(decision, result);
    return false;
  }

  const Star& star_;
  const PeriodOptions& options_;
  const kernels::PeriodogramKernels& kernels_;
  Sampling sampling_;
  FrequencyGrid grid_;
  StarModel model_;
};

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
  FrequencyGrid grid;
  const Status of_grid = make_period_grid(options, star.span_days, grid);
  if (of_grid == Status::ok) result = Search(star, options, grid).run();
  return of_grid;
}

}  // namespace astrom3
