// SPDX-License-Identifier: MIT
//
// Rows divided by their lengths, the cosines between two sets of them, and the gradients of both.
#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace astrom3::train {

/// Rows of length 1, and the lengths they had. A row of zeros stays one, and gets no gradient.
struct UnitRows {
  std::vector<double> unit, norm;

  UnitRows() = default;
  UnitRows(std::span<const double> x, std::size_t width) : unit(x.begin(), x.end()), norm(x.size() / width) {
    for (std::size_t i = 0; i < norm.size(); ++i) {
      double square = 0;
      for (std::size_t d = 0; d < width; ++d) square += x[i * width + d] * x[i * width + d];
      norm[i] = std::sqrt(square);
      for (std::size_t d = 0; d < width && norm[i] > 0; ++d) unit[i * width + d] /= norm[i];
    }
  }

  /// The gradient of x from that of the unit rows, in place: (g - u (u g)) / |x|.
  void project(std::span<double> gradient, std::size_t width) const {
    for (std::size_t i = 0; i < norm.size(); ++i) {
      const double* u = unit.data() + i * width;
      double* g = gradient.data() + i * width;
      double along = 0;
      for (std::size_t d = 0; d < width; ++d) along += u[d] * g[d];
      for (std::size_t d = 0; d < width; ++d) g[d] = norm[i] > 0 ? (g[d] - along * u[d]) / norm[i] : 0;
    }
  }
};

/// s[i][j] = a_i b_j; a and b [n, width], s [n, n].
inline void dot_products(std::span<const double> a, std::span<const double> b, std::size_t width,
                         std::span<double> s) {
  const std::size_t n = b.size() / width;
  for (std::size_t i = 0; i < a.size() / width; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      double dot = 0;
      for (std::size_t d = 0; d < width; ++d) dot += a[i * width + d] * b[j * width + d];
      s[i * n + j] = dot;
    }
  }
}

/// Adds to the gradients of a and b what g, that of dot_products(), gives.
inline void add_dot_product_gradients(std::span<const double> g, std::span<const double> a,
                                      std::span<const double> b, std::size_t width,
                                      std::span<double> a_gradient, std::span<double> b_gradient) {
  const std::size_t n = b.size() / width;
  for (std::size_t i = 0; i < a.size() / width; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      const double slope = g[i * n + j];
      for (std::size_t d = 0; d < width; ++d) {
        a_gradient[i * width + d] += slope * b[j * width + d];
        b_gradient[j * width + d] += slope * a[i * width + d];
      }
    }
  }
}

}  // namespace astrom3::train
