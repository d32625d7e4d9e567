// SPDX-License-Identifier: MIT
//
// t-SNE: attraction along the edges of the neighbour graph, repulsion by a tree, gradient descent with momentum.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "astrom3/error.h"
#include "astrom3/projection.h"
#include "base/threads.h"
#include "search/neighbour_graph.h"
#include "search/parts.h"
#include "search/quad_tree.h"

namespace astrom3 {
namespace {

constexpr std::size_t kRowsPerPart = 256;
constexpr std::size_t kEarly = 250;       // iterations with exaggerated attraction
constexpr double kExaggeration = 12;
constexpr double kFirstDeviation = 1e-4;  // of the start, along its first axis
constexpr int kBisections = 64;

/// Symmetric attractions, by rows.
struct Attractions {
  std::vector<std::size_t> begin;  ///< [n + 1]
  std::vector<std::uint32_t> other;
  std::vector<double> p;
};

/// p(j | i) over the neighbours of one row: exp(-beta d^2), beta such that the entropy is log(perplexity).
void conditional(std::span<const double> distance, double perplexity, std::span<double> p) {
  double low = 0, high = INFINITY, beta = 1;
  for (int step = 0; step < kBisections; ++step) {
    double sum = 0, weighted = 0;
    const double nearest = distance.front() * distance.front();
    for (std::size_t j = 0; j < p.size(); ++j) {
      const double d2 = distance[j] * distance[j] - nearest;
      p[j] = std::exp(-beta * d2);
      sum += p[j];
      weighted += p[j] * d2;
    }
    for (double& value : p) value /= sum;
    const double entropy = std::log(sum) + beta * weighted / sum;
    if (std::fabs(entropy - std::log(perplexity)) < 1e-7) break;
    (entropy > std::log(perplexity) ? low : high) = beta;
    beta = std::isinf(high) ? 2 * beta : (low + high) / 2;
  }
}

/// (p(j | i) + p(i | j)) / 2n.
Attractions symmetric(const NeighbourGraph& graph, double perplexity) {
  const std::size_t n = graph.n, k = graph.k;
  struct Edge {
    std::uint32_t from, to;
    double p;
  };
  std::vector<Edge> edges;
  edges.reserve(2 * n * k);
  std::vector<double> p(k);
  for (std::size_t i = 0; i < n; ++i) {
    conditional(std::span(graph.distance).subspan(i * k, k), perplexity, p);
    for (std::size_t j = 0; j < k; ++j) {
      const auto row = static_cast<std::uint32_t>(i);
      const std::uint32_t other = graph.rows[i * k + j];
      edges.push_back({row, other, p[j] / static_cast<double>(2 * n)});
      edges.push_back({other, row, p[j] / static_cast<double>(2 * n)});
    }
  }
  std::stable_sort(edges.begin(), edges.end(),
                   [](const Edge& a, const Edge& b) { return a.from != b.from ? a.from < b.from : a.to < b.to; });
  Attractions found;
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

/// Positions, and what carries over from one iteration to the next.
class Walk {
 public:
  Walk(const Attractions& attractions, std::vector<double> start, const TsneOptions& options,
       std::size_t n_threads)
      : attractions_(attractions), y_(std::move(start)), options_(options), n_threads_(n_threads) {
    n_ = y_.size() / 2;
    velocity_.assign(y_.size(), 0.0);
    gain_.assign(y_.size(), 1.0);
    pull_.resize(y_.size());
    push_.resize(n_);
  }

  void step(std::size_t iteration) {
    const bool is_early = iteration < kEarly;
    const double exaggeration = is_early ? kExaggeration : 1, momentum = is_early ? 0.5 : 0.8;
    const double rate = std::max(50.0, static_cast<double>(n_) / kExaggeration);
    const QuadTree tree(y_);
    for_each_part((n_ + kRowsPerPart - 1) / kRowsPerPart, n_threads_, [&](std::size_t, std::size_t part) {
      for (std::size_t i = part * kRowsPerPart; i < std::min(n_, (part + 1) * kRowsPerPart); ++i) {
        push_[i] = tree.repulsion(y_[2 * i], y_[2 * i + 1], options_.theta);
        attract(i);
      }
    });
    double total = 0;
    for (const QuadTree::Force& force : push_) total += force.total;
    for (std::size_t i = 0; i < n_; ++i) {
      move(2 * i, 4 * (exaggeration * pull_[2 * i] - push_[i].x / total), momentum, rate);
      move(2 * i + 1, 4 * (exaggeration * pull_[2 * i + 1] - push_[i].y / total), momentum, rate);
    }
  }

  std::vector<double> take() { return std::move(y_); }

 private:
  void attract(std::size_t i) {
    double x = 0, y = 0;
    for (std::size_t e = attractions_.begin[i]; e < attractions_.begin[i + 1]; ++e) {
      const std::size_t j = attractions_.other[e];
      const double dx = y_[2 * i] - y_[2 * j], dy = y_[2 * i + 1] - y_[2 * j + 1];
      const double weight = attractions_.p[e] / (1 + dx * dx + dy * dy);
      x += weight * dx;
      y += weight * dy;
    }
    pull_[2 * i] = x;
    pull_[2 * i + 1] = y;
  }

  /// Jacobs' rule: a coordinate that keeps its direction goes faster.
  void move(std::size_t c, double gradient, double momentum, double rate) {
    const bool turns = (gradient > 0) == (velocity_[c] > 0);
    gain_[c] = std::max(0.01, turns ? gain_[c] * 0.8 : gain_[c] + 0.2);
    velocity_[c] = momentum * velocity_[c] - rate * gain_[c] * gradient;
    y_[c] += velocity_[c];
  }

  const Attractions& attractions_;
  std::vector<double> y_;
  TsneOptions options_;
  std::size_t n_threads_, n_ = 0;
  std::vector<double> velocity_, gain_, pull_;
  std::vector<QuadTree::Force> push_;
};

}  // namespace

std::vector<double> project_tsne(std::span<const float> values, std::size_t dimension,
                                 std::span<const double> start, const TsneOptions& options,
                                 std::size_t n_threads, const std::function<bool(std::size_t)>& progress) {
  const std::size_t n = dimension == 0 ? 0 : values.size() / dimension;
  if (n * dimension != values.size() || start.size() != 2 * n)
    throw Error(Status::usage, fmt::format("t-sne: {} values of rows of {} numbers and {} places", values.size(),
                                           dimension, start.size() / 2));
  std::vector<double> y(start.begin(), start.end());
  if (n < 4) return y;  // nothing to arrange
  double variance = 0;
  for (std::size_t i = 0; i < n; ++i) variance += y[2 * i] * y[2 * i] / static_cast<double>(n);
  for (double& value : y) value *= variance > 0 ? kFirstDeviation / std::sqrt(variance) : 1;
  const double perplexity = std::min(options.perplexity, static_cast<double>(n - 1) / 3);
  const auto k = std::min(n - 1, static_cast<std::size_t>(3 * perplexity));
  const std::size_t threads = resolve_threads(n_threads);
  const Attractions attractions = symmetric(build_neighbour_graph(values, dimension, k, threads), perplexity);
  Walk walk(attractions, std::move(y), options, threads);
  for (std::size_t i = 0; i < options.n_iterations; ++i) {
    if (progress && !progress(i)) break;
    walk.step(i);
  }
  return walk.take();
}

}  // namespace astrom3
