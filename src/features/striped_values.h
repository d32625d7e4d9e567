// SPDX-License-Identifier: MIT
//
// One value for every observation, in the layout of kernels/phase_window.h.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <vector>

#include "kernels/phase_window.h"

namespace astrom3 {

class StripedValues {
 public:
  explicit StripedValues(std::size_t n)
      : n_(n),
        n_steps_(
            std::clamp((n + kernels::kStrips - 1) / kernels::kStrips, std::size_t{1}, kernels::kMostSteps)),
        n_blocks_((n + kernels::kStrips * n_steps_ - 1) / (kernels::kStrips * n_steps_)),
        values_(n_blocks_ * n_steps_ * kernels::kStrips, std::numeric_limits<double>::quiet_NaN()) {}

  /// Sets the value of observation i to value_of(i), for all i.
  template <typename Function>
  void fill(Function value_of) {
    for (std::size_t strip = 0; strip < n_words(); ++strip) {
      const std::size_t first = strip * n_steps_;
      double* const out =
          values_.data() + strip / kernels::kStrips * n_steps_ * kernels::kStrips + strip % kernels::kStrips;
      for (std::size_t i = first; i < std::min(n_, first + n_steps_); ++i)
        out[(i - first) * kernels::kStrips] = value_of(i);
    }
  }

  double operator[](std::size_t i) const noexcept {
    const std::size_t strip = i / n_steps_, block = strip / kernels::kStrips;
    return values_[(block * n_steps_ + i % n_steps_) * kernels::kStrips + strip % kernels::kStrips];
  }

  kernels::Strips strips() const noexcept {
    return {.values = values_.data(), .n_blocks = n_blocks_, .n_steps = n_steps_};
  }
  /// The number of words of bits that a window has: bit `step` of word `word` is observation word * steps() +
  /// step.
  std::size_t n_words() const noexcept { return n_blocks_ * kernels::kStrips; }
  std::size_t steps() const noexcept { return n_steps_; }

 private:
  std::size_t n_, n_steps_, n_blocks_;
  std::vector<double> values_;
};

}  // namespace astrom3
