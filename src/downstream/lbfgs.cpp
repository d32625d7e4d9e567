// SPDX-License-Identifier: MIT
#include "downstream/lbfgs.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <deque>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "downstream/dot_product.h"

namespace astrom3 {
namespace {

constexpr std::size_t kMemory = 10;
constexpr double kDecrease = 1e-4, kCurvature = 0.9;                      // the two Wolfe conditions
constexpr double kRounding = 8 * std::numeric_limits<double>::epsilon();  // of a value, relative
constexpr std::size_t kMaxSteps = 60;

/// How the gradient changed along one step.
struct Pair {
  std::vector<double> step, change;
  double rho = 0;  ///< 1 / step . change
};

/// -H g by the two-loop recursion.
std::vector<double> descent_direction(std::span<const double> gradient, const std::deque<Pair>& pairs) {
  std::vector<double> q(gradient.begin(), gradient.end());
  std::vector<double> alpha(pairs.size());
  for (std::size_t i = pairs.size(); i-- > 0;) {
    alpha[i] = pairs[i].rho * dot(pairs[i].step, q);
    for (std::size_t j = 0; j < q.size(); ++j) q[j] -= alpha[i] * pairs[i].change[j];
  }
  if (!pairs.empty()) {
    const double scale = 1 / (pairs.back().rho * dot(pairs.back().change, pairs.back().change));
    for (double& value : q) value *= scale;
  }
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const double beta = pairs[i].rho * dot(pairs[i].change, q);
    for (std::size_t j = 0; j < q.size(); ++j) q[j] += (alpha[i] - beta) * pairs[i].step[j];
  }
  for (double& value : q) value = -value;
  return q;
}

double largest(std::span<const double> values) {
  double most = 0;
  for (const double value : values) most = std::max(most, std::fabs(value));
  return most;
}

/// Where the walk is.
struct Point {
  std::vector<double> x, gradient;
  double value = 0;
};

/// The next point along `direction`, or false when rounding hides any decrease.
bool take_step(const Objective& objective, const Point& from, std::span<const double> direction, double first,
               Point& to) {
  const double slope = dot(from.gradient, direction);
  double low = 0, high = std::numeric_limits<double>::infinity(), length = first;
  for (std::size_t i = 0; i < kMaxSteps; ++i) {
    for (std::size_t j = 0; j < to.x.size(); ++j) to.x[j] = from.x[j] + length * direction[j];
    to.value = objective(to.x, to.gradient);
    const double slope_there = dot(to.gradient, direction);
    // Near the minimum rounding hides the decrease; the slopes still show it (Hager & Zhang 2005, SIAM J.
    // Optim. 16, 170, the approximate Wolfe conditions).
    const bool decreases = to.value <= from.value + kDecrease * length * slope ||
                           (to.value <= from.value + kRounding * std::fabs(from.value) &&
                            slope_there <= (2 * kDecrease - 1) * slope);
    if (!decreases) {
      high = length;
    } else if (slope_there < kCurvature * slope) {
      low = length;
    } else {
      return true;
    }
    length = std::isinf(high) ? 2 * length : (low + high) / 2;
  }
  return to.value < from.value;
}

}  // namespace

LbfgsResult minimise_lbfgs(const Objective& objective, std::vector<double>& x, const LbfgsOptions& options) {
  const std::size_t n = x.size();
  Point here{.x = x, .gradient = std::vector<double>(n), .value = 0};
  Point next{.x = x, .gradient = std::vector<double>(n), .value = 0};
  here.value = objective(here.x, here.gradient);
  std::deque<Pair> pairs;
  LbfgsResult result;
  while (result.n_iterations < options.max_iterations) {
    if (largest(here.gradient) <= options.tolerance) {
      result.converged = true;
      break;
    }
    const std::vector<double> direction = descent_direction(here.gradient, pairs);
    const double first = pairs.empty() ? 1 / std::max(1.0, std::sqrt(dot(here.gradient, here.gradient))) : 1;
    if (!take_step(objective, here, direction, first, next)) break;
    Pair pair{.step = std::vector<double>(n), .change = std::vector<double>(n), .rho = 0};
    for (std::size_t j = 0; j < n; ++j) {
      pair.step[j] = next.x[j] - here.x[j];
      pair.change[j] = next.gradient[j] - here.gradient[j];
    }
    const double curvature = dot(pair.step, pair.change);
    if (curvature > 0) {
      pair.rho = 1 / curvature;
      pairs.push_back(std::move(pair));
      if (pairs.size() > kMemory) pairs.pop_front();
    }
    std::swap(here, next);
    ++result.n_iterations;
  }
  x = here.x;
  result.value = here.value;
  return result;
}

}  // namespace astrom3
