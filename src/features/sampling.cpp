// SPDX-License-Identifier: MIT
#include "features/sampling.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "astrom3/features/periodogram.h"
#include "features/period_bands.h"
#include "kernels/periodogram.h"

namespace astrom3 {
namespace {

constexpr double kRegularWindow = 0.99;    // a jitter of 1.6 % of the step
constexpr double kExactWindow = 1 - 1e-4;  // a jitter of 0.16 % of the step
constexpr double kSmallestShare =
    0.02;  // the smallest step is taken at this quantile: a few repeats do no harm
constexpr std::size_t kFewestSteps = 4;
constexpr double kLongestStep = 3.5;   // smallest differences, within a piece
constexpr double kShortestPiece = 20;  // observations, on average
constexpr double kMostSteps = 64;      // in the smallest difference

/// |mean of e^{2 pi i f x}|^2
double resultant(std::span<const double> x, double f, const kernels::PeriodogramKernels& kernels) {
  std::vector<double> cycles(x.size()), re(x.size()), im(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) cycles[i] = f * x[i];
  kernels.unit_phasors(cycles.data(), x.size(), re.data(), im.data());
  double c = 0, s = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    c += re[i];
    s += im[i];
  }
  const auto n = static_cast<double>(x.size());
  return (c * c + s * s) / (n * n);
}

/// The differences between neighbouring times, ascending, without zeros.
std::vector<double> steps_of(std::vector<double> time) {
  if (!std::is_sorted(time.begin(), time.end())) std::sort(time.begin(), time.end());
  std::vector<double> step;
  for (std::size_t i = 1; i < time.size(); ++i) {
    if (time[i] > time[i - 1]) step.push_back(time[i] - time[i - 1]);
  }
  return step;
}

/// The frequency near `first` for which the differences `step` (ascending) are best described as whole
/// numbers of grid steps. The number of steps in a small difference is certain; each difference makes the
/// frequency accurate enough to count the steps in the next.
double refine(std::span<const double> step, double first) {
  double days = 0, count = 0, frequency = first;
  for (const double d : step) {
    const double n = std::round(d * frequency);
    if (n < 1) continue;
    days += d;
    count += n;
    frequency = count / days;
  }
  return frequency;
}

/// The grids of the pieces, which gaps of more than kLongestStep times `smallest` divide, if they are long
/// enough. `step` ascending.
Sampling find_pieces(const Band& band, const std::vector<double>& step, double smallest,
                     const kernels::PeriodogramKernels& kernels) {
  const auto short_ones = std::upper_bound(step.begin(), step.end(), kLongestStep * smallest);
  const double frequency = refine(std::span(step.begin(), short_ones), 1 / smallest);
  std::vector<double> time = band.time;
  if (!std::is_sorted(time.begin(), time.end())) std::sort(time.begin(), time.end());
  std::size_t n_pieces = 0;
  double sum = 0;
  for (std::size_t first = 0, last = 1; first < time.size(); first = last++) {
    while (last < time.size() && time[last] - time[last - 1] < kLongestStep * smallest) ++last;
    const auto piece = std::span(time).subspan(first, last - first);
    sum += static_cast<double>(piece.size()) * resultant(piece, frequency, kernels);
    ++n_pieces;
  }
  const auto n = static_cast<double>(time.size());
  if (!(sum > kRegularWindow * n && n > kShortestPiece * static_cast<double>(n_pieces))) return {};
  return {.piece_frequency = frequency};
}

}  // namespace

bool Sampling::is_exact() const noexcept {
  return is_regular() && window >= kExactWindow;
}

double Sampling::lowest_image(double f) const noexcept {
  return std::fabs(f - std::round(f / frequency) * frequency);
}

FrequencyGrid cut_to_sampling(FrequencyGrid grid, const Sampling& sampling) {
  if (!sampling.is_exact()) return grid;
  const double last = (sampling.frequency / 2 - grid.minimum) / grid.step;
  if (last >= 1 && last + 1 < static_cast<double>(grid.count))
    grid.count = static_cast<std::size_t>(last) + 1;
  return grid;
}

Sampling find_sampling(const Star& star, double highest, const kernels::PeriodogramKernels& kernels) {
  const Band& longest =
      *std::max_element(star.bands.begin(), star.bands.end(),
                        [](const Band& a, const Band& b) { return a.time.size() < b.time.size(); });
  std::vector<double> step = steps_of(longest.time);
  if (step.size() < kFewestSteps) return {};
  const auto rank = static_cast<std::ptrdiff_t>(kSmallestShare * static_cast<double>(step.size()));
  std::nth_element(step.begin(), step.begin() + rank, step.end());
  const double smallest = step[static_cast<std::size_t>(rank)];
  if (1 / smallest > 2 * highest) return {};
  std::sort(step.begin(), step.end());
  for (double k = 1; k <= kMostSteps && k / smallest <= 2 * highest; ++k) {
    const double frequency = refine(step, k / smallest);
    if (!(frequency <= 2 * highest)) continue;
    double window = 1;
    for (const Band& band : star.bands) {
      window = std::min(window, resultant(band.time, frequency, kernels));
      if (window < kRegularWindow) break;
    }
    if (window >= kRegularWindow) return {.frequency = frequency, .window = window};
  }
  return find_pieces(longest, step, smallest, kernels);
}

}  // namespace astrom3
