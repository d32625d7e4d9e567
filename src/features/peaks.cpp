// SPDX-License-Identifier: MIT
#include "features/peaks.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "astrom3/features/periodogram.h"
#include "features/extremes.h"

namespace astrom3 {
namespace {

/// Orders peaks by falling power, and peaks of equal power by rising frequency.
bool is_higher(const Peak& a, const Peak& b) {
  return a.power != b.power ? a.power > b.power : a.frequency < b.frequency;
}

}  // namespace

PeakCollector::PeakCollector(const FrequencyGrid& grid, std::size_t n_best, std::size_t n_low,
                             double low_frequency)
    : grid_(grid),
      n_low_indices_(static_cast<std::size_t>(
          std::clamp((low_frequency - grid.minimum) / grid.step, 0.0, static_cast<double>(grid.count)))),
      best_(n_best),
      low_(n_low) {}

void PeakCollector::Best::add(const Peak& peak) {
  if (capacity_ == 0) return;
  if (peaks_.size() == capacity_) {
    if (!is_higher(peak, peaks_.front())) return;
    std::pop_heap(peaks_.begin(), peaks_.end(), is_higher);
    peaks_.back() = peak;
  } else {
    peaks_.push_back(peak);
  }
  std::push_heap(peaks_.begin(), peaks_.end(), is_higher);
  lowest_ = static_cast<float>(peaks_.front().power);
}

void PeakCollector::consider(float before, float power, float after, std::size_t index) {
  if (!(power > before && power >= after)) return;
  const bool is_low = index < n_low_indices_;
  if (!(power > best_.threshold()) && !(is_low && power > low_.threshold())) return;
  double offset = 0;
  if (before >= 0 && after >= 0) {
    const double a = static_cast<double>(before), b = static_cast<double>(power),
                 c = static_cast<double>(after);
    offset = 0.5 * (a - c) / (a - 2 * b + c);
  }
  const Peak peak{grid_.frequency(index) + offset * grid_.step, static_cast<double>(power)};
  best_.add(peak);
  if (is_low) low_.add(peak);
}

void PeakCollector::add(std::span<const float> power) {
  constexpr std::size_t kChunk = 32;
  for (std::size_t first = 0; first < power.size(); first += kChunk) {
    const std::size_t n = std::min(kChunk, power.size() - first);
    const float highest = std::max(last_, highest_of(power.subspan(first, n)));
    const bool is_low = next_ < n_low_indices_ + 1;
    const float threshold = is_low ? std::min(best_.threshold(), low_.threshold()) : best_.threshold();
    if (highest > threshold || is_low) {
      for (std::size_t i = 0; i < n; ++i) {
        const float value = power[first + i];
        if (next_ + i > 0) consider(before_last_, last_, value, next_ + i - 1);
        before_last_ = last_;
        last_ = value;
      }
    } else {
      before_last_ = n > 1 ? power[first + n - 2] : last_;
      last_ = power[first + n - 1];
    }
    next_ += n;
  }
}

std::vector<Peak> PeakCollector::finish() {
  if (next_ > 0) consider(before_last_, last_, -1.0f, next_ - 1);
  std::vector<Peak> all = best_.peaks();
  all.insert(all.end(), low_.peaks().begin(), low_.peaks().end());
  std::sort(all.begin(), all.end(), is_higher);
  const auto is_same = [](const Peak& a, const Peak& b) { return a.frequency == b.frequency; };
  all.erase(std::unique(all.begin(), all.end(), is_same), all.end());
  return all;
}

}  // namespace astrom3
