// SPDX-License-Identifier: MIT
#include "features/harmonic_sums.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "astrom3/features/periodogram.h"
#include "astrom3/kernels/isa.h"
#include "features/gls_stream.h"
#include "features/nufft_tables.h"
#include "kernels/dispatch.h"

namespace astrom3 {
namespace {

constexpr std::size_t kCell = 2 * kLanes;
constexpr std::size_t kWidth = 14;  // width of the spreading kernel in cells, for an error of 1e-12
// Fewer observations or frequencies are summed directly, since the cost of the FFTs does not depend on N.
constexpr std::size_t kFewestObservations = 40, kFewestFrequencies = 1024;

}  // namespace

FrequencyList list_frequencies(std::span<const double> values) {
  FrequencyList list{.values = values};
  const std::size_t n = values.size();
  if (n < 3) return list;
  const FrequencyGrid grid{values.front(), (values.back() - values.front()) / static_cast<double>(n - 1), n};
  const double rounding = 8 * std::numeric_limits<double>::epsilon() * std::fabs(values.back());
  for (std::size_t i = 0; i < n; ++i) {
    if (std::fabs(values[i] - grid.frequency(i)) > rounding) return list;
  }
  list.grid = grid;
  return list;
}

double FrequencyBlocks::at(std::size_t index) const noexcept {
  return list.values[std::min(index, list.values.size() - 1)];
}

FrequencyBlocks eights_of(const FrequencyList& list) {
  return {.list = list};
}

FrequencyBlocks divide_frequencies(const FrequencyList& list, std::size_t n_observations) {
  if (list.grid.count < kFewestFrequencies || n_observations < kFewestObservations) return eights_of(list);
  // Spreading costs N for each grid and the FFT n log n, so that longer grids are cheaper for many
  // observations.
  const std::size_t n_grid = n_observations < 300 ? 256 : n_observations < 1200 ? 512 : 1024;
  return {.list = list, .n_steps = n_grid / 2, .n_grid = n_grid};
}

HarmonicPlan::HarmonicPlan(const GlsData& data, const FrequencyBlocks& blocks, std::size_t n_sums,
                           std::size_t n_sums_y, Isa isa)
    : data_(&data),
      blocks_(blocks),
      n_sums_(n_sums),
      n_sums_y_(n_sums_y),
      phasors_(&kernels::periodogram_kernels(isa)),
      kernels_(&kernels::spectrum_kernels(isa)) {
  if (blocks.n_grid == 0) return;
  tables_ = &nufft_tables<double>(blocks.n_grid, kWidth);
  for (std::size_t k = 1; k <= n_sums; ++k)
    spreads_.push_back(make_spread(static_cast<double>(k), k <= n_sums_y));
  const std::size_t n = data.time.size();
  std::vector<double> cycles(n), re(n), im(n);
  lane_phasor_.resize(kCell * n);
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    const double offset = static_cast<double>(lane * blocks.n_steps) * blocks.list.grid.step;
    for (std::size_t j = 0; j < n; ++j) cycles[j] = offset * data.time[j];
    phasors_->unit_phasors(cycles.data(), n, re.data(), im.data());
    for (std::size_t j = 0; j < n; ++j) {
      lane_phasor_[kCell * j + lane] = re[j];
      lane_phasor_[kCell * j + kLanes + lane] = im[j];
    }
  }
}

/// The observations sorted by the grid cells that their kernels reach (counting sort), with their weights
/// there.
HarmonicPlan::Spread HarmonicPlan::make_spread(double multiple, bool with_y) const {
  const SpreadKernel kernel(kWidth);
  const std::size_t n = data_->time.size(), n_grid = blocks_.n_grid;
  std::vector<double> position(n);
  std::vector<std::size_t> first_cell(n);
  Spread spread;
  spread.begin.assign(n_grid + 1, 0);
  for (std::size_t j = 0; j < n; ++j) {
    const double turns = multiple * blocks_.list.grid.step * data_->time[j];
    position[j] = (turns - std::floor(turns)) * static_cast<double>(n_grid);
    // Shifted by the length of the grid, so that no index is negative before it is wrapped.
    const double first = std::ceil(position[j] - static_cast<double>(kWidth) / 2);
    position[j] -= first;
    first_cell[j] = static_cast<std::size_t>(first + static_cast<double>(n_grid));
    for (std::size_t q = 0; q < kWidth; ++q) ++spread.begin[(first_cell[j] + q) % n_grid + 1];
  }
  for (std::size_t cell = 0; cell < n_grid; ++cell) spread.begin[cell + 1] += spread.begin[cell];
  spread.observation.resize(n * kWidth);
  spread.weight.resize(n * kWidth);
  if (with_y) spread.weight_y.resize(n * kWidth);
  std::vector<std::uint32_t> next(spread.begin.begin(), spread.begin.end() - 1);
  for (std::size_t j = 0; j < n; ++j) {
    for (std::size_t q = 0; q < kWidth; ++q) {
      const std::size_t entry = next[(first_cell[j] + q) % n_grid]++;
      const double weight = data_->weight[j] * kernel(static_cast<double>(q) - position[j]);
      spread.observation[entry] = static_cast<std::uint32_t>(j);
      spread.weight[entry] = weight;
      if (with_y) spread.weight_y[entry] = weight * data_->y[j];
    }
  }
  return spread;
}

