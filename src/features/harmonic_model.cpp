// SPDX-License-Identifier: MIT
#include "features/harmonic_model.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

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
  moments_.resize(kJitters * n_columns_ * 2 * kLanes);
  moments_y_.resize(kJitters * (n_harmonics_ + 1) * 2 * kLanes);
  matrix_.resize(n_columns_ * (n_columns_ + 1) / 2);
  right_.resize(n_columns_);
}

/// Moments at up to 8 frequencies; missing lanes repeat the first.
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
                          .moments_y = moments_y_.data()});
}

/// The normal matrix from the moments: cos k cos m = (cos(k-m) + cos(k+m)) / 2 and so on. Column 0
/// is the mean, 2k-1 and 2k are cosine and sine of harmonic k.
void HarmonicModel::build_matrix(std::size_t jitter) {
  const double* moments = moments_.data() + jitter * n_columns_ * 2 * kLanes;
  const double* moments_y = moments_y_.data() + jitter * (n_harmonics_ + 1) * 2 * kLanes;
  const auto c = [&](std::size_t k, std::size_t l) { return moments[k * 2 * kLanes + l]; };
  const auto s = [&](std::size_t k, std::size_t l) { return moments[k * 2 * kLanes + kLanes + l]; };
  const auto at = [&](std::size_t row, std::size_t column) -> Lanes& {
    return matrix_[row * (row + 1) / 2 + column];
  };
  for (std::size_t l = 0; l < kLanes; ++l) {
    at(0, 0)[l] = c(0, l) + prior_precision_[0];
    right_[0][l] = moments_y[l];
  }
  for (std::size_t k = 1; k <= n_harmonics_; ++k) {
    const std::size_t row = 2 * k - 1;
    for (std::size_t l = 0; l < kLanes; ++l) {
      right_[row][l] = moments_y[k * 2 * kLanes + l];
      right_[row + 1][l] = moments_y[k * 2 * kLanes + kLanes + l];
      at(row, 0)[l] = c(k, l);
      at(row + 1, 0)[l] = s(k, l);
    }
    for (std::size_t m = 1; m <= k; ++m) {
      const std::size_t column = 2 * m - 1;
      for (std::size_t l = 0; l < kLanes; ++l) {
        const double cd = c(k - m, l), cs = c(k + m, l), sd = s(k - m, l), ss = s(k + m, l);
        at(row, column)[l] = 0.5 * (cd + cs);
        at(row + 1, column)[l] = 0.5 * (ss + sd);
        if (m < k) at(row, column + 1)[l] = 0.5 * (ss - sd);
        at(row + 1, column + 1)[l] = 0.5 * (cd - cs);
      }
    }
    for (std::size_t l = 0; l < kLanes; ++l) {
      at(row, row)[l] += prior_precision_[row];
      at(row + 1, row + 1)[l] += prior_precision_[row + 1];
    }
  }
}

/// Row i of the Cholesky factor in place of the matrix; its pivot goes into the determinant.
void HarmonicModel::factor_row(std::size_t i, Lanes& determinant) {
  Lanes* row = &matrix_[i * (i + 1) / 2];
  for (std::size_t k = 0; k <= i; ++k) {
    const Lanes* other = &matrix_[k * (k + 1) / 2];
    Lanes value = row[k];
    for (std::size_t m = 0; m < k; ++m) {
      for (std::size_t l = 0; l < kLanes; ++l) value[l] -= row[m][l] * other[m][l];
    }
    if (k < i) {
      for (std::size_t l = 0; l < kLanes; ++l) row[k][l] = value[l] * other[k][l];
      continue;
    }
    for (std::size_t l = 0; l < kLanes; ++l) {
      const double pivot = std::max(value[l], 1e-300);
      determinant[l] *= pivot;
      row[k][l] = 1 / std::sqrt(pivot);  // the diagonal is kept inverted
    }
  }
}

/// Cholesky factor in place and forward substitution: the log-evidence of each lane at one jitter.
HarmonicModel::Lanes HarmonicModel::solve(std::size_t jitter) {
  Lanes explained{}, determinant;
  double log_prior = 0;
  for (const double p : prior_precision_) log_prior += std::log(p);
  Lanes log_determinant{};
  determinant.fill(1);
  for (std::size_t i = 0; i < n_columns_; ++i) {
    factor_row(i, determinant);
    const Lanes* row = &matrix_[i * (i + 1) / 2];
    Lanes value = right_[i];
    for (std::size_t m = 0; m < i; ++m) {
      for (std::size_t l = 0; l < kLanes; ++l) value[l] -= row[m][l] * right_[m][l];
    }
    for (std::size_t l = 0; l < kLanes; ++l) {
      right_[i][l] = value[l] * row[i][l];
      explained[l] += right_[i][l] * right_[i][l];
    }
    if (i % 4 == 3 || i + 1 == n_columns_) {  // often enough that the product cannot overflow
      for (std::size_t l = 0; l < kLanes; ++l) log_determinant[l] += std::log(determinant[l]);
      determinant.fill(1);
    }
  }
  Lanes out;
  for (std::size_t l = 0; l < kLanes; ++l) {
    out[l] = 0.5 * (explained[l] - noise_.chi2[jitter] + noise_.log_weight[jitter] + log_prior -
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
    for (std::size_t jitter = 0; jitter < kJitters; ++jitter) {
      build_matrix(jitter);
      by_jitter[jitter] = solve(jitter);
    }
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

std::vector<double> HarmonicModel::fit(double frequency) {
  sums(std::span(&frequency, 1));
  std::vector<double> best(n_columns_, 0.0);
  double highest = 0;
  for (std::size_t jitter = 0; jitter < kJitters; ++jitter) {
    build_matrix(jitter);
    const double evidence = solve(jitter)[0];
    if (jitter > 0 && evidence <= highest) continue;
    highest = evidence;
    for (std::size_t i = n_columns_; i-- > 0;) {  // back substitution with the factor left behind
      double value = right_[i][0];
      for (std::size_t m = i + 1; m < n_columns_; ++m) value -= matrix_[m * (m + 1) / 2 + i][0] * best[m];
      best[i] = value * matrix_[i * (i + 1) / 2 + i][0];
    }
  }
  best[0] += noise_.mean;
  return best;
}

}  // namespace astrom3
