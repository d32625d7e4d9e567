// SPDX-License-Identifier: MIT
#include "downstream/neighbour_graph.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "astrom3/downstream/search.h"
#include "base/parallel_for.h"

namespace astrom3 {
namespace {

constexpr std::size_t kRowsPerSearch = 1024;

double length(std::span<const float> a) {
  double sum = 0;
  for (const float value : a) sum += static_cast<double>(value) * static_cast<double>(value);
  return std::sqrt(sum);
}

/// |a/|a| - b/|b||: for close rows far more exact than computed from their cosine.
double unit_distance(std::span<const float> a, double length_a, std::span<const float> b, double length_b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double d = static_cast<double>(a[i]) / length_a - static_cast<double>(b[i]) / length_b;
    sum += d * d;
  }
  return std::sqrt(sum);
}

}  // namespace

NeighbourGraph build_neighbour_graph(std::span<const float> values, std::size_t dimension, std::size_t k,
                                     std::size_t n_threads) {
  const std::size_t n = values.size() / dimension;
  assert(k + 1 <= n);
  const NeighbourIndex index(values, dimension, n_threads);
  NeighbourGraph graph{.n = n, .k = k, .rows = {}, .distance = {}};
  graph.rows.resize(n * k);
  graph.distance.resize(n * k);
  const auto row = [&](std::size_t i) { return values.subspan(i * dimension, dimension); };
  std::vector<double> lengths(n);
  for (std::size_t i = 0; i < n; ++i) lengths[i] = length(row(i));
  std::vector<std::int64_t> found(kRowsPerSearch * (k + 1));
  std::vector<float> similarity(found.size());
  for (std::size_t begin = 0; begin < n; begin += kRowsPerSearch) {
    const std::size_t m = std::min(kRowsPerSearch, n - begin);
    index.find(values.subspan(begin * dimension, m * dimension), k + 1, std::span(found).first(m * (k + 1)),
               std::span(similarity).first(m * (k + 1)), n_threads);
    parallel_for(m, n_threads, [&](std::size_t q, std::size_t) {
      const std::size_t i = begin + q;
      std::vector<std::pair<double, std::uint32_t>> near;
      for (std::size_t j = q * (k + 1); j < (q + 1) * (k + 1); ++j) {
        const auto other = static_cast<std::size_t>(found[j]);
        if (other != i)
          near.emplace_back(unit_distance(row(i), lengths[i], row(other), lengths[other]),
                            static_cast<std::uint32_t>(other));
      }
      std::sort(near.begin(), near.end());
      for (std::size_t j = 0; j < k; ++j) {  // one too many where the row itself was not among its nearest
        graph.rows[i * k + j] = near[j].second;
        graph.distance[i * k + j] = near[j].first;
      }
    });
  }
  return graph;
}

double shared_fraction(const NeighbourGraph& a, const NeighbourGraph& b) {
  std::size_t n_shared = 0;
  for (std::size_t i = 0; i < a.n; ++i) {
    const std::span of_b = std::span(b.rows).subspan(i * b.k, b.k);
    for (const std::uint32_t row : std::span(a.rows).subspan(i * a.k, a.k)) {
      if (std::find(of_b.begin(), of_b.end(), row) != of_b.end()) ++n_shared;
    }
  }
  return static_cast<double>(n_shared) / static_cast<double>(a.rows.size());
}

}  // namespace astrom3
