// SPDX-License-Identifier: MIT
#include "train_step/clip_loss.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "astrom3/shared_space/modality.h"
#include "train_step/losses.h"
#include "train_step/unit_rows.h"

namespace astrom3::train {
namespace {

constexpr double kLowestTemperature = 1, kHighestTemperature = 100;

/// Adds softmax of the n values `step` apart to `p`.
void add_softmax(const double* x, std::size_t n, std::size_t step, double* p) {
  double top = x[0], sum = 0;
  for (std::size_t j = 1; j < n; ++j) top = std::max(top, x[j * step]);
  for (std::size_t j = 0; j < n; ++j) sum += std::exp(x[j * step] - top);
  for (std::size_t j = 0; j < n; ++j) p[j] += std::exp(x[j * step] - top) / sum;
}

std::size_t count_own(const std::vector<double>& p, std::size_t n) {
  std::size_t correct = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const auto row = p.begin() + static_cast<std::ptrdiff_t>(i * n);
    const auto end = row + static_cast<std::ptrdiff_t>(n);
    if (std::max_element(row, end) == row + static_cast<std::ptrdiff_t>(i)) ++correct;
  }
  return correct;
}

}  // namespace

ClipResult clip_loss(const PerModality<UnitRows>& sides, std::size_t width, const PerPair& logit_scale,
                     PerModality<std::vector<double>>& unit_gradient, PerPair& scale_gradient) {
  ClipResult result;
  std::size_t n = 0;
  for (std::size_t m = 0; m < kModalityCount; ++m) {
    unit_gradient[m].assign(sides[m].unit.size(), 0.0);
    n = std::max(n, sides[m].unit.size() / width);
  }
  scale_gradient = {};
  std::vector<double> logits(n * n), g(n * n), p(n * n);
  for (std::size_t k = 0; k < kModalityPairs.size(); ++k) {
    const std::size_t rows = index_of(kModalityPairs[k].rows), columns = index_of(kModalityPairs[k].columns);
    if (sides[rows].unit.empty() || sides[columns].unit.empty()) continue;
    const double raw = std::exp(logit_scale[k]);
    const double tau = std::clamp(raw, kLowestTemperature, kHighestTemperature);
    dot_products(sides[rows].unit, sides[columns].unit, width, logits);
    for (double& value : logits) value *= tau;
    result.pair_loss[k] = matched_pairs(logits, n, g);
    result.loss += result.pair_loss[k];
    for (std::size_t i = 0; i < n * n && raw == tau; ++i) scale_gradient[k] += g[i] * logits[i];
    for (std::size_t i = 0; i < n; ++i) {
      add_softmax(logits.data() + i * n, n, 1, p.data() + i * n);
      add_softmax(logits.data() + i, n, n, p.data() + i * n);
    }
    for (double& value : g) value *= tau;
    add_dot_product_gradients(g, sides[rows].unit, sides[columns].unit, width, unit_gradient[rows],
                              unit_gradient[columns]);
  }
  result.correct = count_own(p, n);
  return result;
}

}  // namespace astrom3::train
