// SPDX-License-Identifier: MIT
//
// The normal equations of the harmonic model: filled from moments, and solved by Cholesky's method.
#include "kernels/lanes.h"
#include "kernels/periodogram_table.h"

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {
namespace {

constexpr std::size_t kBandCount = kBands<double>;
constexpr double kSmallestPivot = 1e-300;

/// The fits at one vector of frequencies.
class HarmonicFitLanes {
 public:
  HarmonicFitLanes(const HarmonicFit& fit, std::size_t band)
      : f_(fit), n_(2 * fit.n_harmonics + 1), band_(band) {}

  void run() const {
    fill();
    VD explained{}, determinant = splat(1.0);
    for (std::size_t k = 0; k < n_; ++k) {
      eliminate(k, determinant);
      const VD right = load_lanes(entry(n_, k));
      explained += right * right;
      if (k % kPivotsTogether != kPivotsTogether - 1 && k + 1 != n_) continue;
      store_lanes(f_.determinant + k / kPivotsTogether * kBandCount + band_, determinant);
      determinant = splat(1.0);
    }
    store_lanes(f_.explained + band_, explained);
  }

 private:
  /// Row n_ is the right-hand side.
  double* entry(std::size_t row, std::size_t column) const {
    return f_.matrix + (row * (row + 1) / 2 + column) * kBandCount + band_;
  }
  VD cosine(const double* moments, std::size_t k) const {
    return load_lanes(moments + k * 2 * kBandCount + band_);
  }
  VD sine(const double* moments, std::size_t k) const {
    return load_lanes(moments + k * 2 * kBandCount + kBandCount + band_);
  }

  /// cos k cos m = (cos(k-m) + cos(k+m)) / 2 and so on. Column 0 is the mean, 2k-1 and 2k are cosine and sine
  /// of harmonic k.
  void fill() const {
    store_lanes(entry(0, 0), cosine(f_.moments, 0) + f_.prior_precision[0]);
    store_lanes(entry(n_, 0), cosine(f_.moments_y, 0));
    for (std::size_t k = 1; k <= f_.n_harmonics; ++k) {
      const std::size_t row = 2 * k - 1;
      store_lanes(entry(n_, row), cosine(f_.moments_y, k));
      store_lanes(entry(n_, row + 1), sine(f_.moments_y, k));
      store_lanes(entry(row, 0), cosine(f_.moments, k));
      store_lanes(entry(row + 1, 0), sine(f_.moments, k));
      for (std::size_t m = 1; m <= k; ++m) {
        const std::size_t column = 2 * m - 1;
        const VD cd = cosine(f_.moments, k - m), cs = cosine(f_.moments, k + m);
        const VD sd = sine(f_.moments, k - m), ss = sine(f_.moments, k + m);
        store_lanes(entry(row, column), 0.5 * (cd + cs));
        store_lanes(entry(row + 1, column), 0.5 * (ss + sd));
        if (m < k) store_lanes(entry(row, column + 1), 0.5 * (ss - sd));
        store_lanes(entry(row + 1, column + 1), 0.5 * (cd - cs));
      }
      for (std::size_t i = row; i <= row + 1; ++i)
        store_lanes(entry(i, i), load_lanes(entry(i, i)) + f_.prior_precision[i]);
    }
  }

  /// Subtracts from rows `row` to `row` + kCount - 1 of column k what the columns before column k explain.
  /// Each row is a sum in the order of the columns; several rows side by side hide the latency of one sum.
  template <std::size_t kCount>
  void reduce(std::size_t row, std::size_t k, VD scale) const {
    VD value[kCount];
    for (std::size_t i = 0; i < kCount; ++i) value[i] = load_lanes(entry(row + i, k));
    for (std::size_t m = 0; m < k; ++m) {
      const VD other = load_lanes(entry(k, m));
#pragma GCC unroll 8
      for (std::size_t i = 0; i < kCount; ++i) value[i] -= load_lanes(entry(row + i, m)) * other;
    }
    for (std::size_t i = 0; i < kCount; ++i) store_lanes(entry(row + i, k), value[i] * scale);
  }

  /// Computes column k of the factor and of the right-hand side, and multiplies the determinant by its pivot.
  void eliminate(std::size_t k, VD& determinant) const {
    VD value = load_lanes(entry(k, k));
    for (std::size_t m = 0; m < k; ++m) {
      const VD factor = load_lanes(entry(k, m));
      value -= factor * factor;
    }
    const VD pivot = value < kSmallestPivot ? splat(kSmallestPivot) : value;
    determinant *= pivot;
    VD root;
    for (std::size_t lane = 0; lane < kDoubles; ++lane) root[lane] = __builtin_sqrt(pivot[lane]);
    const VD inverse = 1.0 / root;
    store_lanes(entry(k, k), inverse);
    std::size_t row = k + 1;
    for (; row + 4 <= n_ + 1; row += 4) reduce<4>(row, k, inverse);
    for (; row <= n_; ++row) reduce<1>(row, k, inverse);
  }

  const HarmonicFit& f_;
  std::size_t n_, band_;
};

}  // namespace

void fit_harmonics(const HarmonicFit& fit) {
  for (std::size_t band = 0; band < kBandCount; band += kDoubles) HarmonicFitLanes(fit, band).run();
}

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
