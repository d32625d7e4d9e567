// SPDX-License-Identifier: MIT
//
// The inner loops of the period search, written once and compiled for every instruction set.
#include "kernels/banded_fft.h"
#include "kernels/periodogram_table.h"

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {
namespace {

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

/// The transforms of one vector of bands. Cells and phasors are stored as a vector of real parts and a vector
/// of imaginary parts side by side.
template <typename T>
class NufftLanes {
 public:
  using V = Vector<T>;
  using Fft = BandedFft<T>;
  static constexpr std::size_t kW = Fft::kW, kCell = Fft::kCell;

  NufftLanes(const NufftBlock<T>& block, std::size_t first_band)
      : b_(block),
        fft_{block.n_grid, block.twiddles},
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
    fft_.transform(grid_w_);
    fft_.transform(grid_y_);
    fft_.transform(grid_2_);
    finish();
  }

 private:
  void make_phasors() {
    for (std::size_t j = 0; j < b_.n_observations; ++j) {
      const T* lane = b_.lane_phasor + j * 2 * kBands<T> + first_band_;
      const V lane_re = load_lanes(lane), lane_im = load_lanes(lane + kBands<T>);
      const T re0 = b_.block_phasor[2 * j], im0 = b_.block_phasor[2 * j + 1];
      const V re = lane_re * re0 - lane_im * im0;
      const V im = lane_re * im0 + lane_im * re0;
      store_lanes(z_ + j * kCell, re);
      store_lanes(z_ + j * kCell + kW, im);
      store_lanes(z2_ + j * kCell, re * re - im * im);
      store_lanes(z2_ + j * kCell + kW, T(2) * re * im);
    }
  }

  void spread_single() {
    for (std::size_t cell = 0; cell < b_.n_grid; ++cell) {
      V w_re{}, w_im{}, y_re{}, y_im{};
      for (std::size_t e = b_.single.begin[cell]; e < b_.single.begin[cell + 1]; ++e) {
        const T* z = z_ + b_.single.observation[e] * kCell;
        const V re = load_lanes(z), im = load_lanes(z + kW);
        const T w = b_.single.weight[e], wy = b_.single.weight_y[e];
        w_re += re * w;
        w_im += im * w;
        y_re += re * wy;
        y_im += im * wy;
      }
      Fft::put(grid_w_, cell, w_re, w_im);
      Fft::put(grid_y_, cell, y_re, y_im);
    }
  }

  void spread_twice() {
    for (std::size_t cell = 0; cell < b_.n_grid; ++cell) {
      V w_re{}, w_im{};
      for (std::size_t e = b_.twice.begin[cell]; e < b_.twice.begin[cell + 1]; ++e) {
        const T* z = z2_ + b_.twice.observation[e] * kCell;
        const T w = b_.twice.weight[e];
        w_re += load_lanes(z) * w;
        w_im += load_lanes(z + kW) * w;
      }
      Fft::put(grid_2_, cell, w_re, w_im);
    }
  }

  void finish() const {
    const std::size_t quarter = b_.n_grid / 4;
    for (std::size_t group = 0; group < quarter; ++group) {
      const typename Fft::Pair w = Fft::last_butterfly(grid_w_ + 4 * group * kCell);
      const typename Fft::Pair y = Fft::last_butterfly(grid_y_ + 4 * group * kCell);
      const typename Fft::Pair w2 = Fft::last_butterfly(grid_2_ + 4 * group * kCell);
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
    store_lanes(b_.power + k * kBands<T> + first_band_,
                gls_power<T>(wr * d, wi * d, yr * d, yi * d, mean_cc, mean_cs, b_.min_determinant));
  }

  const NufftBlock<T>& b_;
  Fft fft_;
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
        const VD re = load_lanes(z), im = load_lanes(z + kBandCount);
        const VD w_re = re * b.weight[j], w_im = im * b.weight[j];
        c += w_re;
        s += w_im;
        yc += re * b.weight_y[j];
        ys += im * b.weight_y[j];
        cc += w_re * re;
        cs += w_re * im;
        const double rot_re = b.rotation[2 * j], rot_im = b.rotation[2 * j + 1];
        store_lanes(z, re * rot_re - im * rot_im);
        store_lanes(z + kBandCount, re * rot_im + im * rot_re);
      }
      store_lanes(b.power + k * kBandCount + band,
                  gls_power<double>(c, s, yc, ys, cc, cs, b.min_determinant));
    }
  }
}

