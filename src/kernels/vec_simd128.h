// SPDX-License-Identifier: MIT
//
// Vec on the vector instructions of WebAssembly is four vectors of 128 bits. See vec.h.
#pragma once

#include <wasm_simd128.h>

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {

inline constexpr std::size_t kTileRows = 2;
inline constexpr std::size_t kTileVectors = 1;
inline constexpr std::size_t kVectorBytes = 16;

struct Vec {
  v128_t part[4];  ///< lanes 0-3, 4-7, 8-11, 12-15
};

template <typename Function>
ASTROM3_INLINE Vec each_part(Function function) {
  return {{function(0), function(1), function(2), function(3)}};
}

ASTROM3_INLINE Vec broadcast(float x) {
  const v128_t all = wasm_f32x4_splat(x);
  return {{all, all, all, all}};
}
ASTROM3_INLINE Vec load(const float* p) {
  return each_part([&](std::size_t i) { return wasm_v128_load(p + 4 * i); });
}
ASTROM3_INLINE void store(float* p, const Vec& x) {
  for (std::size_t i = 0; i < 4; ++i) wasm_v128_store(p + 4 * i, x.part[i]);
}

/// function(lane) for each lane, by way of memory: for what has no instruction.
template <typename Function>
ASTROM3_INLINE Vec each_lane(Function function) {
  alignas(16) float lanes[16];
  for (std::size_t i = 0; i < 16; ++i) lanes[i] = function(i);
  return load(lanes);
}
ASTROM3_INLINE std::uint32_t to_bits(float x) {
  std::uint32_t bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  return bits;
}

ASTROM3_INLINE Vec operator+(const Vec& x, const Vec& y) {
  return each_part([&](std::size_t i) { return wasm_f32x4_add(x.part[i], y.part[i]); });
}
ASTROM3_INLINE Vec operator-(const Vec& x, const Vec& y) {
  return each_part([&](std::size_t i) { return wasm_f32x4_sub(x.part[i], y.part[i]); });
}
ASTROM3_INLINE Vec operator*(const Vec& x, const Vec& y) {
  return each_part([&](std::size_t i) { return wasm_f32x4_mul(x.part[i], y.part[i]); });
}
ASTROM3_INLINE Vec operator/(const Vec& x, const Vec& y) {
  return each_part([&](std::size_t i) { return wasm_f32x4_div(x.part[i], y.part[i]); });
}
ASTROM3_INLINE Vec abs(const Vec& x) {
  return each_part([&](std::size_t i) { return wasm_f32x4_abs(x.part[i]); });
}
// pmax(y, x) is y < x ? x : y, so that a NaN in y is kept.
ASTROM3_INLINE Vec max(const Vec& x, const Vec& y) {
  return each_part([&](std::size_t i) { return wasm_f32x4_pmax(y.part[i], x.part[i]); });
}
ASTROM3_INLINE Vec min(const Vec& x, const Vec& y) {
  return each_part([&](std::size_t i) { return wasm_f32x4_pmin(y.part[i], x.part[i]); });
}

/// x * y + z, rounded once, by the C library.
[[gnu::noinline]] inline Vec fma_of_each(const Vec& x, const Vec& y, const Vec& z) {
  alignas(16) float a[16], b[16], c[16];
  store(a, x);
  store(b, y);
  store(c, z);
  return each_lane([&](std::size_t i) { return __builtin_fmaf(a[i], b[i], c[i]); });
}

// WebAssembly has no instruction for x * y + z rounded once. In double the product is exact and the sum
// rounded once; as a float it is rounded a second time, which is one time too many only where the double lies
// exactly between two floats: rounding is monotonic, so that otherwise the double and the exact sum have the
// same nearest float. Normal floats have 24 bits of the 53, so what lies between two of them ends in a one
// and 28 zeros. Below the normal floats, the smallest of which counts as one of these, the bits lie
// elsewhere, and the C library computes all sixteen lanes, as it does for a double in the middle: one in some
// 500 million.
ASTROM3_INLINE v128_t promote_high(v128_t x) {
  return wasm_f64x2_promote_low_f32x4(wasm_i32x4_shuffle(x, x, 2, 3, 2, 3));
}
/// x * y + z, rounded once.
ASTROM3_INLINE Vec fma(const Vec& x, const Vec& y, const Vec& z) {
  const v128_t low_bits = wasm_i32x4_splat(0x1fffffff), middle = wasm_i32x4_splat(0x10000000);
  const v128_t smallest = wasm_f32x4_splat(0x1p-126f);
  v128_t doubtful = wasm_i32x4_splat(0);
  const Vec result = each_part([&](std::size_t i) {
    const v128_t low = wasm_f64x2_add(
        wasm_f64x2_mul(wasm_f64x2_promote_low_f32x4(x.part[i]), wasm_f64x2_promote_low_f32x4(y.part[i])),
        wasm_f64x2_promote_low_f32x4(z.part[i]));
    const v128_t high = wasm_f64x2_add(wasm_f64x2_mul(promote_high(x.part[i]), promote_high(y.part[i])),
                                       promote_high(z.part[i]));
    const v128_t ends = wasm_i32x4_shuffle(low, high, 0, 2, 4, 6);  // the low halves of the four doubles
    doubtful = wasm_v128_or(doubtful, wasm_i32x4_eq(wasm_v128_and(ends, low_bits), middle));
    const v128_t sum =
        wasm_i32x4_shuffle(wasm_f32x4_demote_f64x2_zero(low), wasm_f32x4_demote_f64x2_zero(high), 0, 1, 4, 5);
    doubtful = wasm_v128_or(doubtful, wasm_f32x4_le(wasm_f32x4_abs(sum), smallest));
    return sum;
  });
  if (__builtin_expect(wasm_v128_any_true(doubtful), 0)) return fma_of_each(x, y, z);
  return result;
}
/// z - x * y, rounded once.
ASTROM3_INLINE Vec fnma(const Vec& x, const Vec& y, const Vec& z) {
  return fma(each_part([&](std::size_t i) { return wasm_f32x4_neg(x.part[i]); }), y, z);
}

/// Lanes 2 i and 2 i + 1 exchanged.
ASTROM3_INLINE Vec swap_neighbours(const Vec& x) {
  return each_part([&](std::size_t i) { return wasm_i32x4_shuffle(x.part[i], x.part[i], 1, 0, 3, 2); });
}

/// The first n <= 16 lanes from memory, the others 0; nothing else is read.
ASTROM3_INLINE Vec load_first(const float* p, std::size_t n) {
  return each_lane([&](std::size_t i) { return i < n ? p[i] : 0.0f; });
}
/// The first n <= 16 lanes to memory; nothing else is written.
ASTROM3_INLINE void store_first(float* p, const Vec& x, std::size_t n) {
  alignas(16) float lanes[16];
  store(lanes, x);
  for (std::size_t i = 0; i < n; ++i) p[i] = lanes[i];
}
/// Lanes from n on become x.
ASTROM3_INLINE Vec fill_from(const Vec& v, std::size_t n, float x) {
  alignas(16) float lanes[16];
  store(lanes, v);
  return each_lane([&](std::size_t i) { return i < n ? lanes[i] : x; });
}

/// True when some lane of x is >= y.
ASTROM3_INLINE bool any_at_least(const Vec& x, const Vec& y) {
  v128_t any = wasm_i32x4_splat(0);
  for (std::size_t i = 0; i < 4; ++i) any = wasm_v128_or(any, wasm_f32x4_ge(x.part[i], y.part[i]));
  return wasm_v128_any_true(any);
}
/// x >= y ? p : q, lane by lane.
ASTROM3_INLINE Vec where_at_least(const Vec& x, const Vec& y, const Vec& p, const Vec& q) {
  return each_part([&](std::size_t i) {
    return wasm_v128_bitselect(p.part[i], q.part[i], wasm_f32x4_ge(x.part[i], y.part[i]));
  });
}

/// The bits of each lane shifted left by 23: the low bits become the exponent.
ASTROM3_INLINE Vec shift_into_exponent(const Vec& x) {
  return each_part([&](std::size_t i) { return wasm_i32x4_shl(x.part[i], 23); });
}

/// Sixteen unsigned integers of 32 bits, modulo 2^32.
struct Bits {
  v128_t part[4];
};
ASTROM3_INLINE Bits broadcast_bits(std::uint32_t x) {
  const v128_t all = wasm_u32x4_splat(x);
  return {{all, all, all, all}};
}
ASTROM3_INLINE Bits operator+(const Bits& x, const Bits& y) {
  Bits r;
  for (std::size_t i = 0; i < 4; ++i) r.part[i] = wasm_i32x4_add(x.part[i], y.part[i]);
  return r;
}
ASTROM3_INLINE Bits operator*(const Bits& x, const Bits& y) {
  Bits r;
  for (std::size_t i = 0; i < 4; ++i) r.part[i] = wasm_i32x4_mul(x.part[i], y.part[i]);
  return r;
}
/// first, first + 1, ...
ASTROM3_INLINE Bits count_from(std::uint32_t first) {
  const Bits lane = {{wasm_u32x4_const(0, 1, 2, 3), wasm_u32x4_const(4, 5, 6, 7),
                      wasm_u32x4_const(8, 9, 10, 11), wasm_u32x4_const(12, 13, 14, 15)}};
  return lane + broadcast_bits(first);
}
/// x ^ x >> Shift.
template <int Shift>
ASTROM3_INLINE Bits fold(const Bits& x) {
  Bits r;
  for (std::size_t i = 0; i < 4; ++i) r.part[i] = wasm_v128_xor(x.part[i], wasm_u32x4_shr(x.part[i], Shift));
  return r;
}
/// x >= y ? z : 0, lane by lane.
ASTROM3_INLINE Vec keep_at_least(const Bits& x, const Bits& y, const Vec& z) {
  return each_part(
      [&](std::size_t i) { return wasm_v128_and(wasm_u32x4_ge(x.part[i], y.part[i]), z.part[i]); });
}

/// A table of sixteen constants, from which the low four bits of each lane of `index` select one.
struct Table16 {
  const float* constants;
};
ASTROM3_INLINE Table16 load_table(const float* p) {
  return {p};
}
ASTROM3_INLINE Vec look_up(const Table16& table, const Vec& index) {
  alignas(16) float lanes[16];
  store(lanes, index);
  return each_lane([&](std::size_t i) { return table.constants[to_bits(lanes[i]) & 15u]; });
}

/// The sum of all lanes, in the order vec.h states.
ASTROM3_INLINE float sum(const Vec& x) {
  const v128_t four =
      wasm_f32x4_add(wasm_f32x4_add(x.part[0], x.part[2]), wasm_f32x4_add(x.part[1], x.part[3]));
  const v128_t two = wasm_f32x4_add(four, wasm_i32x4_shuffle(four, four, 2, 3, 0, 1));
  return wasm_f32x4_extract_lane(two, 0) + wasm_f32x4_extract_lane(two, 1);
}
/// The largest lane.
ASTROM3_INLINE float largest(const Vec& x) {
  const v128_t four =
      wasm_f32x4_pmax(wasm_f32x4_pmax(x.part[3], x.part[1]), wasm_f32x4_pmax(x.part[2], x.part[0]));
  const v128_t two = wasm_f32x4_pmax(wasm_i32x4_shuffle(four, four, 2, 3, 0, 1), four);
  const float first = wasm_f32x4_extract_lane(two, 0), second = wasm_f32x4_extract_lane(two, 1);
  return first > second ? first : second;
}

/// dst[j][i] = src[i][j] for a block of 16 x 16.
ASTROM3_INLINE void transpose16(const float* src, std::size_t src_stride, float* dst,
                                std::size_t dst_stride) {
  for (std::size_t i = 0; i < 16; ++i) {
    for (std::size_t j = 0; j < 16; ++j) dst[j * dst_stride + i] = src[i * src_stride + j];
  }
}

typedef double TwoDoubles __attribute__((vector_size(16), may_alias));
/// The largest whole numbers not above x.
ASTROM3_INLINE TwoDoubles floor_doubles(TwoDoubles x) {
  return reinterpret_cast<TwoDoubles>(wasm_f64x2_floor(reinterpret_cast<v128_t>(x)));
}

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
