// SPDX-License-Identifier: MIT
//
// An FFT that transforms one grid in each lane. It needs no shuffles, since values never move to another
// lane.
#pragma once

#include "kernels/lanes.h"

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {

/// Transforms grids of n_grid complex cells, a power of two. A cell is a vector of real parts, then a vector
/// of imaginary parts. The twiddle factors come from features/nufft_tables.
template <typename T>
struct BandedFft {
  using V = Vector<T>;
  static constexpr std::size_t kW = kWidth<T>;
  static constexpr std::size_t kCell = 2 * kW;  ///< the number of values of type T in one cell

  std::size_t n_grid;
  const T* twiddles;

  static void put(T* grid, std::size_t cell, V re, V im) {
    store_lanes(grid + cell * kCell, re);
    store_lanes(grid + cell * kCell + kW, im);
  }

  /// Decimation in frequency in place, with sign +. It does all passes but the last one of radix 4, which the
  /// caller does with last_butterfly() while it reads. The modes come out in digit-reversed order.
  void transform(T* grid) const {
    const T* twiddle = twiddles;
    std::size_t length = n_grid;
    if ((length & 0x55555555u) == 0) {  // not a power of four: one radix-2 pass
      radix2(grid, length / 2, twiddle);
      twiddle += length;
      length /= 2;
    }
    for (; length > 4; length /= 4) {
      for (std::size_t first = 0; first < n_grid; first += length) {
        radix4_plain(grid + first * kCell, length / 4);
        for (std::size_t i = 1; i < length / 4; ++i) {
          radix4(grid + (first + i) * kCell, length / 4, twiddle + 6 * i);
        }
      }
      twiddle += 6 * (length / 4);
    }
  }

  static void radix2(T* grid, std::size_t half, const T* twiddle) {
    for (std::size_t i = 0; i < half; ++i) {
      T* a = grid + i * kCell;
      T* b = grid + (i + half) * kCell;
      const V ar = load_lanes(a), ai = load_lanes(a + kW), br = load_lanes(b), bi = load_lanes(b + kW);
      const T wr = twiddle[2 * i], wi = twiddle[2 * i + 1];
      const V dr = ar - br, di = ai - bi;
      store_lanes(a, ar + br);
      store_lanes(a + kW, ai + bi);
      store_lanes(b, dr * wr - di * wi);
      store_lanes(b + kW, dr * wi + di * wr);
    }
  }

  struct Four {
    V r0, i0, r1, i1, r2, i2, r3, i3;
  };

  /// The 4-point transform with sign +: output q is sum_p a_p i^{pq}.
  static Four butterfly(const T* p, std::size_t stride) {
    const V ar = load_lanes(p), ai = load_lanes(p + kW);
    const V br = load_lanes(p + stride), bi = load_lanes(p + stride + kW);
    const V cr = load_lanes(p + 2 * stride), ci = load_lanes(p + 2 * stride + kW);
    const V dr = load_lanes(p + 3 * stride), di = load_lanes(p + 3 * stride + kW);
    const V sr = ar + cr, si = ai + ci, tr = ar - cr, ti = ai - ci;
    const V ur = br + dr, ui = bi + di, vr = br - dr, vi = bi - di;
    return {sr + ur, si + ui, tr - vi, ti + vr, sr - ur, si - ui, tr + vi, ti - vr};
  }

  static void radix4_plain(T* p, std::size_t quarter) {
    const std::size_t stride = quarter * kCell;
    const Four f = butterfly(p, stride);
    put(p, 0, f.r0, f.i0);
    put(p + stride, 0, f.r1, f.i1);
    put(p + 2 * stride, 0, f.r2, f.i2);
    put(p + 3 * stride, 0, f.r3, f.i3);
  }

  static void radix4(T* p, std::size_t quarter, const T* w) {
    const std::size_t stride = quarter * kCell;
    const Four f = butterfly(p, stride);
    put(p, 0, f.r0, f.i0);
    put(p + stride, 0, f.r1 * w[0] - f.i1 * w[1], f.r1 * w[1] + f.i1 * w[0]);
    put(p + 2 * stride, 0, f.r2 * w[2] - f.i2 * w[3], f.r2 * w[3] + f.i2 * w[2]);
    put(p + 3 * stride, 0, f.r3 * w[4] - f.i3 * w[5], f.r3 * w[5] + f.i3 * w[4]);
  }

  struct Pair {
    V r0, i0, r3, i3;
  };

  /// Outputs 0 and 3 of the last pass: modes k and k - n/4. Outputs 1 and 2 lie in the half of the spectrum
  /// that is not used, since the grid is oversampled.
  static Pair last_butterfly(const T* p) {
    const Four f = butterfly(p, kCell);
    return {f.r0, f.i0, f.r3, f.i3};
  }
};

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
