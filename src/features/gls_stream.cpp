// SPDX-License-Identifier: MIT
#include "features/gls_stream.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

#include "astrom3/features/periodogram.h"
#include "features/extremes.h"
#include "features/nufft_tables.h"
#include "kernels/dispatch.h"
#include "kernels/periodogram.h"

namespace astrom3 {
namespace {

constexpr std::size_t kDirectSteps =
    64;  // after so many steps phasors are computed anew: rounding stays at 1e-14
constexpr std::size_t kDirectBands = kernels::kBands<double>;
constexpr std::size_t kFloatWidth = 7;  // spreading error 2e-7, about float32's own

/// Fewer observations than this are summed directly, since the cost of the FFTs does not depend on N.
template <typename Real>
constexpr std::size_t kCrossover = std::is_same_v<Real, float> ? 16 : 40;

/// The determinant of the 2x2 normal matrix is 0..1/4. Below these values, cancellation makes the power
/// inaccurate.
template <typename Real>
constexpr double kMinDeterminant = std::is_same_v<Real, float> ? 1e-2 : 1e-3;

std::size_t choose_grid(std::size_t n_observations) {
  // Spreading costs N for each grid and the FFT n log n, so that longer grids are cheaper for many
  // observations.
  return n_observations < 300 ? 256 : n_observations < 1200 ? 512 : 1024;
}

}  // namespace

double exact_gls_power(const GlsData& data, double frequency, const kernels::PeriodogramKernels& kernels) {
  const std::size_t n = data.time.size();
  std::vector<double> phases(n), re(n), im(n);
  for (std::size_t j = 0; j < n; ++j) phases[j] = frequency * data.time[j];
  kernels.unit_phasors(phases.data(), n, re.data(), im.data());

  double c = 0, s = 0;
  for (std::size_t j = 0; j < n; ++j) {
    // cos - 1 replaces cos, so that there is no cancellation when f -> 0.
    re[j] = im[j] * im[j] < 0.5 && re[j] > 0 ? -im[j] * im[j] / (1 + re[j]) : re[j] - 1;
    c += data.weight[j] * re[j];
    s += data.weight[j] * im[j];
  }
  double cc = 0, ss = 0, cs = 0, yc = 0, ys = 0, yy = 0;
  for (std::size_t j = 0; j < n; ++j) {
    const double w = data.weight[j], y = data.y[j], dc = re[j] - c, ds = im[j] - s;
    cc += w * dc * dc;
    ss += w * ds * ds;
    cs += w * dc * ds;
    yc += w * y * dc;
    ys += w * y * ds;
    yy += w * y * y;
  }
  const double determinant = cc * ss - cs * cs;
  double power = 0;
  if (determinant > 1e-12 * cc * ss) {
    power = (ss * yc * yc + cc * ys * ys - 2 * cs * yc * ys) / (determinant * yy);
  } else if (cc + ss > 0) {  // cosine and sine are proportional at these times: fit one function
    power = (yc * yc + ys * ys) / ((cc + ss) * yy);
  }
  return power > 0 ? std::min(power, 1.0) : 0;
}

template <typename Real>
GlsStream<Real>::GlsStream(const GlsData& data, const FrequencyGrid& grid, const PeriodogramOptions& options)
    : data_(data), grid_(grid), kernels_(kernels::periodogram_kernels(options.isa)) {
  const std::size_t n = data.time.size();
  is_direct_ = options.method == PeriodogramMethod::direct ||
               (options.method == PeriodogramMethod::automatic && n < kCrossover<Real>);
  cycles_.resize(n);
  re_.resize(n);
  im_.resize(n);
  if (is_direct_) {
    prepare_direct();
  } else {
    prepare_nufft(std::is_same_v<Real, float> ? kFloatWidth : options.kernel_width);
  }
}

template <typename Real>
void GlsStream<Real>::prepare_direct() {
  const std::size_t n = data_.time.size();
  n_bands_ = kDirectBands;
  n_steps_ = kDirectSteps;
  for (std::size_t j = 0; j < n; ++j) cycles_[j] = grid_.step * data_.time[j];
  kernels_.unit_phasors(cycles_.data(), n, re_.data(), im_.data());
  rotation_.resize(2 * n);
  weight_y_.resize(n);
  for (std::size_t j = 0; j < n; ++j) {
    rotation_[2 * j] = re_[j];
    rotation_[2 * j + 1] = im_[j];
    weight_y_[j] = data_.weight[j] * data_.y[j];
  }
  direct_phasor_.resize(2 * kDirectBands * n);
  direct_power_.resize(block_size());
}

template <typename Real>
void GlsStream<Real>::prepare_nufft(std::size_t width) {
  constexpr std::size_t kBands = kernels::kBands<Real>;
  const std::size_t n = data_.time.size();
  n_grid_ = choose_grid(n);
  n_bands_ = kBands;
  n_steps_ = n_grid_ / 2;
  tables_ = &nufft_tables<Real>(n_grid_, width);
  single_ = make_spread(1, width);
  twice_ = make_spread(2, width);
  lane_phasor_.resize(2 * kBands * n);
  for (std::size_t band = 0; band < kBands; ++band) {
    const double offset = static_cast<double>(band * n_steps_) * grid_.step;
    for (std::size_t j = 0; j < n; ++j) cycles_[j] = offset * data_.time[j];
    kernels_.unit_phasors(cycles_.data(), n, re_.data(), im_.data());
    for (std::size_t j = 0; j < n; ++j) {
      lane_phasor_[2 * kBands * j + band] = static_cast<Real>(re_[j]);
      lane_phasor_[2 * kBands * j + kBands + band] = static_cast<Real>(im_[j]);
    }
  }
  block_phasor_.resize(2 * n);
  work_.resize(2 * kBands * (2 * n + 3 * n_grid_));
  banded_power_.resize(block_size());
}

/// The observations sorted by the grid cells that their kernels reach (counting sort), with their weights
/// there.
template <typename Real>
typename GlsStream<Real>::Spread GlsStream<Real>::make_spread(double multiple, std::size_t width) const {
  const SpreadKernel kernel(width);
  const std::size_t n = data_.time.size();
  std::vector<double> position(n);
  std::vector<std::size_t> first_cell(n);
  Spread spread;
  spread.begin.assign(n_grid_ + 1, 0);
  for (std::size_t j = 0; j < n; ++j) {
    const double turns = multiple * grid_.step * data_.time[j];
    position[j] = (turns - std::floor(turns)) * static_cast<double>(n_grid_);
    // Shifted by the length of the grid, so that no index is negative before it is wrapped.
    const double first = std::ceil(position[j] - static_cast<double>(width) / 2);
    position[j] -= first;
    first_cell[j] = static_cast<std::size_t>(first + static_cast<double>(n_grid_));
    for (std::size_t q = 0; q < width; ++q) ++spread.begin[(first_cell[j] + q) % n_grid_ + 1];
  }
  for (std::size_t cell = 0; cell < n_grid_; ++cell) spread.begin[cell + 1] += spread.begin[cell];
  spread.observation.resize(n * width);
  spread.weight.resize(n * width);
  spread.weight_y.resize(n * width);
  std::vector<std::uint32_t> next(spread.begin.begin(), spread.begin.end() - 1);
  for (std::size_t j = 0; j < n; ++j) {
    for (std::size_t q = 0; q < width; ++q) {
      const std::size_t entry = next[(first_cell[j] + q) % n_grid_]++;
      const double weight = data_.weight[j] * kernel(static_cast<double>(q) - position[j]);
      spread.observation[entry] = static_cast<std::uint32_t>(j);
      spread.weight[entry] = static_cast<Real>(weight);
      spread.weight_y[entry] = static_cast<Real>(weight * data_.y[j]);
    }
  }
  return spread;
}

template <typename Real>
void GlsStream<Real>::compute(std::size_t block, std::span<Real> power) {
  const double first = grid_.frequency(block * block_size());
  if (is_direct_) {
    compute_direct(first, power);
  } else {
    compute_nufft(first, power);
  }
  repair(first, power);
}

template <typename Real>
void GlsStream<Real>::compute_nufft(double first_frequency, std::span<Real> power) {
  const std::size_t n = data_.time.size();
  const double centre = first_frequency + static_cast<double>(n_steps_ / 2) * grid_.step;
  for (std::size_t j = 0; j < n; ++j) cycles_[j] = centre * data_.time[j];
  kernels_.unit_phasors(cycles_.data(), n, re_.data(), im_.data());
  for (std::size_t j = 0; j < n; ++j) {
    block_phasor_[2 * j] = static_cast<Real>(re_[j]);
    block_phasor_[2 * j + 1] = static_cast<Real>(im_[j]);
  }
  const auto plan = [](const Spread& s) {
    return kernels::SpreadPlan<Real>{s.begin.data(), s.observation.data(), s.weight.data(),
                                     s.weight_y.data()};
  };
  const kernels::NufftBlock<Real> block{.n_observations = n,
                                        .n_grid = n_grid_,
                                        .single = plan(single_),
                                        .twice = plan(twice_),
                                        .lane_phasor = lane_phasor_.data(),
                                        .block_phasor = block_phasor_.data(),
                                        .twiddles = tables_->twiddles.data(),
                                        .order = tables_->order.data(),
                                        .deconvolve = tables_->deconvolve.data(),
                                        .min_determinant = static_cast<Real>(kMinDeterminant<Real>),
                                        .work = work_.data(),
                                        .power = banded_power_.data()};
  if constexpr (std::is_same_v<Real, float>) {
    kernels_.nufft_f32(block);
  } else {
    kernels_.nufft_f64(block);
  }
  for (std::size_t band = 0; band < n_bands_; ++band) {
    for (std::size_t k = 0; k < n_steps_; ++k) {
      power[band * n_steps_ + k] = banded_power_[k * n_bands_ + band];
    }
  }
}

template <typename Real>
void GlsStream<Real>::compute_direct(double first_frequency, std::span<Real> power) {
  const std::size_t n = data_.time.size();
  for (std::size_t band = 0; band < kDirectBands; ++band) {
    const double frequency = first_frequency + static_cast<double>(band * n_steps_) * grid_.step;
    for (std::size_t j = 0; j < n; ++j) cycles_[j] = frequency * data_.time[j];
    kernels_.unit_phasors(cycles_.data(), n, re_.data(), im_.data());
    for (std::size_t j = 0; j < n; ++j) {
      direct_phasor_[2 * kDirectBands * j + band] = re_[j];
      direct_phasor_[2 * kDirectBands * j + kDirectBands + band] = im_[j];
    }
  }
  kernels_.direct({.n_observations = n,
                   .n_steps = n_steps_,
                   .weight = data_.weight.data(),
                   .weight_y = weight_y_.data(),
                   .rotation = rotation_.data(),
                   .phasor = direct_phasor_.data(),
                   .min_determinant = kMinDeterminant<double>,
                   .power = direct_power_.data()});
  for (std::size_t band = 0; band < n_bands_; ++band) {
    for (std::size_t k = 0; k < n_steps_; ++k) {
      power[band * n_steps_ + k] = static_cast<Real>(direct_power_[k * n_bands_ + band]);
    }
  }
}

template <typename Real>
void GlsStream<Real>::repair(double first_frequency, std::span<Real> power) const {
  constexpr std::size_t kTogether = 64;  // frequencies that are looked at together, since few are degenerate
  for (std::size_t first = 0; first < block_size(); first += kTogether) {
    const std::size_t n = std::min(kTogether, block_size() - first);
    if (lowest_of(std::span<const Real>(power.subspan(first, n))) >= 0) continue;
    for (std::size_t k = first; k < first + n; ++k) {
      if (power[k] >= 0) continue;
      const double frequency = first_frequency + static_cast<double>(k) * grid_.step;
      power[k] = static_cast<Real>(exact_gls_power(data_, frequency, kernels_));
    }
  }
}

template class GlsStream<double>;
template class GlsStream<float>;

}  // namespace astrom3
