// SPDX-License-Identifier: MIT
//
// The queries that attend in ProbSparse attention: those whose scores differ most from key to key.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>

namespace astrom3 {

/// The sparsity M of one query: max(score) - sum(score) / T over n keys. Where that is NaN it is -inf, so
/// that it can be sorted.
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

/// Writes all queries into `order`, first the n queries with the largest M. Of two queries with the same M
/// the lower one comes first.
inline void choose_queries(std::span<const double> m, std::size_t n, std::span<std::uint32_t> order) {
  std::iota(order.begin(), order.end(), 0u);
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(n), order.end(),
                    [m](std::uint32_t a, std::uint32_t b) { return m[a] > m[b] || (m[a] == m[b] && a < b); });
}

}  // namespace astrom3
