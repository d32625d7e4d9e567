// SPDX-License-Identifier: MIT
#include "downstream/affinities.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include "downstream/neighbour_graph.h"

namespace astrom3 {
namespace {

constexpr int kBisections = 100;  // doubling to the scale of the distances, then to the last bit

}  // namespace

void fit_perplexity(std::span<const double> distance, double perplexity, std::span<double> p) {
  const double nearest = distance.front() * distance.front();
  // In units of the widest difference, so that beta is about 1 whatever the scale.
  const double widest = distance.back() * distance.back() - nearest;
  double low = 0, high = 0, beta = 1;
  for (int step = 0; step < kBisections; ++step) {
    double sum = 0, weighted = 0;
    for (std::size_t j = 0; j < p.size(); ++j) {
      const double d2 = widest > 0 ? (distance[j] * distance[j] - nearest) / widest : 0;
      p[j] = std::exp(-beta * d2);
      sum += p[j];
      weighted += p[j] * d2;
    }
    for (double& value : p) value /= sum;
    const double entropy = std::log(sum) + beta * weighted / sum;
    (entropy > std::log(perplexity) ? low : high) = beta;
    beta = high == 0 ? 2 * beta : (low + high) / 2;
  }
}

Affinities symmetric_affinities(const NeighbourGraph& graph, double perplexity) {
  const std::size_t n = graph.n, k = graph.k;
  struct Edge {
    std::uint32_t from, to;
    double p;
  };
  std::vector<Edge> edges;
  edges.reserve(2 * n * k);
  std::vector<double> p(k);
  for (std::size_t i = 0; i < n; ++i) {
    fit_perplexity(std::span(graph.distance).subspan(i * k, k), perplexity, p);
    for (std::size_t j = 0; j < k; ++j) {
      const auto row = static_cast<std::uint32_t>(i);
      const std::uint32_t other = graph.rows[i * k + j];
      edges.push_back({row, other, p[j] / static_cast<double>(2 * n)});
      edges.push_back({other, row, p[j] / static_cast<double>(2 * n)});
    }
  }
  std::stable_sort(edges.begin(), edges.end(), [](const Edge& a, const Edge& b) {
    return a.from != b.from ? a.from < b.from : a.to < b.to;
  });
  Affinities found;
  found.begin.assign(n + 1, 0);
  for (std::size_t e = 0; e < edges.size(); ++e) {
    if (e > 0 && edges[e].from == edges[e - 1].from && edges[e].to == edges[e - 1].to) {
      found.p.back() += edges[e].p;
      continue;
    }
    ++found.begin[edges[e].from + 1];
    found.other.push_back(edges[e].to);
    found.p.push_back(edges[e].p);
  }
  std::partial_sum(found.begin.begin(), found.begin.end(), found.begin.begin());
  return found;
}

}  // namespace astrom3
