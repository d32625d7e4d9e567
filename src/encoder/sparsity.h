// SPDX-License-Identifier: MIT
//
// Which queries attend in ProbSparse attention: those that tell keys apart most.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>

namespace astrom3 {

/// M of one query: max(score) - sum(score) / T over n keys; -inf where that is no number, so that it can be
/// compared.
template <typename Score>
double sparsity(std::size_t n, std::size_t T, Score score) {
  double top = -std::numeric_limits<double>::infinity();
  double total = 0;
  for (std::size_t j = 0; j < n; ++j) {
    const double s = score(j);
    top = std::max(top, s);
    total += s;
  }
  const double m = top - total / static_cast<double>(T);
  return std::isnan(m) ? -std::numeric_limits<double>::infinity() : m;
}

/// The n queries with the largest M come first in `order`, which has all of them afterwards. Ties go to the
/// lower one.
inline void choose_queries(std::span<const double> m, std::size_t n, std::span<std::uint32_t> order) {
  std::iota(order.begin(), order.end(), 0u);
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(n), order.end(),
                    [m](std::uint32_t a, std::uint32_t b) { return m[a] > m[b] || (m[a] == m[b] && a < b); });
}

}  // namespace astrom3
