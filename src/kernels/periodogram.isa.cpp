// SPDX-License-Identifier: MIT
//
// The period search's inner loops, written once and compiled per instruction set.
#include "kernels/periodogram_table.h"
#include "kernels/vec.h"

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {
namespace {

template <typename T>
struct Simd;
template <>
struct Simd<double> {
  typedef double V __attribute__((vector_size(kVectorBytes), may_alias));
  typedef std::int64_t I __attribute__((vector_size(kVectorBytes), may_alias));
};
template <>
struct Simd<float> {
  typedef float V __attribute__((vector_size(kVectorBytes), may_alias));
  typedef std::int32_t I __attribute__((vector_size(kVectorBytes), may_alias));
};
template <typename T>
using Vector = typename Simd<T>::V;
template <typename T>
constexpr std::size_t kWidth = kVectorBytes / sizeof(T);

template <typename T>
inline Vector<T> load(const T* p) {
  return *reinterpret_cast<const Vector<T>*>(p);
}
template <typename T>
inline void store(T* p, Vector<T> v) {
  *reinterpret_cast<Vector<T>*>(p) = v;
}
template <typename T>
inline Vector<T> splat(T value) {
  return value - Vector<T>{};
}
template <typename T>
inline Vector<T> load_unaligned(const T* p) {
  typedef T U __attribute__((vector_size(kVectorBytes), may_alias, aligned(sizeof(T))));
  return *reinterpret_cast<const U*>(p);
}
template <typename T>
inline void store_unaligned(T* p, Vector<T> v) {
  typedef T U __attribute__((vector_size(kVectorBytes), may_alias, aligned(sizeof(T))));
  *reinterpret_cast<U*>(p) = v;
}

using VD = Vector<double>;
constexpr std::size_t kDoubles = kWidth<double>;

/// Rounds to the nearest integer: adding 1.5 * 2^52 leaves no room for a fraction.
inline VD round_to_integer(VD x) {
  const VD magic = splat(6755399441055744.0);
  return (x + magic) - magic;
}

struct Phasor {
  VD re, im;
};

/// e^{2 pi i x}. The argument is reduced to an eighth of a turn about the nearest quarter turn;
/// the Taylor series to z^15 and z^16 then stop below 2^-54.
inline Phasor unit_phasor(VD x) {
  const VD fraction = x - round_to_integer(x);
  const VD quarter = round_to_integer(fraction * 4.0);  // -2 .. 2
  const VD z = (fraction - quarter * 0.25) * 6.283185307179586;
  const VD zz = z * z;
  const VD sine =
      z + z * zz *
              (-1.6666666666666666e-1 +
               zz * (8.333333333333333e-3 +
                     zz * (-1.984126984126984e-4 +
                           zz * (2.7557319223985893e-6 +
                                 zz * (-2.505210838544172e-8 +
                                       zz * (1.6059043836821613e-10 + zz * -7.647163731819816e-13))))));
  const VD cosine =
      1.0 + zz * (-0.5 +
                  zz * (4.1666666666666664e-2 +
                        zz * (-1.388888888888889e-3 +
                              zz * (2.48015873015873e-5 +
                                    zz * (-2.755731922398589e-7 +
                                          zz * (2.08767569878681e-9 + zz * (-1.1470745597729725e-11 +
                                                                            zz * 4.779477332387385e-14)))))));
  // Quarter turns: 1 is (c, s) -> (-s, c), 2 and -2 flip both signs, -1 is (s, -c).
  const auto odd = (quarter == 1.0) | (quarter == -1.0);
  const VD swapped_re = odd ? sine : cosine;
  const VD swapped_im = odd ? cosine : sine;
  const VD sign_re = ((quarter == 0.0) | (quarter == -1.0)) ? splat(1.0) : splat(-1.0);
  const VD sign_im = ((quarter == 0.0) | (quarter == 1.0)) ? splat(1.0) : splat(-1.0);
  return {swapped_re * sign_re, swapped_im * sign_im};
}

void unit_phasors(const double* cycles, std::size_t n, double* re, double* im) {
  for (std::size_t i = 0; i < n; i += kDoubles) {
    if (i + kDoubles <= n) {
      const Phasor z = unit_phasor(load_unaligned(cycles + i));
      store_unaligned(re + i, z.re);
      store_unaligned(im + i, z.im);
      continue;
    }
    VD tail{};
    for (std::size_t j = i; j < n; ++j) tail[j - i] = cycles[j];
    const Phasor z = unit_phasor(tail);
    for (std::size_t j = i; j < n; ++j) re[j] = z.re[j - i], im[j] = z.im[j - i];
  }
}

/// Power of the floating-mean periodogram from weighted sums (weights sum to 1, y has mean 0 and
/// variance 1): p = (SS YC^2 + CC YS^2 - 2 CS YC YS) / (CC SS - CS^2).
template <typename T>
inline Vector<T> gls_power(Vector<T> c, Vector<T> s, Vector<T> yc, Vector<T> ys, Vector<T> mean_cc,
                           Vector<T> mean_cs, T min_determinant) {
  using V = Vector<T>;
  const V cc = mean_cc - c * c;
  const V ss = (T(1) - mean_cc) - s * s;
  const V cs = mean_cs - c * s;
  const V determinant = cc * ss - cs * cs;
  const V power = (ss * yc * yc + cc * ys * ys - T(2) * cs * yc * ys) / determinant;
  const V clamped_low = power > splat(T(0)) ? power : splat(T(0));
  const V clamped = clamped_low < splat(T(1)) ? clamped_low : splat(T(1));
  return determinant > splat(min_determinant) ? clamped : splat(T(kDegeneratePower));
}

// ---- banded NUFFT ------------------------------------------------------------------------------

/// One vector of bands of one block. Cells and phasors are stored as re, im vectors side by side.
template <typename T>
class NufftLanes {
 public:
  using V = Vector<T>;
  static constexpr std::size_t kW = kWidth<T>;
  static constexpr std::size_t kCell = 2 * kW;  ///< T's in one complex vector

  NufftLanes(const NufftBlock<T>& block, std::size_t first_band)
      : b_(block),
        first_band_(first_band),
        z_(block.work),
        z2_(z_ + kCell * block.n_observations),
        grid_w_(z2_ + kCell * block.n_observations),
        grid_y_(grid_w_ + kCell * block.n_grid),
        grid_2_(grid_y_ + kCell * block.n_grid) {}

  void run() {
    make_phasors();
    spread_single();
    spread_twice();
    transform(grid_w_);
    transform(grid_y_);
    transform(grid_2_);
    finish();
  }

 private:
  void make_phasors() {
    for (std::size_t j = 0; j < b_.n_observations; ++j) {
      const T* lane = b_.lane_phasor + j * 2 * kBands<T> + first_band_;
      const V lane_re = load(lane), lane_im = load(lane + kBands<T>);
      const T re0 = b_.block_phasor[2 * j], im0 = b_.block_phasor[2 * j + 1];
      const V re = lane_re * re0 - lane_im * im0;
      const V im = lane_re * im0 + lane_im * re0;
      store(z_ + j * kCell, re);
      store(z_ + j * kCell + kW, im);
      store(z2_ + j * kCell, re * re - im * im);
      store(z2_ + j * kCell + kW, T(2) * re * im);
    }
  }

  void spread_single() {
    for (std::size_t cell = 0; cell < b_.n_grid; ++cell) {
      V w_re{}, w_im{}, y_re{}, y_im{};
      for (std::size_t e = b_.single.begin[cell]; e < b_.single.begin[cell + 1]; ++e) {
        const T* z = z_ + b_.single.observation[e] * kCell;
        const V re = load(z), im = load(z + kW);
        const T w = b_.single.weight[e], wy = b_.single.weight_y[e];
        w_re += re * w;
        w_im += im * w;
        y_re += re * wy;
        y_im += im * wy;
      }
      put(grid_w_, cell, w_re, w_im);
      put(grid_y_, cell, y_re, y_im);
    }
  }

  void spread_twice() {
    for (std::size_t cell = 0; cell < b_.n_grid; ++cell) {
      V w_re{}, w_im{};
      for (std::size_t e = b_.twice.begin[cell]; e < b_.twice.begin[cell + 1]; ++e) {
        const T* z = z2_ + b_.twice.observation[e] * kCell;
        const T w = b_.twice.weight[e];
        w_re += load(z) * w;
        w_im += load(z + kW) * w;
      }
      put(grid_2_, cell, w_re, w_im);
    }
  }

  static void put(T* grid, std::size_t cell, V re, V im) {
    store(grid + cell * kCell, re);
    store(grid + cell * kCell + kW, im);
  }

  /// In-place decimation in frequency, sign +: all passes but the last radix-4 one, which
  /// finish() does while it reads. Modes come out digit-reversed, at no cost: lanes never move.
  void transform(T* grid) const {
    const T* twiddle = b_.twiddles;
    std::size_t length = b_.n_grid;
    if ((length & 0x55555555u) == 0) {  // not a power of four: one radix-2 pass
      radix2(grid, length / 2, twiddle);
      twiddle += length;
      length /= 2;
    }
    for (; length > 4; length /= 4) {
      for (std::size_t first = 0; first < b_.n_grid; first += length) {
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
      const V ar = load(a), ai = load(a + kW), br = load(b), bi = load(b + kW);
      const T wr = twiddle[2 * i], wi = twiddle[2 * i + 1];
      const V dr = ar - br, di = ai - bi;
      store(a, ar + br);
      store(a + kW, ai + bi);
      store(b, dr * wr - di * wi);
      store(b + kW, dr * wi + di * wr);
    }
  }

  struct Four {
    V r0, i0, r1, i1, r2, i2, r3, i3;
  };

  /// The 4-point transform with sign +: output q is sum_p a_p i^{pq}.
  static Four butterfly(const T* p, std::size_t stride) {
    const V ar = load(p), ai = load(p + kW);
    const V br = load(p + stride), bi = load(p + stride + kW);
    const V cr = load(p + 2 * stride), ci = load(p + 2 * stride + kW);
    const V dr = load(p + 3 * stride), di = load(p + 3 * stride + kW);
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

  /// Outputs 0 and 3 of the last pass: modes k and k - n/4. The other two lie in the half of the
  /// spectrum that oversampling throws away.
  static Pair last_butterfly(const T* p) {
    const Four f = butterfly(p, kCell);
    return {f.r0, f.i0, f.r3, f.i3};
  }

  void finish() const {
    const std::size_t quarter = b_.n_grid / 4;
    for (std::size_t group = 0; group < quarter; ++group) {
      const Pair w = last_butterfly(grid_w_ + 4 * group * kCell);
      const Pair y = last_butterfly(grid_y_ + 4 * group * kCell);
      const Pair w2 = last_butterfly(grid_2_ + 4 * group * kCell);
      const std::size_t k = b_.order[group];
      put_power(k + quarter, w.r0, w.i0, y.r0, y.i0, w2.r0, w2.i0);
      put_power(k, w.r3, w.i3, y.r3, y.i3, w2.r3, w2.i3);
    }
  }

  void put_power(std::size_t k, V wr, V wi, V yr, V yi, V w2r, V w2i) const {
    const T d = b_.deconvolve[k];
    const T half = T(0.5);
    const V mean_cc = w2r * (d * half) + half;
    const V mean_cs = w2i * (d * half);
    store(b_.power + k * kBands<T> + first_band_,
          gls_power<T>(wr * d, wi * d, yr * d, yi * d, mean_cc, mean_cs, b_.min_determinant));
  }

  const NufftBlock<T>& b_;
  std::size_t first_band_;
  T *z_, *z2_, *grid_w_, *grid_y_, *grid_2_;
};

template <typename T>
void nufft(const NufftBlock<T>& block) {
  for (std::size_t band = 0; band < kBands<T>; band += kWidth<T>) NufftLanes<T>(block, band).run();
}

// ---- direct sums -------------------------------------------------------------------------------

void direct(const DirectBlock& b) {
  constexpr std::size_t kBandCount = kBands<double>;
  for (std::size_t band = 0; band < kBandCount; band += kDoubles) {
    for (std::size_t k = 0; k < b.n_steps; ++k) {
      VD c{}, s{}, yc{}, ys{}, cc{}, cs{};
      for (std::size_t j = 0; j < b.n_observations; ++j) {
        double* z = b.phasor + j * 2 * kBandCount + band;
        const VD re = load(z), im = load(z + kBandCount);
        const VD w_re = re * b.weight[j], w_im = im * b.weight[j];
        c += w_re;
        s += w_im;
        yc += re * b.weight_y[j];
        ys += im * b.weight_y[j];
        cc += w_re * re;
        cs += w_re * im;
        const double rot_re = b.rotation[2 * j], rot_im = b.rotation[2 * j + 1];
        store(z, re * rot_re - im * rot_im);
        store(z + kBandCount, re * rot_im + im * rot_re);
      }
      store(b.power + k * kBandCount + band, gls_power<double>(c, s, yc, ys, cc, cs, b.min_determinant));
    }
  }
}

// ---- harmonic sums -----------------------------------------------------------------------------

constexpr std::size_t kMaxMoments = 2 * kMaxHarmonics + 1;
constexpr std::size_t kPowerChunk = 8;  // observations whose powers stay in the first cache

/// The powers z^0 .. z^2H of up to kPowerChunk observations.
struct Powers {
  VD re[kMaxMoments][kPowerChunk], im[kMaxMoments][kPowerChunk];
};

/// Adds `n` observations to the moments k < n_moments of kCount weightings, in order. One load of a
/// power serves all of them, and their sums stay in registers.
template <std::size_t kCount>
inline void add_moments(const Powers& powers, std::size_t n, std::size_t n_moments,
                        const double (*weight)[kPowerChunk], double* out, std::size_t stride) {
  constexpr std::size_t kBandCount = kBands<double>;
  for (std::size_t k = 0; k < n_moments; ++k) {
    double* p = out + k * 2 * kBandCount;
    VD re[kCount], im[kCount];
    for (std::size_t i = 0; i < kCount; ++i) {
      re[i] = load(p + i * stride), im[i] = load(p + i * stride + kBandCount);
    }
    for (std::size_t j = 0; j < n; ++j) {
      for (std::size_t i = 0; i < kCount; ++i) {
        re[i] += powers.re[k][j] * weight[i][j];
        im[i] += powers.im[k][j] * weight[i][j];
      }
    }
    for (std::size_t i = 0; i < kCount; ++i) {
      store(p + i * stride, re[i]), store(p + i * stride + kBandCount, im[i]);
    }
  }
}

/// The same for weightings `first` to `first` + kCount, with and without y.
template <std::size_t kCount>
inline void add_weightings(const HarmonicBlock& b, const Powers& powers, std::size_t observation,
                           std::size_t n, std::size_t band, std::size_t first) {
  constexpr std::size_t kBandCount = kBands<double>;
  const std::size_t n_moments = 2 * b.n_harmonics + 1, n_moments_y = b.n_harmonics + 1;
  double weight[kCount][kPowerChunk], weight_y[kCount][kPowerChunk];
  for (std::size_t j = 0; j < n; ++j) {
    for (std::size_t i = 0; i < kCount; ++i) {
      weight[i][j] = b.weight[(observation + j) * b.n_weights + first + i];
      weight_y[i][j] = weight[i][j] * b.y[observation + j];
    }
  }
  const std::size_t stride = n_moments * 2 * kBandCount, stride_y = n_moments_y * 2 * kBandCount;
  add_moments<kCount>(powers, n, n_moments, weight, b.moments + first * stride + band, stride);
  add_moments<kCount>(powers, n, n_moments_y, weight_y, b.moments_y + first * stride_y + band, stride_y);
}

void harmonic_sums(const HarmonicBlock& b) {
  constexpr std::size_t kBandCount = kBands<double>, kTogether = 3;
  const std::size_t n_moments = 2 * b.n_harmonics + 1, n_moments_y = b.n_harmonics + 1;
  for (std::size_t i = 0; i < b.n_weights * n_moments * 2 * kBandCount; ++i) b.moments[i] = 0;
  for (std::size_t i = 0; i < b.n_weights * n_moments_y * 2 * kBandCount; ++i) b.moments_y[i] = 0;
  Powers powers;
  for (std::size_t band = 0; band < kBandCount; band += kDoubles) {
    const VD frequency = load_unaligned(b.frequency + band);
    for (std::size_t first = 0; first < b.n_observations; first += kPowerChunk) {
      const std::size_t left = b.n_observations - first, n = left < kPowerChunk ? left : kPowerChunk;
      for (std::size_t j = 0; j < n; ++j) {
        const Phasor z = unit_phasor(frequency * b.time[first + j]);
        powers.re[0][j] = splat(1.0), powers.im[0][j] = VD{};
        for (std::size_t k = 1; k < n_moments; ++k) {
          powers.re[k][j] = powers.re[k - 1][j] * z.re - powers.im[k - 1][j] * z.im;
          powers.im[k][j] = powers.re[k - 1][j] * z.im + powers.im[k - 1][j] * z.re;
        }
      }
      std::size_t i = 0;
      for (; i + kTogether <= b.n_weights; i += kTogether) {
        add_weightings<kTogether>(b, powers, first, n, band, i);
      }
      for (; i < b.n_weights; ++i) add_weightings<1>(b, powers, first, n, band, i);
    }
  }
}

}  // namespace

const PeriodogramKernels kPeriodogramTable{unit_phasors, nufft<double>, nufft<float>,
                                           direct,       harmonic_sums, scan_dips};

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
