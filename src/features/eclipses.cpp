// SPDX-License-Identifier: MIT
#include "features/eclipses.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include "features/harmonic_model.h"

namespace astrom3 {
namespace {

constexpr double kDipDeviations = 3;
constexpr double kShallowestMag = 0.05;  // shallower dips are noise in any survey we know
constexpr std::size_t kFewestDips = 4;
constexpr std::size_t kMostDips = 24;          // the deepest are enough to find where they fall together
constexpr double kLargestDipShare = 0.25;      // more is no narrow eclipse: the periodogram sees it
constexpr double kHighestFrequency = 1 / 0.3;  // cycles per day
constexpr std::size_t kBins = 32;              // of phase; an eclipse is looked for in two of them
constexpr double kStepBins = 0.5;              // phase drift over the span from one frequency to the next
constexpr double kConcentration = 0.55;        // share of the dips' depth that must fall together
constexpr std::size_t kJudged = 24;            // trials whose evidence is computed,
constexpr std::size_t kPolished = 4;           // and of them polished
constexpr int kPolishRounds = 12;
constexpr double kNarrowest = 0.002, kWidest = 0.06;            // widths that polishing may reach
constexpr std::array kWidths{0.005, 0.008, 0.013, 0.02, 0.03};  // of the dip, one sigma, in phase
constexpr double kEqualStarsDepth = 0.8;  // mag; two equal stars lose half their light: 0.753
constexpr double kTwiceGain = 5;          // nats for a doubled orbit
constexpr double kMeanPriorMag = 10;

struct Trial {
  double frequency = 0;
  double phase = 0;      ///< of the window's centre
  double statistic = 0;  ///< box statistic
};

/// Deviations from the median and which of them are dips.
struct Dips {
  std::vector<double> depth;       ///< [N] mag - median
  std::vector<std::size_t> index;  ///< the deepest observations in eclipse, deepest first
  std::size_t count = 0;           ///< all observations in eclipse
  double total = 0;                ///< sum of their depths
  double deepest = 0;
};

Dips select_dips(const Band& band) {
  Dips dips;
  std::vector<double> sorted = band.mag;
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  const double median = *middle;
  for (double& m : sorted) m = std::fabs(m - median);
  std::nth_element(sorted.begin(), middle, sorted.end());
  const double threshold = std::max(kDipDeviations * 1.4826 * *middle, kShallowestMag);
  for (std::size_t i = 0; i < band.mag.size(); ++i) {
    dips.depth.push_back(band.mag[i] - median);
    if (dips.depth[i] > threshold) dips.index.push_back(i);
  }
  dips.count = dips.index.size();
  std::stable_sort(dips.index.begin(), dips.index.end(),
                   [&](std::size_t a, std::size_t b) { return dips.depth[a] > dips.depth[b]; });
  dips.index.resize(std::min(kMostDips, dips.index.size()));
  for (const std::size_t i : dips.index) dips.total += dips.depth[i];
  if (!dips.index.empty()) dips.deepest = dips.depth[dips.index[0]];
  return dips;
}

double fraction_of(double cycles) {
  return cycles - std::floor(cycles);
}

/// Box statistic of the phase window [begin, begin + 2 / kBins): (sum of deviations inside)^2 over
/// the share of points inside and outside.
double box_statistic(const Band& band, const Dips& dips, double frequency, double begin) {
  double sum = 0, total = 0;
  std::size_t inside = 0;
  for (std::size_t i = 0; i < band.time.size(); ++i) {
    total += dips.depth[i];
    if (fraction_of(band.time[i] * frequency - begin) >= 2.0 / kBins) continue;
    sum += dips.depth[i];
    ++inside;
  }
  const auto n = static_cast<double>(band.time.size());
  const double share = static_cast<double>(inside) / n;
  if (inside == 0 || inside == band.time.size()) return 0;
  const double excess = sum / n - share * total / n;
  return excess > 0 ? excess * excess / (share * (1 - share)) : 0;
}

/// Walks the frequencies with the dips alone: phases are 32-bit fractions of a turn that wrap by
/// themselves, so that a step costs one addition a dip.
std::vector<Trial> scan(const Band& band, const Dips& dips, double span_days, const FrequencyGrid& grid) {
  const double first = grid.minimum;
  const double last = std::min(grid.frequency(grid.count), kHighestFrequency);
  const double step = kStepBins / (kBins * span_days);
  const std::size_t n_dips = dips.index.size();
  std::vector<std::uint32_t> phase(n_dips), advance(n_dips);
  std::vector<float> depth(n_dips);
  for (std::size_t d = 0; d < n_dips; ++d) {
    const double t = band.time[dips.index[d]];
    advance[d] = static_cast<std::uint32_t>(static_cast<std::int64_t>(fraction_of(step * t) * 0x1p32));
    depth[d] = static_cast<float>(dips.depth[dips.index[d]]);
  }
  const float wanted = static_cast<float>(kConcentration * dips.total);
  const auto better = [](const Trial& a, const Trial& b) { return a.statistic > b.statistic; };
  std::vector<Trial> best;
  const auto n_steps = last > first ? static_cast<std::size_t>((last - first) / step) : 0;
  constexpr std::size_t kExactEvery = 1024;  // 2^-32 of a turn a step stays far below a bin
  for (std::size_t k = 0; k < n_steps; ++k) {
    const double frequency = first + static_cast<double>(k) * step;
    if (k % kExactEvery == 0) {
      for (std::size_t d = 0; d < n_dips; ++d) {
        const double turn = fraction_of(frequency * band.time[dips.index[d]]);
        phase[d] = static_cast<std::uint32_t>(static_cast<std::int64_t>(turn * 0x1p32));
      }
    }
    std::array<float, kBins + 1> sum{};
    for (std::size_t d = 0; d < n_dips; ++d) {
      sum[phase[d] >> 27] += depth[d];
      phase[d] += advance[d];
    }
    sum[kBins] = sum[0];
    std::size_t bin = 0;
    float highest = 0;
    for (std::size_t b = 0; b < kBins; ++b) {
      const float pair = sum[b] + sum[b + 1];
      if (pair > highest) highest = pair, bin = b;
    }
    if (highest < wanted) continue;
    const double begin = static_cast<double>(bin) / kBins;
    const Trial trial{frequency, begin + 1.0 / kBins, box_statistic(band, dips, frequency, begin)};
    // One trial a peak: neighbours share their dips.
    if (!best.empty() && frequency - best.back().frequency < 2 * step) {
      if (better(trial, best.back())) best.back() = trial;
    } else {
      best.push_back(trial);
    }
  }
  const std::size_t kept = std::min(kJudged, best.size());
  std::partial_sort(best.begin(), best.begin() + static_cast<std::ptrdiff_t>(kept), best.end(), better);
  best.resize(kept);
  return best;
}

/// Log-evidence of the eclipse model at one frequency, phase and width.
class EclipseEvidence {
 public:
  EclipseEvidence(const Band& band, double error_floor_mag, double depth_prior)
      : band_(band),
        noise_(band.mag, band.mag_err, error_floor_mag),
        depth_precision_(1 / (depth_prior * depth_prior)) {}

