// SPDX-License-Identifier: MIT
#include "features/red_noise.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace astrom3 {
namespace {

constexpr std::array kVariances{0.05, 0.2, 0.8};  // of the walk: those of the light curve
constexpr std::size_t kMemories = 7;
constexpr double kShortestMemory = 0.02;  // days
constexpr std::size_t kFactors = 16;      // whose product cannot overflow

/// Weighted sums of the innovations of value, mean and curve.
struct Sums {
  double yy = 0, y1 = 0, yg = 0, one = 0, g1 = 0, gg = 0, log_variance = 0;

  double without() const { return -0.5 * (log_variance + yy - y1 * y1 / one); }
  double with() const {
    const double curve = gg - g1 * g1 / one, both = yg - y1 * g1 / one;
    return without() + (curve > 0 ? 0.5 * both * both / curve : 0);
  }
};

/// The recursion of Kalman for one noise. `keep` [N]: what the walk keeps since the observation before.
Sums innovations(std::span<const RedNoise::Observation> observations, double RedNoise::Observation::*white,
                 std::span<const double> keep, double a2) {
  Sums s;
  double spread = a2, y = 0, one = 0, g = 0, product = 1;
  for (std::size_t i = 0; i < observations.size(); ++i) {
    const RedNoise::Observation& o = observations[i];
    const double k = keep[i];
    spread = a2 + k * k * (spread - a2);
    const double variance = spread + o.*white, w = 1 / variance, gain = spread * w;
    const double ey = o.value - k * y, e1 = 1 - k * one, eg = o.curve - k * g;
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
    product *= variance;
    if (i % kFactors == kFactors - 1) s.log_variance += std::log(std::exchange(product, 1.0));
  }
  s.log_variance += std::log(product);
  return s;
}

double mean_exp(const std::vector<double>& log_value) {
  const double highest = *std::max_element(log_value.begin(), log_value.end());
  double sum = 0;
  for (const double v : log_value) sum += std::exp(v - highest);
  return highest + std::log(sum / static_cast<double>(log_value.size()));
}

}  // namespace

void RedNoise::add(std::span<const Observation> observations) {
  std::vector<double> keep(observations.size());
  std::size_t index = 0;
  const auto at = [&](double Observation::*white, double a2) {
    const Sums s = innovations(observations, white, keep, a2);
    if (index == with_.size()) with_.push_back(0), without_.push_back(0);
    with_[index] += s.with();
    without_[index++] += s.without();
  };
  at(&Observation::variance, 0);
  const double longest = std::max(span_days_, 2 * kShortestMemory);
  for (std::size_t m = 0; m < kMemories; ++m) {
    const double memory =
        kShortestMemory * std::pow(longest / kShortestMemory, static_cast<double>(m) / (kMemories - 1));
    for (std::size_t i = 1; i < keep.size(); ++i)
      keep[i] = std::exp(-(observations[i].time - observations[i - 1].time) / memory);
    for (const double a2 : kVariances) {
      at(&Observation::variance, a2);
      at(&Observation::least, a2);
    }
  }
}

double RedNoise::gain() const {
  return mean_exp(with_) - mean_exp(without_);
}

}  // namespace astrom3
