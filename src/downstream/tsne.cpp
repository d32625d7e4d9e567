// SPDX-License-Identifier: MIT
//
// t-SNE: attraction along the edges of the neighbour graph, repulsion by a tree, gradient descent with
// momentum.
#include "downstream/tsne.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/downstream/projection.h"
#include "base/parallel_for.h"
#include "base/random.h"
#include "base/threads.h"
#include "downstream/affinities.h"
#include "downstream/neighbour_graph.h"
#include "downstream/quad_tree.h"
#include "downstream/unit_rows.h"

namespace astrom3 {
namespace {

constexpr std::size_t kPointsPerPart = 256;
constexpr std::size_t kEarly = 250;  // iterations with exaggerated attraction
constexpr double kExaggeration = 12;
constexpr double kSmallestRate = 50;
constexpr double kStartDeviation = 1e-4;  // along the first axis
constexpr double kDisturbance = 0.01;     // of that
constexpr double kLargestTheta = 0.7;
constexpr std::size_t kFewestRows = 4;  // fewer have nothing to arrange

/// sum_j p_ij (y_i - y_j) / (1 + |y_i - y_j|^2) over the edges of row i.
std::pair<double, double> attraction(const Affinities& affinities, std::span<const double> y, std::size_t i) {
  double x_sum = 0, y_sum = 0;
  for (std::size_t e = affinities.begin[i]; e < affinities.begin[i + 1]; ++e) {
    const std::size_t j = affinities.other[e];
    const double dx = y[2 * i] - y[2 * j], dy = y[2 * i + 1] - y[2 * j + 1];
    const double weight = affinities.p[e] / (1 + dx * dx + dy * dy);
    x_sum += weight * dx;
    y_sum += weight * dy;
  }
  return {x_sum, y_sum};
}

/// The principal components, made small, so that all points act on each other.
std::vector<double> start_of(std::span<const float> values, std::size_t dimension, std::uint64_t seed) {
  std::vector<double> y = project_pca(values, dimension).points;
  double variance = 0;
  for (std::size_t c = 0; c < y.size(); c += 2) variance += y[c] * y[c] / (static_cast<double>(y.size()) / 2);
  const double scale = variance > 0 ? kStartDeviation / std::sqrt(variance) : 1;
  Random random(seed);
  for (double& value : y) value = scale * value + kDisturbance * kStartDeviation * random.normal();
  return y;
}

/// Positions, and the state that one iteration leaves for the next.
class Descent {
 public:
  explicit Descent(std::vector<double> start)
      : y_(std::move(start)), velocity_(y_.size(), 0.0), gain_(y_.size(), 1.0), gradient_(y_.size()) {
    rate_ = std::max(kSmallestRate, static_cast<double>(y_.size() / 2) / kExaggeration / 4);
  }

  void step(const Affinities& affinities, std::size_t iteration, const TsneOptions& options,
            std::size_t n_threads) {
    const bool is_early = iteration < kEarly;
    tsne_gradient(
        affinities, y_,
        {.theta = options.theta, .exaggeration = is_early ? kExaggeration : 1, .n_threads = n_threads},
        gradient_);
    const double momentum = is_early ? 0.5 : 0.8;
    for (std::size_t c = 0; c < y_.size(); ++c) {
      // Jacobs' rule: a coordinate that keeps its direction goes faster.
      const bool turns = (gradient_[c] > 0) == (velocity_[c] > 0);
      gain_[c] = std::max(0.01, turns ? gain_[c] * 0.8 : gain_[c] + 0.2);
      velocity_[c] = momentum * velocity_[c] - rate_ * gain_[c] * gradient_[c];
      y_[c] += velocity_[c];
    }
  }

  /// The positions about their mean.
  std::vector<double> take() {
    for (std::size_t axis = 0; axis < 2; ++axis) {
      double mean = 0;
      for (std::size_t c = axis; c < y_.size(); c += 2) mean += y_[c] / (static_cast<double>(y_.size()) / 2);
      for (std::size_t c = axis; c < y_.size(); c += 2) y_[c] -= mean;
    }
    return std::move(y_);
  }

 private:
  std::vector<double> y_, velocity_, gain_, gradient_;
  double rate_ = 0;
};

}  // namespace

void tsne_gradient(const Affinities& affinities, std::span<const double> y, const TsneStep& step,
                   std::span<double> gradient) {
  const std::size_t n = y.size() / 2;
  const QuadTree tree(y);
  std::vector<QuadTree::Force> push(n);
  parallel_for((n + kPointsPerPart - 1) / kPointsPerPart, step.n_threads, [&](std::size_t part, std::size_t) {
    for (std::size_t i = part * kPointsPerPart; i < std::min(n, (part + 1) * kPointsPerPart); ++i) {
      push[i] = tree.repulsion(y[2 * i], y[2 * i + 1], step.theta);
      const auto [x_sum, y_sum] = attraction(affinities, y, i);
      gradient[2 * i] = step.exaggeration * x_sum;
      gradient[2 * i + 1] = step.exaggeration * y_sum;
    }
  });
  double total = 0;
  for (const QuadTree::Force& force : push) total += force.total;
  for (std::size_t i = 0; i < n; ++i) {
    gradient[2 * i] = 4 * (gradient[2 * i] - push[i].x / total);
    gradient[2 * i + 1] = 4 * (gradient[2 * i + 1] - push[i].y / total);
  }
}

std::vector<double> project_tsne(std::span<const float> values, std::size_t dimension,
                                 const TsneOptions& options) {
  const std::size_t n = count_rows(values, dimension, "t-sne");
  if (!(options.perplexity >= 1)) throw Error(Status::usage, "t-sne: the perplexity is below 1");
  if (!(options.theta >= 0 && options.theta <= kLargestTheta))
    throw Error(Status::usage, "t-sne: theta is not between 0 and 0.7");
  if (n < kFewestRows) return project_pca(values, dimension).points;
  Descent descent(start_of(values, dimension, options.seed));
  const double perplexity = std::min(options.perplexity, static_cast<double>(n - 1) / 3);
  const auto k = std::min(n - 1, static_cast<std::size_t>(std::ceil(3 * perplexity)));
  const std::size_t n_threads = resolve_threads(options.n_threads);
  const Affinities affinities =
      symmetric_affinities(build_neighbour_graph(values, dimension, k, n_threads), perplexity);
  for (std::size_t i = 0; i < options.n_iterations; ++i) {
    if (options.progress && !options.progress(i)) break;
    descent.step(affinities, i, options, n_threads);
  }
  return descent.take();
}

}  // namespace astrom3