  double operator()(double frequency, double phase, double width) {
    const std::size_t n = band_.time.size();
    primary_.resize(n);
    secondary_.resize(n);
    for (std::size_t i = 0; i < n; ++i) {
      const double x = fraction_of(band_.time[i] * frequency - phase + 0.25) - 0.25;  // -1/4 .. 3/4
      primary_[i] = dip(x / width);
      secondary_[i] = dip((x - 0.5) / width);
    }
    double highest = -HUGE_VAL;
    std::array<double, JitterGrid::kCount> evidence{};
    for (std::size_t j = 0; j < evidence.size(); ++j) {
      evidence[j] = at_jitter(j);
      highest = std::max(highest, evidence[j]);
    }
    double sum = 0;
    for (const double e : evidence) sum += std::exp(e - highest);
    return highest + std::log(sum / static_cast<double>(evidence.size()));
  }

 private:
  static double dip(double z) { return std::fabs(z) < 6 ? std::exp(-0.5 * z * z) : 0; }

  /// Three columns (1, primary, secondary) by elimination.
  double at_jitter(std::size_t jitter) const {
    double a[3][4] = {};
    for (std::size_t i = 0; i < band_.time.size(); ++i) {
      const double w = noise_.weight[i * JitterGrid::kCount + jitter];
      const double p = primary_[i], s = secondary_[i], y = noise_.deviation[i];
      a[0][0] += w;
      a[0][1] += w * p;
      a[0][2] += w * s;
      a[0][3] += w * y;
      a[1][1] += w * p * p;
      a[1][2] += w * p * s;
      a[1][3] += w * p * y;
      a[2][2] += w * s * s;
      a[2][3] += w * s * y;
    }
    const std::array<double, 3> prior{1 / (kMeanPriorMag * kMeanPriorMag), depth_precision_,
                                      depth_precision_};
    double log_evidence = noise_.log_weight[jitter] - noise_.chi2[jitter];
    for (int k = 0; k < 3; ++k) a[k][k] += prior[static_cast<std::size_t>(k)];
    for (int k = 0; k < 3; ++k) {
      for (int r = k + 1; r < 3; ++r) {
        const double factor = a[k][r] / a[k][k];
        for (int c = r; c < 4; ++c) a[r][c] -= factor * a[k][c];
      }
      log_evidence += a[k][3] * a[k][3] / a[k][k] + std::log(prior[static_cast<std::size_t>(k)] / a[k][k]);
    }
    return 0.5 * log_evidence;
  }

