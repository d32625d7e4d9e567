// SPDX-License-Identifier: MIT
//
// Whether noise that lasts explains a light curve as well as a period does.
#pragma once

#include <span>
#include <vector>

namespace astrom3 {

/// Log-likelihoods of a light curve, without and with a curve of free height, for noises each of which is
///
///   white noise of the errors, and a random walk that forgets: <x(t) x(t')> = a^2 exp(-|t - t'| / tau)
///
/// The variances a^2 and memories tau are on a grid; the mean is free. Irregular stars, outbursts and weather
/// look like such a walk, and any walk has frequencies that fit it well.
///
/// Source  Kelly, Bechtold & Siemiginowska 2009, ApJ 698, 895.
class RedNoise {
 public:
  explicit RedNoise(double span_days) : span_days_(span_days) {}

  struct Observation {
    double time = 0;      ///< days
    double value = 0;     ///< in standard deviations of the light curve
    double curve = 0;     ///< in the same unit
    double variance = 0;  ///< of the white noise that the curve leaves
    double least = 0;     ///< of the errors: the smallest white noise
  };

  /// The observations of one band, in order of time. Bands are independent walks of the same noise.
  void add(std::span<const Observation> observations);

  /// Nats that the curve gains. Each likelihood is averaged over the noises.
  double gain() const;

 private:
  double span_days_;
  std::vector<double> without_, with_;
};

}  // namespace astrom3
