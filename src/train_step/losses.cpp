// SPDX-License-Identifier: MIT
#include "train_step/losses.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "train_step/unit_rows.h"

namespace astrom3::train {
namespace {

/// log(sum_j exp(x_j)) of n values `step` apart.
double log_sum_exp(const double* x, std::size_t n, std::size_t step) {
  double top = x[0];
  for (std::size_t j = 1; j < n; ++j) top = std::max(top, x[j * step]);
  double sum = 0;
  for (std::size_t j = 0; j < n; ++j) sum += std::exp(x[j * step] - top);
  return top + std::log(sum);
}

/// True when no value but the own one is as large.
bool finds_its_own(const double* x, std::size_t n, std::size_t step, std::size_t own) {
  for (std::size_t j = 0; j < n; ++j) {
    if (j != own && !(x[j * step] < x[own * step])) return false;
  }
  return true;
}

}  // namespace

double cross_entropy(std::span<const double> logits, std::span<const std::int32_t> labels, double smoothing,
                     double weight, std::span<double> gradient) {
  const std::size_t n = logits.size();
  const double total = log_sum_exp(logits.data(), n, 1), share = smoothing / static_cast<double>(n);
  std::vector<double> chosen;
  for (const std::int32_t label : labels) chosen.push_back(logits[static_cast<std::size_t>(label)]);
  const double of_set = log_sum_exp(chosen.data(), chosen.size(), 1);
  double loss = (1 - smoothing) * (total - of_set);
  for (std::size_t c = 0; c < n; ++c) {
    const double log_p = logits[c] - total;
    if (share > 0) loss -= share * log_p;
    gradient[c] = weight * (std::exp(log_p) - share);
  }
  for (const std::int32_t label : labels) {
    const auto c = static_cast<std::size_t>(label);
    gradient[c] -= weight * (1 - smoothing) * std::exp(logits[c] - of_set);
  }
  return weight * loss;
}

double matched_pairs(std::span<const double> s, std::size_t n, std::span<double> gradient) {
  const double share = 1 / static_cast<double>(n);
  double loss = 0;
  std::vector<double> row(n), column(n);
  for (std::size_t i = 0; i < n; ++i) {
    row[i] = log_sum_exp(s.data() + i * n, n, 1);
    column[i] = log_sum_exp(s.data() + i, n, n);
    loss += share * (row[i] + column[i] - 2 * s[i * n + i]);
  }
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      const double own = i == j ? 2.0 : 0.0, at = s[i * n + j];
      gradient[i * n + j] = share * (std::exp(at - row[i]) + std::exp(at - column[j]) - own);
    }
  }
  return loss;
}

ContrastResult info_nce(std::span<const double> a, std::span<const double> b, std::size_t width,
                        double temperature, std::span<double> a_gradient, std::span<double> b_gradient) {
  const std::size_t n = a.size() / width;
  const UnitRows u(a, width), v(b, width);
  std::vector<double> s(n * n), g(n * n);
  dot_products(u.unit, v.unit, width, s);
  for (double& value : s) value /= temperature;
  ContrastResult result{.loss = matched_pairs(s, n, g) / 2, .correct = 0};
  for (std::size_t i = 0; i < n; ++i) {
    result.correct += finds_its_own(s.data() + i * n, n, 1, i) ? 1u : 0u;
    result.correct += finds_its_own(s.data() + i, n, n, i) ? 1u : 0u;
  }
  for (double& value : g) value = value / 2 / temperature;
  std::fill(a_gradient.begin(), a_gradient.end(), 0.0);
  std::fill(b_gradient.begin(), b_gradient.end(), 0.0);
  add_dot_product_gradients(g, u.unit, v.unit, width, a_gradient, b_gradient);
  u.project(a_gradient, width);
  v.project(b_gradient, width);
  return result;
}

}  // namespace astrom3::train
