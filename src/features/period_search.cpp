// SPDX-License-Identifier: MIT
#include "astrom3/period_search.h"

#include <algorithm>
#include <cmath>

#include "features/gls_stream.h"

namespace astrom3 {

Status find_period(std::span<const double> time, std::span<const double> mag, std::span<const double> mag_err,
                   const PeriodOptions& options, PeriodResult& result) {
  result = {};
  GlsData data;
  std::vector<double> errors(mag_err.begin(), mag_err.end());
  for (double& e : errors) e = std::hypot(e, options.error_floor_mag);
  if (const Status status = prepare_gls(time, mag, errors, data); status != Status::ok) return status;
  const auto [first, last] = std::minmax_element(data.time.begin(), data.time.end());
  const double span_days = *last - *first;
  const double period_max = options.period_max > 0 ? options.period_max : std::min(1000.0, span_days / 2);
  if (!(period_max > options.period_min)) return Status::zero_time_span;
  FrequencyGrid grid{1 / period_max, 1 / (options.oversampling * span_days), 0};
  grid.count = static_cast<std::size_t>((1 / options.period_min - grid.minimum) / grid.step) + 1;
  GlsStream<float> stream(data, grid, {});
  std::vector<float> block(stream.block_size());
  double best_frequency = grid.minimum, best = -1;
  for (std::size_t b = 0; b < stream.block_count(); ++b) {
    stream.compute(b, block);
    const std::size_t first_index = b * stream.block_size();
    for (std::size_t k = 0; k < std::min(block.size(), grid.count - first_index); ++k) {
      if (static_cast<double>(block[k]) <= best) continue;
      best = static_cast<double>(block[k]);
      best_frequency = grid.frequency(first_index + k);
    }
  }
  result.period = 1 / best_frequency;
  result.power = best;
  return Status::ok;
}

}  // namespace astrom3
