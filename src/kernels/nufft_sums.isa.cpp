// SPDX-License-Identifier: MIT
//
// Trigonometric sums over observations by a banded NUFFT, and the solution of their normal equations.
#include "kernels/banded_fft.h"
#include "kernels/spectra_table.h"

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {
namespace {

constexpr std::size_t kBandCount = kSpectrumLanes;
using Fft = BandedFft<double>;

/// Spreads the weights onto the grid: each cell gathers from the observations whose kernel reaches it.
void spread(const NufftSums& b, const double* weight, std::size_t band, double* grid) {
  for (std::size_t cell = 0; cell < b.n_grid; ++cell) {
    VD re{}, im{};
    for (std::size_t e = b.plan.begin[cell]; e < b.plan.begin[cell + 1]; ++e) {
      const double* z = b.phasor + b.plan.observation[e] * 2 * kBandCount + band;
      re += load_lanes(z) * weight[e];
      im += load_lanes(z + kBandCount) * weight[e];
    }
    Fft::put(grid, cell, re, im);
  }
}

/// The last pass of the transform, with the transform of the spreading kernel divided out.
void finish(const NufftSums& b, const double* grid, std::size_t band, double* sums) {
  const std::size_t quarter = b.n_grid / 4;
  const auto put = [&](std::size_t k, VD re, VD im) {
    store_lanes(sums + k * 2 * kBandCount + band, re * b.deconvolve[k]);
    store_lanes(sums + k * 2 * kBandCount + kBandCount + band, im * b.deconvolve[k]);
  };
  for (std::size_t group = 0; group < quarter; ++group) {
    const Fft::Pair p = Fft::last_butterfly(grid + 4 * group * Fft::kCell);
    const std::size_t k = b.order[group];
    put(k + quarter, p.r0, p.i0);
    put(k, p.r3, p.i3);
  }
}

}  // namespace

void sum_by_nufft(const NufftSums& b) {
  const Fft fft{b.n_grid, b.twiddles};
  for (std::size_t band = 0; band < kBandCount; band += kDoubles) {
    spread(b, b.plan.weight, band, b.work);
    fft.transform(b.work);
    finish(b, b.work, band, b.sums);
    if (b.sums_y == nullptr) continue;
    spread(b, b.plan.weight_y, band, b.work);
    fft.transform(b.work);
    finish(b, b.work, band, b.sums_y);
  }
}

void solve_normal_equations(const NormalBlock& b) {
  constexpr double kSmallest = 1e-300;
  for (std::size_t band = 0; band < kBandCount; band += kDoubles) {
    const auto entry = [&](std::size_t i, std::size_t j) {
      return b.matrix + (i * (i + 1) / 2 + j) * kBandCount + band;
    };
    VD explained{}, least = splat(1.0);
    for (std::size_t i = 0; i < b.n; ++i)
      store_lanes(b.diagonal + i * kBandCount + band, load_lanes(entry(i, i)));
    for (std::size_t j = 0; j < b.n; ++j) {
      const VD raw = load_lanes(entry(j, j));
      const VD pivot = raw > splat(kSmallest) ? raw : splat(kSmallest);
      const double* right = b.right + j * kBandCount + band;
      const VD bj = load_lanes(right), inverse = 1.0 / pivot;
      explained += bj * bj * inverse;
      for (std::size_t i = j + 1; i < b.n; ++i) {
        const VD factor = load_lanes(entry(i, j)) * inverse;
        for (std::size_t m = j + 1; m <= i; ++m)
          store_lanes(entry(i, m), load_lanes(entry(i, m)) - factor * load_lanes(entry(m, j)));
        double* other = b.right + i * kBandCount + band;
        store_lanes(other, load_lanes(other) - factor * bj);
      }
      const VD share = raw / load_lanes(b.diagonal + j * kBandCount + band);
      least = share < least ? share : least;
    }
    store_lanes(b.explained + band, explained);
    store_lanes(b.least_pivot + band, least);
  }
}

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
