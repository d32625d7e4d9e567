// SPDX-License-Identifier: MIT
#include "features/nufft_tables.h"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <numbers>
#include <utility>
#include <vector>

namespace astrom3 {
namespace {

constexpr double kOversampling = 2;  // grid cells per mode
constexpr double kTwoPi = 2 * std::numbers::pi;

template <typename Real>
void add_twiddle(std::vector<Real>& twiddles, std::size_t i, std::size_t length) {
  const double angle = kTwoPi * static_cast<double>(i % length) / static_cast<double>(length);
  twiddles.push_back(static_cast<Real>(std::cos(angle)));
  twiddles.push_back(static_cast<Real>(std::sin(angle)));
}

bool is_power_of_four(std::size_t n) {
  return (n & 0x55555555u) != 0;
}

/// The mode that stands at `position` after the decimation in frequency.
std::size_t mode_at(std::size_t position, std::size_t n) {
  if (n == 1) return 0;
  const std::size_t radix = is_power_of_four(n) ? 4 : 2;
  return position / (n / radix) + radix * mode_at(position % (n / radix), n / radix);
}

template <typename Real>
std::unique_ptr<NufftTables<Real>> make_tables(std::size_t n_grid, std::size_t width) {
  auto tables = std::make_unique<NufftTables<Real>>();
  const SpreadKernel kernel(width);
  for (std::size_t k = 0; k < n_grid / 2; ++k) {
    const double mode = static_cast<double>(k) - static_cast<double>(n_grid / 4);
    tables->deconvolve.push_back(static_cast<Real>(1 / kernel.transform(mode, n_grid)));
  }
  std::size_t length = n_grid;
  if (!is_power_of_four(length)) {
    for (std::size_t i = 0; i < length / 2; ++i) add_twiddle(tables->twiddles, i, length);
    length /= 2;
  }
  for (; length > 4; length /= 4) {
    for (std::size_t i = 0; i < length / 4; ++i) {
      for (const std::size_t power : {1u, 2u, 3u}) add_twiddle(tables->twiddles, power * i, length);
    }
  }
  for (std::size_t group = 0; group < n_grid / 4; ++group) {
    tables->order.push_back(static_cast<std::uint32_t>(mode_at(4 * group, n_grid)));
  }
  return tables;
}

}  // namespace

SpreadKernel::SpreadKernel(std::size_t width_cells)
    : width(width_cells),
      // 0.976 of the value that balances truncation and aliasing, as measured by Barnett et al.
      beta(0.976 * std::numbers::pi * static_cast<double>(width_cells) * (1 - 1 / (2 * kOversampling))) {}

double SpreadKernel::operator()(double cells) const noexcept {
  const double u = 2 * cells / static_cast<double>(width);
  return u * u < 1 ? std::exp(beta * (std::sqrt(1 - u * u) - 1)) : 0;
}

double SpreadKernel::transform(double mode, std::size_t n_grid) const {
  // With u = sin(a) the integrand is smooth and nearly 0, exp(-beta), at both ends, so that the trapezium
  // rule converges faster than any power of the step.
  constexpr int kSteps = 400;
  const double w = static_cast<double>(width);
  double sum = 0;
  for (int i = 0; i < kSteps; ++i) {
    const double a = (i + 0.5) / kSteps * std::numbers::pi - std::numbers::pi / 2;
    sum += std::exp(beta * (std::cos(a) - 1)) * std::cos(a) *
           std::cos(std::numbers::pi * mode * w * std::sin(a) / static_cast<double>(n_grid));
  }
  return sum * std::numbers::pi / kSteps * w / 2;
}

template <typename Real>
const NufftTables<Real>& nufft_tables(std::size_t n_grid, std::size_t width) {
  static std::mutex mutex;
  static std::map<std::pair<std::size_t, std::size_t>, std::unique_ptr<NufftTables<Real>>> cache;
  const std::lock_guard lock(mutex);
  auto& entry = cache[{n_grid, width}];
  if (entry == nullptr) entry = make_tables<Real>(n_grid, width);
  return *entry;
}

template const NufftTables<double>& nufft_tables<double>(std::size_t, std::size_t);
template const NufftTables<float>& nufft_tables<float>(std::size_t, std::size_t);

}  // namespace astrom3
