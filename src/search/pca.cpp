// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "astrom3/error.h"
#include "astrom3/projection.h"

namespace astrom3 {
namespace {

constexpr int kMaxSweeps = 60;

/// Eigenvectors (columns of V) of the symmetric matrix A [D, D], which becomes diagonal: cyclic Jacobi rotations.
/// Source  Golub & Van Loan 2013, Matrix Computations, 8.5.
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

}  // namespace

std::vector<double> project_pca(std::span<const float> values, std::size_t dimension) {
  const std::size_t D = dimension;
  if (D == 0 || values.size() % D != 0)
    throw Error(Status::usage, fmt::format("pca: {} values are no rows of {} numbers", values.size(), D));
  const std::size_t n = values.size() / D;
  if (n < 2) throw Error(Status::no_input, "a projection needs two objects at least");
  std::vector<double> x(values.begin(), values.end()), mean(D, 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    const std::span<double> row(x.data() + i * D, D);
    const double length = std::sqrt(std::inner_product(row.begin(), row.end(), row.begin(), 0.0));
    for (std::size_t d = 0; d < D; ++d) mean[d] += (row[d] /= length) / static_cast<double>(n);
  }
  std::vector<double> covariance(D * D, 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    double* row = x.data() + i * D;
    for (std::size_t d = 0; d < D; ++d) row[d] -= mean[d];
    for (std::size_t d = 0; d < D; ++d) {
      for (std::size_t e = 0; e < D; ++e) covariance[d * D + e] += row[d] * row[e];
    }
  }
  const std::vector<double> v = diagonalise(covariance, D);
  std::vector<std::size_t> order(D);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return covariance[a * D + a] > covariance[b * D + b];
  });
  std::vector<double> points(2 * n, 0.0);
  for (std::size_t axis = 0; axis < std::min<std::size_t>(2, D); ++axis) {
    double largest = 0;
    for (std::size_t d = 0; d < D; ++d) {
      const double value = v[d * D + order[axis]];
      if (std::fabs(value) > std::fabs(largest)) largest = value;
    }
    for (std::size_t i = 0; i < n; ++i) {
      double sum = 0;
      for (std::size_t d = 0; d < D; ++d) sum += x[i * D + d] * v[d * D + order[axis]];
      points[2 * i + axis] = largest < 0 ? -sum : sum;
    }
  }
  return points;
}

}  // namespace astrom3
