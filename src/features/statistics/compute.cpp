// SPDX-License-Identifier: MIT
//
// Computes a period statistic at many frequencies with several threads, its best periods, and the limit of
// the times.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/stop_scope.h"
#include "astrom3/features/period_statistics.h"
#include "astrom3/kernels/isa.h"
#include "base/parallel_for.h"
#include "features/period_bands.h"
#include "features/sampling.h"
#include "features/statistics/box.h"
#include "features/statistics/statistic.h"
#include "kernels/dispatch.h"

namespace astrom3 {

void compute_period_statistic(const StarObservations& star, std::span<const double> frequency,
                              const PeriodStatisticOptions& options, std::span<double> value) {
  if (value.size() != frequency.size())
    throw Error(Status::usage, "compute_period_statistic: value must hold as many numbers as frequency");
  const StatisticInput input = make_input(star, frequency, options);
  const auto plan = method_of(options.method).prepare(input, options);
  const std::size_t size = plan->block_size(), n_blocks = (frequency.size() + size - 1) / size;
  // Blocks of a few frequencies go to threads together: about 4000 of them.
  const std::size_t together = std::max<std::size_t>(1, 4096 / size);
  const std::size_t n_items = (n_blocks + together - 1) / together;
  const std::size_t n_threads = std::clamp<std::size_t>(options.threads, 1, n_items);
  struct Worker {
    std::unique_ptr<StatisticStream> stream{};
    std::vector<double> block{};
  };
  std::vector<Worker> workers(n_threads);
  parallel_for(n_items, n_threads, [&](std::size_t item, std::size_t number) {
    Worker& worker = workers[number];
    if (!worker.stream) {
      worker.stream = plan->open();
      worker.block.resize(size);
    }
    for (std::size_t b = item * together; b < std::min(n_blocks, (item + 1) * together); ++b) {
      throw_if_stopped();  // of a long light curve, one block takes long
      worker.stream->compute(b, worker.block);
      const std::size_t first = b * size, n = std::min(size, frequency.size() - first);
      std::copy_n(worker.block.begin(), n, value.begin() + static_cast<std::ptrdiff_t>(first));
    }
  });
}

Box find_box(const StarObservations& star, double frequency, const PeriodStatisticOptions& options) {
  PeriodStatisticOptions of_box = options;
  of_box.method = PeriodStatistic::bls;
  return best_box(make_input(star, std::span(&frequency, 1), of_box), of_box);
}

Nyquist find_nyquist(std::span<const double> time, Isa isa) {
  if (time.size() < 2 || !std::all_of(time.begin(), time.end(), [](double t) { return std::isfinite(t); }))
    return {};
  const auto [first, last] = std::minmax_element(time.begin(), time.end());
  if (!(*last > *first)) return {};
  Band band;
  for (const double t : time) band.time.push_back(t - *first);
  Star star;
  star.bands.push_back(std::move(band));
  const Sampling grid =
      find_sampling(star, std::numeric_limits<double>::infinity(), kernels::periodogram_kernels(isa));
  if (grid.is_regular()) return {.frequency = grid.frequency / 2, .is_limit = true};
  return {.frequency = static_cast<double>(time.size()) / (2 * (*last - *first))};
}

std::vector<StatisticPeak> find_best(std::span<const double> frequency, std::span<const double> value,
                                     bool lowest_is_best, std::size_t n) {
  const double sign = lowest_is_best ? -1 : 1;
  const std::size_t size = std::min(frequency.size(), value.size());
  const auto height = [&](std::size_t i) { return sign * value[i]; };
  std::vector<StatisticPeak> peaks;
  for (std::size_t i = 0; i < size; ++i) {
    const bool has_left = i > 0, has_right = i + 1 < size;
    if ((has_left && !(height(i) > height(i - 1))) || (has_right && !(height(i) >= height(i + 1)))) continue;
    StatisticPeak peak{i, frequency[i], value[i]};
    if (has_left && has_right) {  // the vertex through three points that need not be at equal distances
      const double left = frequency[i] - frequency[i - 1], right = frequency[i + 1] - frequency[i];
      const double a = height(i) - height(i - 1), b = height(i) - height(i + 1);
      const double below = a * right + b * left;
      if (below > 0) peak.frequency += 0.5 * (a * right * right - b * left * left) / below;
    }
    peaks.push_back(peak);
  }
  const auto is_better = [&](const StatisticPeak& a, const StatisticPeak& b) {
    return a.value != b.value ? sign * a.value > sign * b.value : a.index < b.index;
  };
  const std::size_t kept = std::min(n, peaks.size());
  std::partial_sort(peaks.begin(), peaks.begin() + static_cast<std::ptrdiff_t>(kept), peaks.end(), is_better);
  peaks.resize(kept);
  return peaks;
}

}  // namespace astrom3
