// SPDX-License-Identifier: MIT
#include "features/eclipse_scan.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "astrom3/base/stop_scope.h"
#include "astrom3/features/periodogram.h"
#include "base/median.h"
#include "features/period_bands.h"
#include "features/striped_values.h"
#include "kernels/dip_scan.h"
#include "kernels/periodogram.h"

namespace astrom3 {
namespace {

constexpr double kDipDeviations = 3;
constexpr double kHighestFrequency = 1 / 0.3;  // cycles per day
constexpr double kStepBins = 0.5;              // phase drift over the span from one frequency to the next
constexpr double kConcentration = 0.55;        // share of the dips' depth that must fall into one box,
constexpr double kPreselection = 0.5;          // and share of their rounded weights, which are cheap to count
constexpr double kHeavyShare = 0.5;            // share of the deepest dip from which a dip has weight 2
constexpr std::size_t kChunk = 1024;           // frequencies until exact phases: errors of 2^-32 turn add up

constexpr int kPhaseBits = std::countr_zero(kernels::kPhaseBins);
static_assert(kEclipseWindow == 2.0 / kernels::kPhaseBins);
static_assert(kChunk % kernels::kScanLanes == 0);

/// The phase in 32 bits, without whole turns. (No grid of frequencies makes 2^31 turns.)
std::uint32_t to_turn(double cycles) {
  return static_cast<std::uint32_t>(static_cast<std::int64_t>(cycles * 0x1p32));
}

/// The dips in the layout of the kernel: dips of weight 1, then those of weight 2, both in groups of three.
class DipWalker {
 public:
  DipWalker(const Band& band, const Dips& dips, double step) : step_(step) {
    std::uint32_t weight = 0;
    for (const bool heavy : {false, true}) {
      for (const std::size_t i : dips.index) {
        if ((dips.depth[i] > kHeavyShare * dips.deepest) != heavy) continue;
        add(band.time[i], 1);
        weight += heavy ? 2 : 1;
      }
      while (time_.size() % 3 != 0) add(0, 0);
      (heavy ? scan_.n_heavy : scan_.n_light) = time_.size() - (heavy ? scan_.n_light : 0);
    }
    phase_.resize(time_.size() * kernels::kScanLanes);
    scan_.present = present_.data();
    scan_.advance = advance_.data();
    scan_.phase = phase_.data();
    scan_.wanted = std::max(1u, static_cast<std::uint32_t>(std::ceil(kPreselection * weight)));
    scan_.n_groups = kChunk / kernels::kScanLanes;
    scan_.hits = hits_.data();
  }

  /// The words of hit bins (kernels::DipScan::hits) of the kChunk frequencies that begin at `first`.
  const std::array<std::uint32_t, kChunk>& walk(double first, const kernels::PeriodogramKernels& kernels) {
    throw_if_stopped();
    for (std::size_t d = 0; d < time_.size(); ++d) {
      for (std::size_t lane = 0; lane < kernels::kScanLanes; ++lane) {
        const double frequency = first + static_cast<double>(lane) * step_;
        phase_[d * kernels::kScanLanes + lane] = to_turn(frequency * time_[d]);
      }
    }
    kernels.scan_dips(scan_);
    return hits_;
  }

 private:
  void add(double time, std::uint32_t present) {
    time_.push_back(time);
    present_.push_back(present);
    advance_.push_back(to_turn(static_cast<double>(kernels::kScanLanes) * step_ * time));
  }

  double step_;
  std::vector<double> time_;
  std::vector<std::uint32_t> present_, advance_, phase_;
  std::array<std::uint32_t, kChunk> hits_{};
  kernels::DipScan scan_{};
};

/// Computes the statistic of the boxes that hold most of the dips.
class BoxJudge {
 public:
  BoxJudge(const Band& band, const Dips& dips, const kernels::PeriodogramKernels& kernels)
      : band_(band), dips_(dips), kernels_(kernels), time_(band.time.size()), inside_(time_.n_words()) {
    time_.fill([&](std::size_t i) { return band.time[i]; });
    for (const double depth : dips.depth) total_ += depth;
    for (const std::size_t i : dips.index) each_.push_back({band.time[i], dips.depth[i]});
  }

  /// The box with the largest sum of depths among the boxes that begin at a hit bin. The statistic is 0 if
  /// that sum is too small.
  EclipseTrial examine(double frequency, std::uint32_t hit_bins) {
    std::array<double, kernels::kPhaseBins + 1> depth;
    std::fill(depth.begin(), depth.end(), 0.0);
    for (const Dip& dip : each_) depth[to_turn(dip.time * frequency) >> (32 - kPhaseBits)] += dip.depth;
    depth[kernels::kPhaseBins] = depth[0];
    double deepest = kConcentration * dips_.total, begin = -1;
    for (std::uint32_t left = hit_bins; left != 0; left &= left - 1) {
      const auto bin = static_cast<std::size_t>(std::countr_zero(left));
      const double pair = depth[bin] + depth[bin + 1];
      if (pair > deepest) deepest = pair, begin = static_cast<double>(bin) / kernels::kPhaseBins;
    }
    if (begin < 0) return {};
    return {frequency, begin + kEclipseWindow / 2, box_statistic(frequency, begin)};
  }

