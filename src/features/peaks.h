// SPDX-License-Identifier: MIT
//
// Keeps the highest local maxima of a periodogram that is computed block by block.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "astrom3/features/periodogram.h"

namespace astrom3 {

/// A local maximum, placed between grid points by the parabola through three powers.
struct Peak {
  double frequency = 0;  ///< cycles per day
  double power = 0;      ///< at the highest grid point
};

/// Keeps the n_best highest peaks, and separately the n_low highest peaks below low_frequency. Otherwise
/// the few peaks of a slow star would be displaced by the many fast peaks that noise makes.
class PeakCollector {
 public:
  PeakCollector(const FrequencyGrid& grid, std::size_t n_best, std::size_t n_low, double low_frequency);

  /// power [any length]: the next values of the grid, in order.
  void add(std::span<const float> power);

  /// All peaks kept, each once, highest first (ties: lower frequency first). The first and the
  /// last grid point count as peaks where they are higher than their one neighbour.
  std::vector<Peak> finish();

 private:
  /// A set of peaks of limited size, with the lowest peak on top.
  class Best {
   public:
    explicit Best(std::size_t capacity) : capacity_(capacity) {}
    float threshold() const { return peaks_.size() < capacity_ ? -1.0f : lowest_; }
    void add(const Peak& peak);
    const std::vector<Peak>& peaks() const { return peaks_; }

   private:
    std::size_t capacity_;
    float lowest_ = -1;
    std::vector<Peak> peaks_;  ///< a heap
  };

  void consider(float before, float power, float after, std::size_t index);

  FrequencyGrid grid_;
  std::size_t n_low_indices_;  ///< grid points below low_frequency
  Best best_, low_;
  std::size_t next_ = 0;  ///< index of the next value
  float last_ = -1, before_last_ = -1;
};

}  // namespace astrom3
