// SPDX-License-Identifier: MIT
//
// Whether noise that lasts explains a light curve as well as a period does.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace astrom3 {

/// Log-likelihoods of one light curve on a grid of noises, each of them
///
///   white noise of the given variance, and a random walk that forgets:
///   <x(t) x(t')> = a^2 exp(-|t - t'| / tau)
///
/// without and with a curve, whose height is free; a mean is free in both.
///
/// Source  Kelly, Bechtold & Siemiginowska 2009, ApJ 698, 895 (the walk and its recursion).
class RedNoise {
 public:
  RedNoise() = default;
  explicit RedNoise(double span_days) : span_days_(span_days) {}

  /// time [N] days, in order   value [N] in their standard deviations   curve [N]
  /// variance [N] of the white noise that the curve leaves   floor [N] of the smallest white noise
  void add(std::span<const double> time, std::span<const double> value, std::span<const double> curve,
           std::span<const double> variance, std::span<const double> floor);

  /// Nats that the curve gains, each log-likelihood averaged over the noises.
  double gain() const;

 private:
  double span_days_ = 1;
  std::vector<double> without_, with_;
};

}  // namespace astrom3
