// SPDX-License-Identifier: MIT
//
// The highest and the lowest of many numbers. Several comparisons run side by side, so that none waits for
// the one before.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <span>

namespace astrom3 {

/// The highest of `values`, which must have no NaN; minus infinity where `values` is empty.
template <typename Real>
Real highest_of(std::span<const Real> values) {
  constexpr std::size_t kTogether = 8;
  Real highest[kTogether];  // compilers make vector code of plain arrays and conditions
  for (Real& h : highest) h = -std::numeric_limits<Real>::infinity();
  const std::size_t n_full = values.size() / kTogether * kTogether;
  for (std::size_t i = 0; i < n_full; i += kTogether) {
    for (std::size_t j = 0; j < kTogether; ++j) {
      const Real value = values[i + j];
      highest[j] = value > highest[j] ? value : highest[j];
    }
  }
  for (std::size_t i = n_full; i < values.size(); ++i) highest[0] = std::max(highest[0], values[i]);
  return *std::max_element(highest, highest + kTogether);
}

/// The lowest of `values`, which must have no NaN; infinity where `values` is empty.
template <typename Real>
Real lowest_of(std::span<const Real> values) {
  constexpr std::size_t kTogether = 8;
  Real lowest[kTogether];
  for (Real& l : lowest) l = std::numeric_limits<Real>::infinity();
  const std::size_t n_full = values.size() / kTogether * kTogether;
  for (std::size_t i = 0; i < n_full; i += kTogether) {
    for (std::size_t j = 0; j < kTogether; ++j) {
      const Real value = values[i + j];
      lowest[j] = value < lowest[j] ? value : lowest[j];
    }
  }
  for (std::size_t i = n_full; i < values.size(); ++i) lowest[0] = std::min(lowest[0], values[i]);
  return *std::min_element(lowest, lowest + kTogether);
}

}  // namespace astrom3
