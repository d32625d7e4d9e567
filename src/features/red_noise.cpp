// SPDX-License-Identifier: MIT
#include "features/red_noise.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace astrom3 {
namespace {

constexpr std::array kVariances{0.05, 0.2, 0.8};  // of the walk: those of the light curve
constexpr std::size_t kMemories = 7;
constexpr double kShortestMemory = 0.02;  // days

/// Weighted sums of the innovations of value, mean and curve.
struct Sums {
  double yy = 0, y1 = 0, yg = 0, one = 0, g1 = 0, gg = 0, log_variance = 0;

  double without() const { return -0.5 * (log_variance + yy - y1 * y1 / one); }
  double with() const {
    const double curve = gg - g1 * g1 / one, both = yg - y1 * g1 / one;
    return without() + (curve > 0 ? 0.5 * both * both / curve : 0);
  }
};

/// The recursion of Kalman for one noise.
Sums innovations(std::span<const double> value, std::span<const double> curve, std::span<const double> white,
                 std::span<const double> keep, double a2) {
  Sums s;
  double spread = a2, y = 0, one = 0, g = 0;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const double k = keep[i];
    spread = a2 + k * k * (spread - a2);
    const double variance = spread + white[i], w = 1 / variance, gain = spread * w;
    const double ey = value[i] - k * y, e1 = 1 - k * one, eg = curve[i] - k * g;
    y = k * y + gain * ey;
    one = k * one + gain * e1;
    g = k * g + gain * eg;
    spread *= 1 - gain;
    s.yy += w * ey * ey;
    s.y1 += w * ey * e1;
    s.yg += w * ey * eg;
    s.one += w * e1 * e1;
    s.g1 += w * eg * e1;
    s.gg += w * eg * eg;
    s.log_variance += std::log(variance);
  }
  return s;
}

double mean_exp(const std::vector<double>& log_value) {
  const double highest = *std::max_element(log_value.begin(), log_value.end());
  double sum = 0;
  for (const double v : log_value) sum += std::exp(v - highest);
  return highest + std::log(sum / static_cast<double>(log_value.size()));
}

}  // namespace

void RedNoise::add(std::span<const double> time, std::span<const double> value, std::span<const double> curve,
                   std::span<const double> variance, std::span<const double> floor) {
  const std::size_t n = time.size();
  std::vector<double> keep(n);
  std::size_t index = 0;
  const auto at = [&](const std::span<const double> white, double a2) {
    const Sums s = innovations(value, curve, white, keep, a2);
    if (index == with_.size()) with_.push_back(0), without_.push_back(0);
    with_[index] += s.with();
    without_[index] += s.without();
    ++index;
  };
  at(variance, 0);
  for (std::size_t m = 0; m < kMemories; ++m) {
    const double longest = std::max(span_days_, 2 * kShortestMemory);
    const double memory = kShortestMemory * std::pow(longest / kShortestMemory,
                                                     static_cast<double>(m) / (kMemories - 1));
    for (std::size_t i = 0; i < n; ++i) keep[i] = i > 0 ? std::exp(-(time[i] - time[i - 1]) / memory) : 0;
    for (const double a2 : kVariances) {
      at(variance, a2);
      at(floor, a2);
    }
  }
}

double RedNoise::gain() const {
  return mean_exp(with_) - mean_exp(without_);
}

}  // namespace astrom3
