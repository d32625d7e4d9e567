// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/downstream/projection.h"
#include "astrom3/downstream/search.h"
#include "base/parallel_for.h"
#include "base/threads.h"

namespace astrom3 {
namespace {

/// The k rows nearest to row i in the plane, in ascending order of their numbers.
std::vector<std::int64_t> nearest_on_map(std::span<const double> points, std::size_t i, std::size_t k) {
  std::vector<std::pair<double, std::int64_t>> near;
  near.reserve(points.size() / 2);
  for (std::size_t j = 0; j < points.size() / 2; ++j) {
    const double dx = points[2 * j] - points[2 * i], dy = points[2 * j + 1] - points[2 * i + 1];
    if (j != i) near.emplace_back(dx * dx + dy * dy, static_cast<std::int64_t>(j));
  }
  std::nth_element(near.begin(), near.begin() + static_cast<std::ptrdiff_t>(k - 1), near.end());
  std::vector<std::int64_t> rows;
  for (std::size_t j = 0; j < k; ++j) rows.push_back(near[j].second);
  std::sort(rows.begin(), rows.end());
  return rows;
}

}  // namespace

double neighbours_kept(std::span<const std::int64_t> neighbours, std::size_t k,
                       std::span<const double> points, std::size_t n_threads) {
  const std::size_t n = points.size() / 2;
  if (points.size() % 2 != 0 || k == 0 || k >= n || neighbours.size() != n * k)
    throw Error(Status::usage, fmt::format("neighbours_kept: {} neighbours and {} coordinates with k {}",
                                           neighbours.size(), points.size(), k));
  for (const std::int64_t row : neighbours) {
    if (row != NeighbourIndex::kNone && (row < 0 || row >= static_cast<std::int64_t>(n)))
      throw Error(Status::usage, fmt::format("neighbours_kept: there is no row {}", row));
  }
  std::vector<std::size_t> n_true(n, 0), n_kept(n, 0);
  parallel_for(n, resolve_threads(n_threads), [&](std::size_t i, std::size_t) {
    const std::vector<std::int64_t> on_map = nearest_on_map(points, i, k);
    for (const std::int64_t row : neighbours.subspan(i * k, k)) {
      if (row == NeighbourIndex::kNone) continue;
      ++n_true[i];
      if (std::binary_search(on_map.begin(), on_map.end(), row)) ++n_kept[i];
    }
  });
  double sum = 0;
  std::size_t n_rows = 0;
  for (std::size_t i = 0; i < n; ++i) {
    if (n_true[i] == 0) continue;
    sum += static_cast<double>(n_kept[i]) / static_cast<double>(n_true[i]);
    ++n_rows;
  }
  return n_rows == 0 ? 0 : sum / static_cast<double>(n_rows);
}

}  // namespace astrom3