HarmonicSums::HarmonicSums(const HarmonicPlan& plan) : plan_(plan) {
  const std::size_t n = plan.data_->time.size(), n_steps = plan.blocks_.n_steps;
  if (plan.blocks_.n_grid == 0) {
    // The kernel computes the moments 0 .. 2H of w and 0 .. H of w y.
    const std::size_t n_harmonics = std::max(plan.n_sums_y_, (plan.n_sums_ + 1) / 2);
    sums_.resize(kCell * (2 * n_harmonics + 1));
    sums_y_.resize(kCell * (n_harmonics + 1));
    return;
  }
  sums_.resize(kCell * n_steps * plan.n_sums_);
  sums_y_.resize(kCell * n_steps * plan.n_sums_y_);
  first_phasor_.resize(kCell * n);
  phasor_.resize(kCell * n);
  work_.resize(kCell * plan.blocks_.n_grid);
  cycles_.resize(n);
  re_.resize(n);
  im_.resize(n);
}

const double* HarmonicSums::sum(std::size_t k, std::size_t step) const noexcept {
  if (plan_.blocks_.n_grid == 0) return sums_.data() + kCell * k;
  return sums_.data() + kCell * ((k - 1) * plan_.blocks_.n_steps + step);
}

const double* HarmonicSums::sum_y(std::size_t k, std::size_t step) const noexcept {
  if (plan_.blocks_.n_grid == 0) return sums_y_.data() + kCell * k;
  return sums_y_.data() + kCell * ((k - 1) * plan_.blocks_.n_steps + step);
}

void HarmonicSums::compute(std::size_t block) {
  plan_.blocks_.n_grid == 0 ? compute_directly(block) : compute_by_nufft(block);
}

void HarmonicSums::compute_directly(std::size_t block) {
  std::array<double, kLanes> frequency;
  for (std::size_t lane = 0; lane < kLanes; ++lane)
    frequency[lane] = plan_.blocks_.at(plan_.blocks_.index(block, lane, 0));
  const GlsData& data = *plan_.data_;
  plan_.phasors_->harmonic_sums({.n_observations = data.time.size(),
                                 .n_weights = 1,
                                 .n_harmonics = std::max(plan_.n_sums_y_, (plan_.n_sums_ + 1) / 2),
                                 .time = data.time.data(),
                                 .y = data.y.data(),
                                 .weight = data.weight.data(),
                                 .frequency = frequency.data(),
                                 .moments = sums_.data(),
                                 .moments_y = sums_y_.data()});
}

namespace {

/// first [N][2][8] = lane_phasor e^{2 pi i f t}
void shift_phasors(const AlignedVector<double>& lane, const std::vector<double>& re,
                   const std::vector<double>& im, AlignedVector<double>& first) {
  for (std::size_t j = 0; j < re.size(); ++j) {
    const double* from = lane.data() + kCell * j;
    double* to = first.data() + kCell * j;
    for (std::size_t l = 0; l < kLanes; ++l) {
      to[l] = from[l] * re[j] - from[kLanes + l] * im[j];
      to[kLanes + l] = from[l] * im[j] + from[kLanes + l] * re[j];
    }
  }
}

/// z *= first, which leads from one multiple of the frequency to the next.
void multiply(const AlignedVector<double>& first, AlignedVector<double>& z) {
  for (std::size_t at = 0; at < z.size(); at += kCell) {
    const double* f = first.data() + at;
    double* to = z.data() + at;
    for (std::size_t l = 0; l < kLanes; ++l) {
      const double re = to[l], im = to[kLanes + l];
      to[l] = re * f[l] - im * f[kLanes + l];
      to[kLanes + l] = re * f[kLanes + l] + im * f[l];
    }
  }
}

}  // namespace

void HarmonicSums::compute_by_nufft(std::size_t block) {
  const FrequencyBlocks& blocks = plan_.blocks_;
  const std::size_t n = plan_.data_->time.size();
  const double centre = blocks.list.grid.frequency(block * blocks.size() + blocks.n_steps / 2);
  for (std::size_t j = 0; j < n; ++j) cycles_[j] = centre * plan_.data_->time[j];
  plan_.phasors_->unit_phasors(cycles_.data(), n, re_.data(), im_.data());
  shift_phasors(plan_.lane_phasor_, re_, im_, first_phasor_);
  phasor_ = first_phasor_;
  for (std::size_t k = 1; k <= plan_.n_sums_; ++k) {
    const HarmonicPlan::Spread& s = plan_.spreads_[k - 1];
    const std::size_t at = kCell * (k - 1) * blocks.n_steps;
    plan_.kernels_->nufft_sums(
        {.n_observations = n,
         .n_grid = blocks.n_grid,
         .plan = {s.begin.data(), s.observation.data(), s.weight.data(), s.weight_y.data()},
         .phasor = phasor_.data(),
         .twiddles = plan_.tables_->twiddles.data(),
         .order = plan_.tables_->order.data(),
         .deconvolve = plan_.tables_->deconvolve.data(),
         .work = work_.data(),
         .sums = sums_.data() + at,
         .sums_y = k <= plan_.n_sums_y_ ? sums_y_.data() + at : nullptr});
    if (k < plan_.n_sums_) multiply(first_phasor_, phasor_);
  }
}

}  // namespace astrom3
