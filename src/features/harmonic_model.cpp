// SPDX-License-Identifier: MIT
#include "features/harmonic_model.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "base/aligned_buffer.h"
#include "kernels/periodogram.h"

namespace astrom3 {
namespace {

constexpr double kSmallestJitter = 0.02;  // standard deviations of the star

}  // namespace

std::vector<double> decaying_prior(std::size_t n_harmonics, double decay) {
  std::vector<double> prior(n_harmonics);
  double amplitude = 1;
  for (double& p : prior) {
    p = amplitude;
    amplitude *= decay;
  }
  return prior;
}

JitterGrid::JitterGrid(std::span<const double> mag, std::span<const double> mag_err, double floor)
    : deviation(mag.begin(), mag.end()), weight(mag.size() * kCount) {
  const std::size_t n = mag.size();
  for (const double m : mag) mean += (m - mag[0]) / static_cast<double>(n);
  mean += mag[0];
  double variance = 0;
  for (double& v : deviation) {
    v -= mean;
    variance += v * v / static_cast<double>(n);
  }
  standard_deviation = std::sqrt(variance);
  const double smallest = kSmallestJitter * standard_deviation, largest = standard_deviation;
  for (std::size_t i = 0; i < kCount; ++i) {
    const double jitter = smallest * std::pow(largest / smallest, static_cast<double>(i) / (kCount - 1));
    const double floor2 = floor * floor * standard_deviation * standard_deviation + jitter * jitter;
    for (std::size_t j = 0; j < n; ++j) {
      const double w = 1 / (mag_err[j] * mag_err[j] + floor2);
      weight[j * kCount + i] = w;
      sum_weight[i] += w;
      log_weight[i] += std::log(w);
      chi2[i] += w * deviation[j] * deviation[j];
    }
  }
}

HarmonicModel::HarmonicModel(std::span<const double> time, std::span<const double> mag,
                             std::span<const double> mag_err, const HarmonicModelOptions& options,
                             const kernels::PeriodogramKernels& kernels)
    : kernels_(kernels),
      n_harmonics_(options.prior_amplitude.size()),
      n_columns_(2 * n_harmonics_ + 1),
      time_(time.begin(), time.end()),
      noise_(mag, mag_err, options.floor) {
  prior_precision_.push_back(
      1 / (kMeanPrior * kMeanPrior * noise_.standard_deviation * noise_.standard_deviation));
  for (const double amplitude : options.prior_amplitude) {
    const double scale = amplitude * noise_.standard_deviation;
    prior_precision_.insert(prior_precision_.end(), 2, 1 / (scale * scale));
  }
  for (const double p : prior_precision_) log_prior_ += std::log(p);
  for (std::size_t i = 0; i < time_.size(); ++i) {
    for (std::size_t j = 0; j < kJitters; ++j) {
      const double w = noise_.weight[i * kJitters + j];
      zeroth_[j] += w;
      zeroth_y_[j] += w * noise_.deviation[i];
    }
  }
  moments_.resize(kJitters * n_columns_ * 2 * kLanes);
  moments_y_.resize(kJitters * (n_harmonics_ + 1) * 2 * kLanes);
  matrix_.resize((n_columns_ + 1) * (n_columns_ + 2) / 2 * kLanes);
  determinant_.resize((n_columns_ + kernels::kPivotsTogether - 1) / kernels::kPivotsTogether * kLanes);
}

/// Computes the moments at up to 8 frequencies. Lanes without a frequency repeat the first one.
void HarmonicModel::sums(std::span<const double> frequency) {
  Lanes lanes;
  for (std::size_t l = 0; l < kLanes; ++l) lanes[l] = frequency[l < frequency.size() ? l : 0];
  kernels_.harmonic_sums({.n_observations = time_.size(),
                          .n_weights = kJitters,
                          .n_harmonics = n_harmonics_,
                          .time = time_.data(),
                          .y = noise_.deviation.data(),
                          .weight = noise_.weight.data(),
                          .frequency = lanes.data(),
                          .moments = moments_.data(),
                          .moments_y = moments_y_.data(),
                          .zeroth = zeroth_.data(),
                          .zeroth_y = zeroth_y_.data()});
}

/// The log-evidence of every lane for one value of the jitter.
HarmonicModel::Lanes HarmonicModel::solve(std::size_t jitter) {
  alignas(kCacheLine) Lanes explained;
  kernels_.fit_harmonics({.n_harmonics = n_harmonics_,
                          .moments = moments_.data() + jitter * n_columns_ * 2 * kLanes,
                          .moments_y = moments_y_.data() + jitter * (n_harmonics_ + 1) * 2 * kLanes,
                          .prior_precision = prior_precision_.data(),
                          .matrix = matrix_.data(),
                          .explained = explained.data(),
                          .determinant = determinant_.data()});
  Lanes log_determinant{};
  for (std::size_t first = 0; first < determinant_.size(); first += kLanes) {
    for (std::size_t l = 0; l < kLanes; ++l) log_determinant[l] += std::log(determinant_[first + l]);
  }
  Lanes out;
  for (std::size_t l = 0; l < kLanes; ++l) {
    out[l] = 0.5 * (explained[l] - noise_.chi2[jitter] + noise_.log_weight[jitter] + log_prior_ -
                    log_determinant[l]);
  }
  return out;
}

void HarmonicModel::evaluate(std::span<const double> frequency, std::span<double> log_evidence,
                             std::span<double> window) {
  for (std::size_t first = 0; first < frequency.size(); first += kLanes) {
    const std::size_t n = std::min(kLanes, frequency.size() - first);
    sums(frequency.subspan(first, n));
    std::array<Lanes, kJitters> by_jitter;
    for (std::size_t jitter = 0; jitter < kJitters; ++jitter) by_jitter[jitter] = solve(jitter);
    for (std::size_t l = 0; l < n; ++l) {
      double highest = by_jitter[0][l], sum = 0;
      for (const Lanes& e : by_jitter) highest = std::max(highest, e[l]);
      for (const Lanes& e : by_jitter) sum += std::exp(e[l] - highest);
      log_evidence[first + l] = highest + std::log(sum / kJitters);
      if (window.empty()) continue;
      const double* moments = moments_.data() + (kJitters / 2) * n_columns_ * 2 * kLanes;
      const double c = moments[2 * kLanes + l], s = moments[3 * kLanes + l];
      const double w = noise_.sum_weight[kJitters / 2];
      window[first + l] = (c * c + s * s) / (w * w);
    }
  }
}

double HarmonicModel::log_evidence(double frequency) {
  double out = 0;
  evaluate(std::span(&frequency, 1), std::span(&out, 1), {});
  return out;
}

std::size_t HarmonicModel::fit(double frequency, std::vector<double>& best) {
  sums(std::span(&frequency, 1));
  const auto entry = [&](std::size_t row, std::size_t column) {
    return matrix_[(row * (row + 1) / 2 + column) * kLanes];
  };
  best.assign(n_columns_, 0.0);
  double highest = 0;
  std::size_t best_jitter = 0;
  for (std::size_t jitter = 0; jitter < kJitters; ++jitter) {
    const double evidence = solve(jitter)[0];
    if (jitter > 0 && evidence <= highest) continue;
    highest = evidence;
    best_jitter = jitter;
    for (std::size_t i = n_columns_; i-- > 0;) {  // back substitution with the factor left behind
      double value = entry(n_columns_, i);
      for (std::size_t m = i + 1; m < n_columns_; ++m) value -= entry(m, i) * best[m];
      best[i] = value * entry(i, i);
    }
  }
  return best_jitter;
}

std::vector<double> HarmonicModel::fit(double frequency) {
  std::vector<double> best;
  fit(frequency, best);
  best[0] += noise_.mean;
  return best;
}

HarmonicModel::Explained HarmonicModel::explain(double frequency) {
  std::vector<double> best;
  const std::size_t jitter = fit(frequency, best), n = time_.size();
  std::vector<double> cycles(n), re(n), im(n);
  Explained out;
  out.deviation = noise_.deviation;
  out.curve.assign(n, best[0]);
  for (std::size_t k = 1; k <= n_harmonics_; ++k) {
    for (std::size_t j = 0; j < n; ++j) cycles[j] = static_cast<double>(k) * frequency * time_[j];
    kernels_.unit_phasors(cycles.data(), n, re.data(), im.data());
    for (std::size_t j = 0; j < n; ++j) out.curve[j] += best[2 * k - 1] * re[j] + best[2 * k] * im[j];
  }
  double chi2 = 0;
  for (std::size_t j = 0; j < n; ++j) {
    const double w = noise_.weight[j * kJitters + jitter], left = out.deviation[j] - out.curve[j];
    out.variance.push_back(1 / w);
    out.least.push_back(1 / noise_.weight[j * kJitters]);
    chi2 += w * left * left;
  }
  out.freedom = 0.5 * (noise_.log_weight[jitter] - chi2) - solve(jitter)[0];
  return out;
}

}  // namespace astrom3
