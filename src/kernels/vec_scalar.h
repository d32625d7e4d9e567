// SPDX-License-Identifier: MIT
//
// Vec without vector instructions is an array. The other forms are tested against it. See vec.h.
#pragma once

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {

// These sizes suit the registers of plain x86-64, which the compiler uses by itself.
inline constexpr std::size_t kTileRows = 4;
inline constexpr std::size_t kTileVectors = 1;
inline constexpr std::size_t kVectorBytes = 16;

struct Vec {
  float lane[16];
};

template <typename Function>
ASTROM3_INLINE Vec each_lane(Function function) {
  Vec r;
  for (std::size_t i = 0; i < 16; ++i) r.lane[i] = function(i);
  return r;
}

ASTROM3_INLINE float from_bits(std::uint32_t bits) {
  float x;
  __builtin_memcpy(&x, &bits, sizeof x);
  return x;
}
ASTROM3_INLINE std::uint32_t to_bits(float x) {
  std::uint32_t bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  return bits;
}

ASTROM3_INLINE Vec broadcast(float x) {
  return each_lane([&](std::size_t) { return x; });
}
ASTROM3_INLINE Vec load(const float* p) {
  return each_lane([&](std::size_t i) { return p[i]; });
}
ASTROM3_INLINE void store(float* p, const Vec& a) {
  for (std::size_t i = 0; i < 16; ++i) p[i] = a.lane[i];
}
ASTROM3_INLINE Vec operator+(const Vec& a, const Vec& b) {
  return each_lane([&](std::size_t i) { return a.lane[i] + b.lane[i]; });
}
ASTROM3_INLINE Vec operator-(const Vec& a, const Vec& b) {
  return each_lane([&](std::size_t i) { return a.lane[i] - b.lane[i]; });
}
ASTROM3_INLINE Vec operator*(const Vec& a, const Vec& b) {
  return each_lane([&](std::size_t i) { return a.lane[i] * b.lane[i]; });
}
ASTROM3_INLINE Vec operator/(const Vec& a, const Vec& b) {
  return each_lane([&](std::size_t i) { return a.lane[i] / b.lane[i]; });
}
/// a * b + c, rounded once (IEEE 754 requires it of fmaf, so the C library cannot change a bit).
ASTROM3_INLINE Vec fma(const Vec& a, const Vec& b, const Vec& c) {
  return each_lane([&](std::size_t i) { return __builtin_fmaf(a.lane[i], b.lane[i], c.lane[i]); });
}
/// c - a * b, rounded once.
ASTROM3_INLINE Vec fnma(const Vec& a, const Vec& b, const Vec& c) {
  return each_lane([&](std::size_t i) { return __builtin_fmaf(-a.lane[i], b.lane[i], c.lane[i]); });
}
ASTROM3_INLINE Vec max(const Vec& a, const Vec& b) {
  return each_lane([&](std::size_t i) { return a.lane[i] > b.lane[i] ? a.lane[i] : b.lane[i]; });
}
ASTROM3_INLINE Vec min(const Vec& a, const Vec& b) {
  return each_lane([&](std::size_t i) { return a.lane[i] < b.lane[i] ? a.lane[i] : b.lane[i]; });
}
ASTROM3_INLINE Vec abs(const Vec& a) {
  return each_lane([&](std::size_t i) { return __builtin_fabsf(a.lane[i]); });
}
/// Lanes 2 i and 2 i + 1 exchanged.
ASTROM3_INLINE Vec swap_neighbours(const Vec& a) {
  return each_lane([&](std::size_t i) { return a.lane[i ^ 1]; });
}

/// The first n <= 16 lanes from memory, the others 0; nothing else is read.
ASTROM3_INLINE Vec load_first(const float* p, std::size_t n) {
  return each_lane([&](std::size_t i) { return i < n ? p[i] : 0.0f; });
}
/// The first n <= 16 lanes to memory; nothing else is written.
ASTROM3_INLINE void store_first(float* p, const Vec& a, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) p[i] = a.lane[i];
}
/// Lanes from n on become x.
ASTROM3_INLINE Vec fill_from(const Vec& a, std::size_t n, float x) {
  return each_lane([&](std::size_t i) { return i < n ? a.lane[i] : x; });
}