 private:
  double box_statistic(double frequency, double begin) {
    constexpr auto kWindowTurns = static_cast<std::uint32_t>(kEclipseWindow * 0x1p32);
    kernels_.find_in_window({.time = time_.strips(),
                             .frequency = frequency,
                             .begin = begin,
                             .width = kEclipseWindow,
                             .inside = inside_.data()});
    double sum = 0;
    std::size_t n_inside = 0;
    for (std::size_t word = 0; word < inside_.size(); ++word) {
      for (std::uint64_t left = inside_[word]; left != 0; left &= left - 1) {
        const std::size_t i = word * time_.steps() + static_cast<std::size_t>(std::countr_zero(left));
        if (to_turn(band_.time[i] * frequency - begin) >= kWindowTurns) continue;
        sum += dips_.depth[i];
        ++n_inside;
      }
    }
    if (n_inside == 0 || n_inside == dips_.depth.size()) return 0;
    const auto n = static_cast<double>(dips_.depth.size());
    const double share = static_cast<double>(n_inside) / n;
    const double excess = sum / n - share * total_ / n;
    return excess > 0 ? excess * excess / (share * (1 - share)) : 0;
  }

  struct Dip {
    double time, depth;
  };

  const Band& band_;
  const Dips& dips_;
  const kernels::PeriodogramKernels& kernels_;
  std::vector<Dip> each_;
  StripedValues time_;
  std::vector<std::uint64_t> inside_;
  double total_ = 0;  ///< the sum of all depths
};

bool is_clearer(const EclipseTrial& a, const EclipseTrial& b) {
  return a.statistic > b.statistic;
}

/// Keeps the first kMaxDips observations, one of each visit: all observations of a visit have the same phase.
void keep_one_a_visit(const std::vector<double>& time, std::vector<std::size_t>& index) {
  std::size_t kept = 0;
  for (const std::size_t i : index) {
    const auto is_same_visit = [&](std::size_t j) { return std::fabs(time[i] - time[j]) < kVisitDays; };
    const auto end = index.begin() + static_cast<std::ptrdiff_t>(kept);
    if (std::any_of(index.begin(), end, is_same_visit)) continue;
    index[kept++] = i;
    if (kept == kernels::kMaxDips) break;
  }
  index.resize(kept);
}

}  // namespace

Dips select_dips(const Band& band) {
  Dips dips;
  std::vector<double> sorted = band.mag;
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  const double median = *middle;
  for (double& m : sorted) m = std::fabs(m - median);
  std::nth_element(sorted.begin(), middle, sorted.end());
  dips.threshold = kDipDeviations * kDeviationsPerMad * *middle;
  for (std::size_t i = 0; i < band.mag.size(); ++i) {
    dips.depth.push_back(band.mag[i] - median);
    if (dips.depth[i] > dips.threshold) dips.index.push_back(i);
  }
  dips.count = dips.index.size();
  std::stable_sort(dips.index.begin(), dips.index.end(),
                   [&](std::size_t a, std::size_t b) { return dips.depth[a] > dips.depth[b]; });
  keep_one_a_visit(band.time, dips.index);
  for (const std::size_t i : dips.index) dips.total += dips.depth[i];
  if (!dips.index.empty()) dips.deepest = dips.depth[dips.index[0]];
  return dips;
}

double eclipse_frequency_step(double span_days) {
  return kStepBins / (kernels::kPhaseBins * span_days);
}

std::vector<EclipseTrial> scan_eclipses(const Band& band, const Dips& dips, double span_days,
                                        const FrequencyGrid& grid, std::size_t n_best,
                                        const kernels::PeriodogramKernels& kernels) {
  const double first = grid.minimum, last = std::min(grid.frequency(grid.count), kHighestFrequency);
  const double step = eclipse_frequency_step(span_days);
  const auto n_steps = last > first ? static_cast<std::size_t>((last - first) / step) : 0;
  DipWalker walker(band, dips, step);
  BoxJudge judge(band, dips, kernels);
  std::vector<EclipseTrial> best;
  for (std::size_t chunk = 0; chunk < n_steps; chunk += kChunk) {
    const auto& hits = walker.walk(first + static_cast<double>(chunk) * step, kernels);
    for (std::size_t k = 0; k < std::min(kChunk, n_steps - chunk); ++k) {
      if (hits[k] == 0) continue;
      const EclipseTrial trial = judge.examine(first + static_cast<double>(chunk + k) * step, hits[k]);
      if (trial.statistic <= 0) continue;
      // A peak gives one trial, since the same dips fall together at neighbouring frequencies.
      if (!best.empty() && trial.frequency - best.back().frequency < 2 * step) {
        if (is_clearer(trial, best.back())) best.back() = trial;
      } else {
        best.push_back(trial);
      }
    }
  }
  const std::size_t kept = std::min(n_best, best.size());
  std::partial_sort(best.begin(), best.begin() + static_cast<std::ptrdiff_t>(kept), best.end(), is_clearer);
  best.resize(kept);
  return best;
}

}  // namespace astrom3