// ---- harmonic sums -----------------------------------------------------------------------------

constexpr std::size_t kMaxMoments = 2 * kMaxHarmonics + 1;
constexpr std::size_t kPowerChunk = 8;  // observations whose powers stay in the first cache

/// The powers z .. z^2H of up to kPowerChunk observations.
struct Powers {
  VD re[kMaxMoments][kPowerChunk], im[kMaxMoments][kPowerChunk];
};

/// Adds `n` observations, in their order, to the moments 1 <= k < n_moments of kCount weightings. One load of
/// a power serves all weightings, and their sums stay in registers.
template <std::size_t kCount>
inline void add_moments(const Powers& powers, std::size_t n, std::size_t n_moments,
                        const double (*weight)[kPowerChunk], double* out, std::size_t stride) {
  constexpr std::size_t kBandCount = kBands<double>;
  for (std::size_t k = 1; k < n_moments; ++k) {
    double* p = out + k * 2 * kBandCount;
    VD re[kCount], im[kCount];
    for (std::size_t i = 0; i < kCount; ++i) {
      re[i] = load_lanes(p + i * stride), im[i] = load_lanes(p + i * stride + kBandCount);
    }
    for (std::size_t j = 0; j < n; ++j) {
      for (std::size_t i = 0; i < kCount; ++i) {
        re[i] += powers.re[k][j] * weight[i][j];
        im[i] += powers.im[k][j] * weight[i][j];
      }
    }
    for (std::size_t i = 0; i < kCount; ++i) {
      store_lanes(p + i * stride, re[i]), store_lanes(p + i * stride + kBandCount, im[i]);
    }
  }
}

/// Calls add_moments() for weightings `first` to `first` + kCount - 1, with and without y.
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

/// Sets the moments of k = 0, where z^0 = 1.
void set_zeroth(const HarmonicBlock& b, std::size_t stride, std::size_t stride_y) {
  for (std::size_t i = 0; i < b.n_weights; ++i) {
    double sum = 0, sum_y = 0;
    if (b.zeroth != nullptr) {
      sum = b.zeroth[i], sum_y = b.zeroth_y[i];
    } else {
      for (std::size_t j = 0; j < b.n_observations; ++j) {
        const double weight = b.weight[j * b.n_weights + i];
        sum += weight;
        sum_y += weight * b.y[j];
      }
    }
    for (std::size_t band = 0; band < kBands<double>; ++band) {
      b.moments[i * stride + band] = sum;
      b.moments_y[i * stride_y + band] = sum_y;
    }
  }
}

void harmonic_sums(const HarmonicBlock& b) {
  constexpr std::size_t kBandCount = kBands<double>, kTogether = 3;
  const std::size_t n_moments = 2 * b.n_harmonics + 1, n_moments_y = b.n_harmonics + 1;
  for (std::size_t i = 0; i < b.n_weights * n_moments * 2 * kBandCount; ++i) b.moments[i] = 0;
  for (std::size_t i = 0; i < b.n_weights * n_moments_y * 2 * kBandCount; ++i) b.moments_y[i] = 0;
  set_zeroth(b, n_moments * 2 * kBandCount, n_moments_y * 2 * kBandCount);
  Powers powers;
  for (std::size_t band = 0; band < kBandCount; band += kDoubles) {
    const VD frequency = load_unaligned(b.frequency + band);
    for (std::size_t first = 0; first < b.n_observations; first += kPowerChunk) {
      const std::size_t left = b.n_observations - first, n = left < kPowerChunk ? left : kPowerChunk;
      for (std::size_t j = 0; j < n; ++j) {
        const Phasor z = unit_phasor(frequency * b.time[first + j]);
        powers.re[1][j] = z.re, powers.im[1][j] = z.im;
        for (std::size_t k = 2; k < n_moments; ++k) {
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

const PeriodogramKernels kPeriodogramTable{unit_phasors, nufft<double>,  nufft<float>,
                                           direct,       harmonic_sums,  fit_harmonics,
                                           scan_dips,    find_in_window, sum_eclipses};

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