/// True when some lane of a is >= b.
ASTROM3_INLINE bool any_at_least(const Vec& a, const Vec& b) {
  for (std::size_t i = 0; i < 16; ++i) {
    if (a.lane[i] >= b.lane[i]) return true;
  }
  return false;
}
/// a >= b ? x : y, lane by lane.
ASTROM3_INLINE Vec where_at_least(const Vec& a, const Vec& b, const Vec& x, const Vec& y) {
  return each_lane([&](std::size_t i) { return a.lane[i] >= b.lane[i] ? x.lane[i] : y.lane[i]; });
}

/// The bits of each lane shifted left by 23: the low bits become the exponent.
ASTROM3_INLINE Vec shift_into_exponent(const Vec& a) {
  return each_lane([&](std::size_t i) { return from_bits(to_bits(a.lane[i]) << 23); });
}

/// Sixteen unsigned integers of 32 bits, modulo 2^32.
struct Bits {
  std::uint32_t lane[16];
};
ASTROM3_INLINE Bits broadcast_bits(std::uint32_t x) {
  Bits r;
  for (std::size_t i = 0; i < 16; ++i) r.lane[i] = x;
  return r;
}
/// first, first + 1, ...
ASTROM3_INLINE Bits count_from(std::uint32_t first) {
  Bits r;
  for (std::size_t i = 0; i < 16; ++i) r.lane[i] = first + static_cast<std::uint32_t>(i);
  return r;
}
ASTROM3_INLINE Bits operator+(const Bits& a, const Bits& b) {
  Bits r;
  for (std::size_t i = 0; i < 16; ++i) r.lane[i] = a.lane[i] + b.lane[i];
  return r;
}
ASTROM3_INLINE Bits operator*(const Bits& a, const Bits& b) {
  Bits r;
  for (std::size_t i = 0; i < 16; ++i) r.lane[i] = a.lane[i] * b.lane[i];
  return r;
}
/// x ^ x >> Shift.
template <int Shift>
ASTROM3_INLINE Bits fold(const Bits& a) {
  Bits r;
  for (std::size_t i = 0; i < 16; ++i) r.lane[i] = a.lane[i] ^ a.lane[i] >> Shift;
  return r;
}
/// a >= b ? x : 0, lane by lane.
ASTROM3_INLINE Vec keep_at_least(const Bits& a, const Bits& b, const Vec& x) {
  return each_lane([&](std::size_t i) { return a.lane[i] >= b.lane[i] ? x.lane[i] : 0.0f; });
}

/// A table of sixteen constants, from which the low four bits of each lane of `index` select one.
struct Table16 {
  const float* constants;
};
ASTROM3_INLINE Table16 load_table(const float* p) {
  return {p};
}
ASTROM3_INLINE Vec look_up(const Table16& table, const Vec& index) {
  return each_lane([&](std::size_t i) { return table.constants[to_bits(index.lane[i]) & 15u]; });
}

/// The sum of all lanes, in the order vec.h states.
ASTROM3_INLINE float sum(Vec a) {
  for (std::size_t half = 8; half > 0; half /= 2) {
    for (std::size_t i = 0; i < half; ++i) a.lane[i] = a.lane[i] + a.lane[i + half];
  }
  return a.lane[0];
}
/// The largest lane.
ASTROM3_INLINE float largest(Vec a) {
  for (std::size_t half = 8; half > 0; half /= 2) {
    for (std::size_t i = 0; i < half; ++i)
      a.lane[i] = a.lane[i] > a.lane[i + half] ? a.lane[i] : a.lane[i + half];
  }
  return a.lane[0];
}

/// dst[j][i] = src[i][j] for a block of 16 x 16.
ASTROM3_INLINE void transpose16(const float* src, std::size_t src_stride, float* dst,
                                std::size_t dst_stride) {
  for (std::size_t i = 0; i < 16; ++i) {
    for (std::size_t j = 0; j < 16; ++j) dst[j * dst_stride + i] = src[i * src_stride + j];
  }
}

/// The largest whole numbers not above x, 0 <= x < 2^51.
typedef double TwoDoubles __attribute__((vector_size(16), may_alias));
ASTROM3_INLINE TwoDoubles floor_doubles(TwoDoubles x) {
  const TwoDoubles magic = {6755399441055744.0,
                            6755399441055744.0};  // 1.5 * 2^52 leaves no room for a fraction
  const TwoDoubles nearest = (x + magic) - magic, one = {1.0, 1.0}, none = {0.0, 0.0};
  return nearest - (nearest > x ? one : none);
}

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
