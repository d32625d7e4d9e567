// SPDX-License-Identifier: MIT
#include "features/eclipse_evidence.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstddef>

#include "features/harmonic_model.h"
#include "features/period_bands.h"

namespace astrom3 {
namespace {

constexpr double kReach = 4;  // widths from the centre to the end of a dip

/// (1 - u)^8 for u in 0..1.
double dip(double u) {
  const double a = (1 - u) * (1 - u), b = a * a;
  return b * b;
}

}  // namespace

EclipseEvidence::EclipseEvidence(const Band& band, double floor, double depth_prior)
    : band_(band),
      noise_(band.mag, band.mag_err, floor),
      depth_precision_(1 / (depth_prior * depth_prior)),
      w_(band.time.size()),
      wy_(band.time.size()),
      turn_(band.time.size()) {
  for (std::size_t i = 0; i < w_.size(); ++i) {
    for (std::size_t j = 0; j < kJitters; ++j) {
      w_[i][j] = noise_.weight[i * kJitters + j];
      wy_[i][j] = w_[i][j] * noise_.deviation[i];
      sum_y_[j] += wy_[i][j];
    }
  }
}

void EclipseEvidence::fold(double frequency) {
  if (frequency == folded_) return;
  folded_ = frequency;
  for (std::size_t i = 0; i < turn_.size(); ++i) {
    const double cycles = band_.time[i] * frequency;
    turn_[i] = cycles - std::floor(cycles);
  }
}

double EclipseEvidence::operator()(double frequency, double phase, double width) {
  assert(width <= kWidest);
  fold(frequency);
  return evidence_of(sums_of(phase, width));
}

/// Of the primary and of the secondary half a turn later.
std::array<EclipseEvidence::Sums, 2> EclipseEvidence::sums_of(double phase, double width) const {
  const double reach = kReach * width, scale = 1 / (reach * reach);
  const double origin = phase - std::floor(phase) - 0.25;  // -1/4 .. 3/4
  std::array<Sums, 2> eclipses;
  for (std::size_t i = 0; i < turn_.size(); ++i) {
    double x = turn_[i] - origin;  // primary at 1/4, secondary at 3/4
    if (x < 0) x += 1;
    if (x >= 1) x -= 1;
    const bool is_second = x >= 0.5;
    const double distance = x - (is_second ? 0.75 : 0.25);
    if (std::fabs(distance) >= reach) continue;
    const double g = dip(distance * distance * scale);
    Sums& sums = eclipses[is_second ? 1 : 0];
    for (std::size_t j = 0; j < kJitters; ++j) {
      const double wg = w_[i][j] * g;
      sums.g[j] += wg;
      sums.gg[j] += wg * g;
      sums.gy[j] += wy_[i][j] * g;
    }
  }
  return eclipses;
}

double EclipseEvidence::evidence_of(const std::array<Sums, 2>& eclipses) const {
  // An observation is in one eclipse at most, so that the two depths are coupled through the mean alone.
  const double mean_prior = kMeanPrior * noise_.standard_deviation;
  const double mean_precision_prior = 1 / (mean_prior * mean_prior);
  ByJitter evidence;
  double highest = -HUGE_VAL;
  for (std::size_t j = 0; j < kJitters; ++j) {
    double mean_precision = noise_.sum_weight[j] + mean_precision_prior, mean_y = sum_y_[j];
    double explained = 0, prior_over_posterior = mean_precision_prior;
    for (const Sums& sums : eclipses) {
      const double precision = sums.gg[j] + depth_precision_;
      const double factor = sums.g[j] / precision;
      mean_precision -= factor * sums.g[j];
      mean_y -= factor * sums.gy[j];
      explained += sums.gy[j] * sums.gy[j] / precision;
      prior_over_posterior *= depth_precision_ / precision;
    }
    explained += mean_y * mean_y / mean_precision;
    prior_over_posterior /= mean_precision;
    evidence[j] = 0.5 * (noise_.log_weight[j] - noise_.chi2[j] + explained + std::log(prior_over_posterior));
    highest = std::max(highest, evidence[j]);
  }
  double sum = 0;
  for (const double e : evidence) sum += std::exp(e - highest);
  return highest + std::log(sum / static_cast<double>(kJitters));
}

}  // namespace astrom3
