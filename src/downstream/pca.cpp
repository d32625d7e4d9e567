// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <span>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/downstream/projection.h"
#include "downstream/unit_rows.h"

namespace astrom3 {
namespace {

constexpr int kMaxSweeps = 60;  // ten are enough in practice

/// Eigenvectors (columns of V) of the symmetric matrix A [D, D], which becomes diagonal: cyclic Jacobi
/// rotations. Source  Golub & Van Loan 2013, Matrix Computations, 8.5.
std::vector<double> diagonalise(std::vector<double>& a, std::size_t D) {
  std::vector<double> v(D * D, 0.0);
  for (std::size_t i = 0; i < D; ++i) v[i * D + i] = 1;
  for (int sweep = 0; sweep < kMaxSweeps; ++sweep) {
    double off = 0, diagonal = 0;
    for (std::size_t i = 0; i < D; ++i) {
      diagonal += a[i * D + i] * a[i * D + i];
      for (std::size_t j = i + 1; j < D; ++j) off += a[i * D + j] * a[i * D + j];
    }
    if (off <= 1e-26 * diagonal) break;
    for (std::size_t p = 0; p + 1 < D; ++p) {
      for (std::size_t q = p + 1; q < D; ++q) {
        if (a[p * D + q] == 0) continue;
        const double tau = (a[q * D + q] - a[p * D + p]) / (2 * a[p * D + q]);
        const double t = (tau >= 0 ? 1 : -1) / (std::fabs(tau) + std::sqrt(1 + tau * tau));
        const double c = 1 / std::sqrt(1 + t * t), s = t * c;
        const auto rotate = [&](double& x, double& y) {
          const double old = x;
          x = c * old - s * y;
          y = s * old + c * y;
        };
        for (std::size_t i = 0; i < D; ++i) rotate(a[i * D + p], a[i * D + q]);
        for (std::size_t i = 0; i < D; ++i) rotate(a[p * D + i], a[q * D + i]);
        for (std::size_t i = 0; i < D; ++i) rotate(v[i * D + p], v[i * D + q]);
      }
    }
  }
  return v;
}

/// The rows less their mean; returns their covariance times N.
std::vector<double> centre(std::vector<double>& x, std::size_t D) {
  const std::size_t n = x.size() / D;
  std::vector<double> mean(D, 0.0), covariance(D * D, 0.0);
  for (std::size_t i = 0; i < x.size(); ++i) mean[i % D] += x[i] / static_cast<double>(n);
  for (std::size_t i = 0; i < n; ++i) {
    double* row = x.data() + i * D;
    for (std::size_t d = 0; d < D; ++d) row[d] -= mean[d];
    for (std::size_t d = 0; d < D; ++d) {
      for (std::size_t e = d; e < D; ++e) covariance[d * D + e] += row[d] * row[e];
    }
  }
  for (std::size_t d = 0; d < D; ++d) {
    for (std::size_t e = 0; e < d; ++e) covariance[d * D + e] = covariance[e * D + d];
  }
  return covariance;
}

}  // namespace

PrincipalComponents project_pca(std::span<const float> values, std::size_t dimension) {
  const std::size_t D = dimension, n = count_rows(values, dimension, "pca");
  if (n < 2) throw Error(Status::no_input, "a projection needs two objects at least");
  check_directions(values, dimension, "pca");
  std::vector<double> x = unit_rows(values, dimension);
  std::vector<double> covariance = centre(x, D);
  const std::vector<double> v = diagonalise(covariance, D);
  std::vector<std::size_t> order(D);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return covariance[a * D + a] > covariance[b * D + b];
  });
  double variance = 0;
  for (std::size_t d = 0; d < D; ++d) variance += covariance[d * D + d];

  PrincipalComponents found{.points = std::vector<double>(2 * n, 0.0)};
  for (std::size_t axis = 0; axis < std::min<std::size_t>(2, D); ++axis) {
    const std::size_t column = order[axis];
    double largest = 0;
    for (std::size_t d = 0; d < D; ++d) {
      if (std::fabs(v[d * D + column]) > std::fabs(largest)) largest = v[d * D + column];
    }
    for (std::size_t i = 0; i < n; ++i) {
      double sum = 0;
      for (std::size_t d = 0; d < D; ++d) sum += x[i * D + d] * v[d * D + column];
      found.points[2 * i + axis] = largest < 0 ? -sum : sum;
    }
    found.explained[axis] = variance > 0 ? std::max(0.0, covariance[column * D + column]) / variance : 0;
  }
  return found;
}

}  // namespace astrom3
