// SPDX-License-Identifier: MIT
#include "features/candidates.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

#include "astrom3/features/periodogram.h"
#include "features/doubling.h"
#include "features/peaks.h"
#include "features/period_bands.h"

namespace astrom3 {
namespace {

constexpr double kWindowPenalty = 8;  // nats that a frequency loses where the window function is 1
// Between RR Lyrae and the classical Cepheids few stars rise so steeply: in the same fields of the Galactic
// bulge 156 BL Her (Soszynski et al. 2011, AcA 61, 285) beside 16,804 RR Lyrae, 71 % of them RRab (2014, AcA
// 64, 177). What looks like a BL Her star is more often an alias; the ratio is the prior.
constexpr double kGapShortest = 0.95, kGapLongest = 2.5;  // days
constexpr double kGapSkewness = -0.3;
constexpr double kGapPenalty = 4.3;     // nats: ln(0.71 * 16804 / 156)
constexpr double kOvertonePenalty = 6;  // nats
constexpr double kOvertonePower = 4;    // the power of the overtone in units of the peak's power
constexpr std::size_t kRefined = 8;     // the number of candidates whose frequency is optimised

bool is_better(const Candidate& a, const Candidate& b) {
  return a.log_evidence != b.log_evidence ? a.log_evidence > b.log_evidence : a.frequency < b.frequency;
}

/// The nats that a frequency loses when its curve belongs to a very rare kind of pulsating star.
double gap_penalty(double frequency, StarModel& model) {
  if (!(1 / frequency > kGapShortest && 1 / frequency < kGapLongest)) return 0;
  return measure_shape(model.fit(frequency)).skewness < kGapSkewness ? kGapPenalty : 0;
}

void refine(Candidate& c, const FrequencyGrid& grid, StarModel& model) {
  c.log_evidence = model.refine(c.frequency, grid.minimum, grid.frequency(grid.count)) - c.price;
  c.log_evidence -= gap_penalty(c.frequency, model);
}

/// The nats that a frequency loses when a much stronger peak lies at twice or three times the frequency.
double overtone_penalty(const Peak& peak, const std::vector<Peak>& peaks, double width) {
  const auto is_overtone = [&](const Peak& other) {
    if (!(other.power > kOvertonePower * peak.power)) return false;
    const double multiple = std::round(other.frequency / peak.frequency);
    return (multiple == 2 || multiple == 3) &&
           std::fabs(other.frequency - multiple * peak.frequency) < multiple * width;
  };
  return std::any_of(peaks.begin(), peaks.end(), is_overtone) ? kOvertonePenalty : 0;
}

}  // namespace

std::vector<Candidate> judge_peaks(const std::vector<Peak>& peaks, double span_days,
                                   const FrequencyGrid& grid, StarModel& model) {
  std::vector<double> frequency, evidence(peaks.size()), window(peaks.size());
  for (const Peak& peak : peaks) frequency.push_back(peak.frequency);
  model.evaluate(frequency, evidence, window);
  std::vector<Candidate> candidates;
  for (std::size_t i = 0; i < peaks.size(); ++i) {
    const double price = kWindowPenalty * window[i] + overtone_penalty(peaks[i], peaks, 1 / span_days);
    candidates.push_back({frequency[i], evidence[i] - price, price});
  }
  std::sort(candidates.begin(), candidates.end(), is_better);
  for (std::size_t i = 0; i < std::min(kRefined, candidates.size()); ++i) refine(candidates[i], grid, model);
  std::sort(candidates.begin(), candidates.end(), is_better);
  return candidates;
}

Candidate judge_frequency(double frequency, const FrequencyGrid& grid, StarModel& model) {
  Candidate c{.frequency = frequency};
  double window = 0;
  model.evaluate(std::span(&c.frequency, 1), std::span(&c.log_evidence, 1), std::span(&window, 1));
  c.price = kWindowPenalty * window;
  refine(c, grid, model);
  return c;
}

double evidence_below(const FrequencyGrid& grid, StarModel& model) {
  constexpr std::array kShares{0.08, 0.16, 0.28, 0.4, 0.52, 0.64, 0.76, 0.88};  // one block of lanes
  std::array<double, kShares.size()> frequency{}, evidence{};
  for (std::size_t i = 0; i < kShares.size(); ++i) frequency[i] = kShares[i] * grid.minimum;
  model.evaluate(frequency, evidence, {});
  const auto highest = std::max_element(evidence.begin(), evidence.end());
  double best = frequency[static_cast<std::size_t>(highest - evidence.begin())];
  return model.refine(best, kShares.front() * grid.minimum, kShares.back() * grid.minimum);
}

}  // namespace astrom3
