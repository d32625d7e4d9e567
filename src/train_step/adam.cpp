// SPDX-License-Identifier: MIT
#include "train_step/adam.h"

#include <cmath>
#include <cstddef>
#include <span>

#include "astrom3/train_step/objective.h"

namespace astrom3::train {

void AdamStep::operator()(std::span<float> w, std::span<const float> gradient, std::span<float> m,
                          std::span<float> v) const {
  const bool is_l2 = form == Optimiser::adam;
  const auto kept = static_cast<float>(is_l2 ? 1 : 1 - learning_rate * weight_decay);
  const auto decay = static_cast<float>(weight_decay);
  const auto scale = static_cast<float>(gradient_scale);
  const auto b1 = static_cast<float>(beta1), c1 = static_cast<float>(1 - beta1);
  const auto b2 = static_cast<float>(beta2), c2 = static_cast<float>(1 - beta2);
  const auto count = static_cast<double>(t);
  const auto rate = static_cast<float>(learning_rate / (1 - std::pow(beta1, count)));
  const auto root = static_cast<float>(1 / std::sqrt(1 - std::pow(beta2, count)));
  const auto small = static_cast<float>(epsilon);
  for (std::size_t i = 0; i < w.size(); ++i) {
    const float clipped = gradient[i] * scale, g = is_l2 ? clipped + decay * w[i] : clipped;
    m[i] = b1 * m[i] + c1 * g;
    v[i] = b2 * v[i] + c2 * g * g;
    w[i] = w[i] * kept - rate * m[i] / (std::sqrt(v[i]) * root + small);
  }
}

double norm_of(std::span<const float> x) {
  double sums[8] = {};  // side by side, or each addition would wait for the last
  for (std::size_t i = 0; i < x.size(); ++i) {
    const auto value = static_cast<double>(x[i]);
    sums[i % 8] += value * value;
  }
  double total = 0;
  for (const double sum : sums) total += sum;
  return std::sqrt(total);
}

}  // namespace astrom3::train
