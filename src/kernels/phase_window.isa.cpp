// SPDX-License-Identifier: MIT
//
// Finds the observations in a window of the phase with vectors, and sums over them one observation at a time.
#include "kernels/phase_window.h"

#include "kernels/lanes.h"
#include "kernels/periodogram_table.h"

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {
namespace {

using VI = Simd<double>::I;

/// Writes the bits of the strips of one block: bit `step` is the result of `is_inside` for the value of that
/// step.
template <typename Test>
inline void find_inside(const Strips& strips, std::size_t block, std::uint64_t* inside, Test is_inside) {
  for (std::size_t strip = 0; strip < kStrips; strip += kDoubles) {
    const double* values = strips.values + block * strips.n_steps * kStrips + strip;
    VI bits{}, bit = 1 - VI{};
    for (std::size_t step = 0; step < strips.n_steps; ++step, values += kStrips) {
      bits = is_inside(load_unaligned(values)) ? bits | bit : bits;
      bit += bit;
    }
    for (std::size_t lane = 0; lane < kDoubles; ++lane)
      inside[strip + lane] = static_cast<std::uint64_t>(bits[lane]);
  }
}

/// The distance in turns of the phase `turn` from the centre of the nearer one of two eclipses. The centre of
/// the first eclipse lies a quarter of a turn after `origin`, that of the second half a turn later.
struct Place {
  double distance;
  bool is_second;
};
struct Places {
  VD distance;
  decltype(VD{} < VD{}) is_second;
};
inline Places place_of(VD turn, double origin) {
  VD x = turn - origin;
  x = x < 0.0 ? x + 1.0 : x;
  x = x >= 1.0 ? x - 1.0 : x;
  const auto is_second = x >= 0.5;
  return {x - (is_second ? splat(0.75) : splat(0.25)), is_second};
}
inline Place place_of(double turn, double origin) {
  double x = turn - origin;
  if (x < 0) x += 1;
  if (x >= 1) x -= 1;
  const bool is_second = x >= 0.5;
  return {x - (is_second ? 0.75 : 0.25), is_second};
}

/// The sums over the observations that lie in one eclipse.
void sum_eclipse(const EclipseSums& s, const std::uint64_t* inside, double* sums) {
  constexpr std::size_t kVectors = kMostJitters / kDoubles;
  const double scale = 1 / (s.reach * s.reach);
  VD g_sum[kVectors] = {}, gg_sum[kVectors] = {}, gy_sum[kVectors] = {};
  for (std::size_t strip = 0; strip < s.turn.n_blocks * kStrips; ++strip) {
    const double* values = s.turn.values + strip / kStrips * s.turn.n_steps * kStrips + strip % kStrips;
    for (std::uint64_t left = inside[strip]; left != 0; left &= left - 1) {
      const auto step = static_cast<std::size_t>(__builtin_ctzll(left));
      const double distance = place_of(values[step * kStrips], s.origin).distance;
      const double below = 1 - distance * distance * scale;
      const double square = below * below, fourth = square * square, g = fourth * fourth;
      const std::size_t first = (strip * s.turn.n_steps + step) * kMostJitters;
#pragma GCC unroll 8
      for (std::size_t v = 0; v < kVectors; ++v) {
        const VD wg = load_unaligned(s.weight + first + v * kDoubles) * g;
        g_sum[v] += wg;
        gg_sum[v] += wg * g;
        gy_sum[v] += load_unaligned(s.weight_y + first + v * kDoubles) * g;
      }
    }
  }
  for (std::size_t v = 0; v < kVectors; ++v) {
    store_unaligned(sums + v * kDoubles, g_sum[v]);
    store_unaligned(sums + kMostJitters + v * kDoubles, gg_sum[v]);
    store_unaligned(sums + 2 * kMostJitters + v * kDoubles, gy_sum[v]);
  }
}

}  // namespace

void find_in_window(const PhaseWindow& w) {
  for (std::size_t block = 0; block < w.time.n_blocks; ++block) {
    find_inside(w.time, block, w.inside + block * kStrips, [&](VD time) {
      const VD x = time * w.frequency - w.begin, phase = x - floor_doubles(x);
      return (phase < w.width) | (phase > 1 - kWindowMargin);
    });
  }
}

void sum_eclipses(const EclipseSums& s) {
  const std::size_t n_words = s.turn.n_blocks * kStrips;
  for (std::size_t block = 0; block < s.turn.n_blocks; ++block) {
    std::uint64_t* const first = s.inside + block * kStrips;
    std::uint64_t second[kStrips];
    find_inside(s.turn, block, first, [&](VD turn) {
      const VD distance = place_of(turn, s.origin).distance;
      return (distance < 0.0 ? -distance : distance) < s.reach;
    });
    find_inside(s.turn, block, second, [&](VD turn) { return place_of(turn, s.origin).is_second; });
    for (std::size_t strip = 0; strip < kStrips; ++strip) {
      first[n_words + strip] = first[strip] & second[strip];
      first[strip] &= ~second[strip];
    }
  }
  sum_eclipse(s, s.inside, s.sums);
  sum_eclipse(s, s.inside + n_words, s.sums + 3 * kMostJitters);
}

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
