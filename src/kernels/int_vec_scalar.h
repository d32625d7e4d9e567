// SPDX-License-Identifier: MIT
//
// IntVec without vector instructions, as arrays: for plain code, and for WebAssembly, whose vector
// instructions have no product of bytes that is summed in fours. See int_vec.h.
#pragma once

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {

inline constexpr std::size_t kInt8TileRows = 4;
inline constexpr std::size_t kInt8TileVectors = 1;

inline constexpr const char* kInt8Needs = nullptr;
ASTROM3_INLINE bool int8_available() {
  return true;
}

struct IntVec {
  std::int32_t lane[16];
};
struct Quads {
  const std::int8_t* bytes;
};
struct Quad {
  const std::uint8_t* bytes;
};

ASTROM3_INLINE IntVec load_integers(const std::int32_t* p) {
  IntVec r;
  for (std::size_t i = 0; i < 16; ++i) r.lane[i] = p[i];
  return r;
}
ASTROM3_INLINE IntVec zero_integers() {
  return {};
}
ASTROM3_INLINE Quads load_quads(const std::int8_t* p) {
  return {p};
}
ASTROM3_INLINE Quad broadcast_quad(const std::uint8_t* p) {
  return {p};
}
ASTROM3_INLINE IntVec dot(IntVec acc, Quad a, Quads b) {
  for (std::size_t i = 0; i < 16; ++i) {
    for (std::size_t j = 0; j < 4; ++j) acc.lane[i] += a.bytes[j] * b.bytes[4 * i + j];
  }
  return acc;
}
ASTROM3_INLINE Vec to_float(const IntVec& a) {
  return each_lane([&](std::size_t i) { return static_cast<float>(a.lane[i]); });
}

ASTROM3_INLINE void store_low_bytes(std::uint8_t* p, const Vec& a) {
  alignas(16) float lanes[16];
  store(lanes, a);
  for (std::size_t i = 0; i < 16; ++i) p[i] = static_cast<std::uint8_t>(to_bits(lanes[i]));
}
/// Stores, for each lane i, the low bytes of a[i], b[i], c[i] and d[i], in this order.
ASTROM3_INLINE void store_low_bytes(std::int8_t* p, const Vec& a, const Vec& b, const Vec& c, const Vec& d) {
  const Vec* const all[4] = {&a, &b, &c, &d};
  alignas(16) float lanes[16];
  for (std::size_t j = 0; j < 4; ++j) {
    store(lanes, *all[j]);
    for (std::size_t i = 0; i < 16; ++i) p[4 * i + j] = static_cast<std::int8_t>(to_bits(lanes[i]));
  }
}

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
