// SPDX-License-Identifier: MIT
#include "features/eclipse_evidence.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <map>
#include <numbers>
#include <set>
#include <vector>

#include "features/harmonic_model.h"
#include "features/period_bands.h"
#include "kernels/periodogram.h"
#include "kernels/phase_window.h"

namespace astrom3 {
namespace {

constexpr double kInside = 0.1;    // share of the depth
constexpr double kOutliers = 0.1;  // share of the magnitudes in eclipses that do not follow them

/// (1 - u)^8 for u in 0..1: the share g of kernels::EclipseSums.
double dip(double u) {
  const double a = (1 - u) * (1 - u), b = a * a;
  return b * b;
}

}  // namespace

EclipseEvidence::EclipseEvidence(const Band& band, double floor, double depth_prior,
                                 const kernels::PeriodogramKernels& kernels)
    : band_(band),
      noise_(band.mag, band.mag_err, floor),
      depth_precision_(1 / (depth_prior * depth_prior)),
      w_(band.time.size()),
      wy_(band.time.size()),
      turn_(band.time.size()),
      inside_(2 * turn_.n_words()),
      kernels_(kernels) {
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
  turn_.fill([&](std::size_t i) {
    const double cycles = band_.time[i] * frequency;
    return cycles - std::floor(cycles);
  });
}

double EclipseEvidence::operator()(const Place& place) {
  assert(place.width <= kWidest);
  fold(place.frequency);
  return evidence_of(sums_of(place));
}

EclipseEvidence::Share EclipseEvidence::share_of(std::size_t i, const Place& place) const {
  const double reach = kReach * place.width;
  for (std::size_t eclipse = 0; eclipse < 2; ++eclipse) {
    const double cycles =
        std::floor(band_.time[i] * folded_) + turn_[i] - place.phase - (eclipse == 0 ? 0 : place.apart);
    const double nearest = std::floor(cycles + 0.5), distance = cycles - nearest;
    if (std::fabs(distance) < reach)
      return {eclipse, dip(distance * distance / (reach * reach)),
              2 * nearest + static_cast<double>(eclipse)};
  }
  return {};
}

std::array<EclipseEvidence::Sums, 2> EclipseEvidence::sums_of(const Place& place) {
  std::array<Sums, 2> eclipses;
  static_assert(sizeof eclipses == 2 * 3 * kernels::kMostJitters * sizeof(double));
  const auto sum_about = [&](double phase) {  // and half a turn later
    kernels_.sum_eclipses({.turn = turn_.strips(),
                           .origin = phase - std::floor(phase) - 0.25,  // primary at 1/4, secondary at 3/4
                           .reach = kReach * place.width,
                           .weight = w_.data()->data(),
                           .weight_y = wy_.data()->data(),
                           .inside = inside_.data(),
                           .sums = eclipses[0].g.data()});
  };
  if (place.apart == 0.5) {
    sum_about(place.phase);
    return eclipses;
  }
  sum_about(place.phase + place.apart);
  const Sums secondary = eclipses[0];
  sum_about(place.phase);
  eclipses[1] = secondary;
  return eclipses;
}

EclipseEvidence::ByJitter EclipseEvidence::evidences_of(const std::array<Sums, 2>& eclipses) const {
  // An observation lies in one eclipse at most, so that only the mean couples the two depths.
  const double mean_prior = kMeanPrior * noise_.standard_deviation;
  const double mean_precision_prior = 1 / (mean_prior * mean_prior);
  ByJitter evidence;
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
  }
  return evidence;
}

double EclipseEvidence::evidence_of(const std::array<Sums, 2>& eclipses) const {
  const ByJitter evidence = evidences_of(eclipses);
  const double highest = *std::max_element(evidence.begin(), evidence.end());
  double sum = 0;
  for (const double e : evidence) sum += std::exp(e - highest);
  return highest + std::log(sum / static_cast<double>(kJitters));
}

EclipseEvidence::Fit EclipseEvidence::fit(const std::array<Sums, 2>& eclipses) const {
  const ByJitter evidence = evidences_of(eclipses);
  Fit fit;
  fit.jitter =
      static_cast<std::size_t>(std::max_element(evidence.begin(), evidence.end()) - evidence.begin());
  double precision = noise_.sum_weight[fit.jitter], sum = sum_y_[fit.jitter];
  for (const Sums& sums : eclipses) {
    const double factor = sums.g[fit.jitter] / (sums.gg[fit.jitter] + depth_precision_);
    precision -= factor * sums.g[fit.jitter];
    sum -= factor * sums.gy[fit.jitter];
  }
  fit.mean = sum / precision;
  for (std::size_t k = 0; k < eclipses.size(); ++k) {
    const Sums& sums = eclipses[k];
    const double of_depth = sums.gg[fit.jitter] + depth_precision_;
    fit.depth[k] = (sums.gy[fit.jitter] - fit.mean * sums.g[fit.jitter]) / of_depth;
    fit.depth_error[k] = 1 / std::sqrt(of_depth);
  }
  return fit;
}

EclipseEvidence::Depths EclipseEvidence::depths(const Place& place) {
  fold(place.frequency);
  const Fit best = fit(sums_of(place));
  Depths depths{.primary = best.depth[0], .secondary = best.depth[1]};
  for (std::size_t k = 0; k < best.depth.size(); ++k) {
    const double deviations = best.depth[k] / best.depth_error[k];
    // One half of the Gaussian prior lies at positive depths, and this share of the posterior.
    depths.log_positive += std::log(std::max(std::erfc(-deviations / std::numbers::sqrt2), 1e-300));
  }
  return depths;
}

double EclipseEvidence::over_chance(const Place& place) {
  fold(place.frequency);
  const Fit best = fit(sums_of(place));
  const std::vector<std::size_t> visits = first_of_visits(band_.time);
  struct Seen {
    double log_ratio = 0, n = 0;
  };
  std::map<double, Seen> eclipses;
  for (const std::size_t i : visits) {
    const Share share = share_of(i, place);
    const double error = std::sqrt(1 / w_[i][best.jitter]), depth = best.depth[share.eclipse] * share.g;
    if (!(depth > error)) continue;
    const auto likelihood = [&](double expected) {
      const double x = (noise_.deviation[i] - expected) / error;
      return std::exp(-0.5 * x * x);
    };
    double any = 0;
    for (const std::size_t j : visits) any += likelihood(noise_.deviation[j]);
    any /= static_cast<double>(visits.size());
    Seen& seen = eclipses[share.number];
    seen.log_ratio += std::log((1 - kOutliers) * likelihood(best.mean + depth) / any + kOutliers);
    seen.n += 1;
  }
  double sum = 0;
  for (const auto& [number, seen] : eclipses) sum += seen.log_ratio / seen.n;
  return sum;
}

double EclipseEvidence::observations_an_eclipse(const Place& place) {
  fold(place.frequency);
  std::set<double> eclipses;
  std::size_t n = 0;
  for (std::size_t i = 0; i < band_.time.size(); ++i) {
    const Share share = share_of(i, place);
    if (!(share.g > kInside)) continue;
    ++n;
    eclipses.insert(share.number);
  }
  return n > 0 ? static_cast<double>(n) / static_cast<double>(eclipses.size()) : 1;
}

}  // namespace astrom3