  const Band& band_;
  JitterGrid noise_;
  double depth_precision_;
  std::vector<double> primary_, secondary_;
};

/// An eclipse model's best parameters near a trial.
struct Fit {
  double frequency = 0;
  double phase = 0;  ///< of the primary
  double width = kWidths[0];
  double log_evidence = -HUGE_VAL;  ///< less what the choice of phase and width costs
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
    for (double shift = -1.0 / kBins; shift <= 1.0 / kBins; shift += width) {
      Fit fit{frequency, phase + shift, width, 0};
      fit.log_evidence = with_prior(evidence, fit);
      if (fit.log_evidence > best.log_evidence) best = fit;
    }
  }
  return best;
}

/// Climbs to the top by steps in frequency, phase and width that halve where none helps.
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

/// Chooses between the period found, its double and its half. A tie means one eclipse or two equal
/// ones: two, unless it is deeper than two equal stars can make it.
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
  if (half.log_evidence > found.log_evidence - kTwiceGain) {
    period.is_ambiguous = true;
    if (!can_be_equal && half.frequency < grid.frequency(grid.count)) period.frequency = half.frequency;
    return period;
  }
  if (found.frequency / 2 < grid.minimum) return period;
  // Both eclipses of an orbit twice as long fall on one phase here; which came first is unknown.
  const Fit first = fit_at(0.5, 0), second = fit_at(0.5, 0.5);
  const Fit& twice = first.log_evidence > second.log_evidence ? first : second;
  period.is_ambiguous = std::fabs(twice.log_evidence - found.log_evidence) < kTwiceGain;
  if (twice.log_evidence > found.log_evidence + kTwiceGain || (period.is_ambiguous && can_be_equal)) {
    period.frequency = twice.frequency;
    period.log_evidence = twice.log_evidence;
  }
  return period;
}

}  // namespace

std::optional<EclipsePeriod> find_eclipses(const Band& band, double span_days, const FrequencyGrid& grid,
                                           double error_floor_mag) {
  const Dips dips = select_dips(band);
  const auto n = static_cast<double>(band.time.size());
  if (dips.count < kFewestDips || static_cast<double>(dips.count) > kLargestDipShare * n) return {};

  EclipseEvidence evidence(band, error_floor_mag, dips.deepest);
  std::vector<Fit> fits;
  for (const Trial& trial : scan(band, dips, span_days, grid)) {
    fits.push_back(coarse_fit(evidence, trial.frequency, trial.phase));
  }
  if (fits.empty()) return {};
  const auto better = [](const Fit& a, const Fit& b) { return a.log_evidence > b.log_evidence; };
  std::sort(fits.begin(), fits.end(), better);
  fits.resize(std::min(kPolished, fits.size()));
  const double frequency_step = kStepBins / (kBins * span_days);
  for (Fit& fit : fits) polish(evidence, frequency_step, fit);
  const Fit& winner = *std::min_element(fits.begin(), fits.end(), better);
  return settle_orbit(evidence, winner, dips.deepest, frequency_step, grid);
}

}  // namespace astrom3
