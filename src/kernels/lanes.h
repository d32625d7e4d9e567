// SPDX-License-Identifier: MIT
//
// Vectors of floats or doubles, as wide as the registers of the instruction set, for kernels whose lanes are
// frequencies.
#pragma once

#include "kernels/vec.h"

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {

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
inline constexpr std::size_t kWidth = kVectorBytes / sizeof(T);

template <typename T>
ASTROM3_INLINE Vector<T> load_lanes(const T* p) {
  return *reinterpret_cast<const Vector<T>*>(p);
}
template <typename T>
ASTROM3_INLINE void store_lanes(T* p, Vector<T> v) {
  *reinterpret_cast<Vector<T>*>(p) = v;
}
template <typename T>
ASTROM3_INLINE Vector<T> splat(T value) {
  return value - Vector<T>{};
}
template <typename T>
ASTROM3_INLINE Vector<T> load_unaligned(const T* p) {
  typedef T U __attribute__((vector_size(kVectorBytes), may_alias, aligned(sizeof(T))));
  return *reinterpret_cast<const U*>(p);
}
template <typename T>
ASTROM3_INLINE void store_unaligned(T* p, Vector<T> v) {
  typedef T U __attribute__((vector_size(kVectorBytes), may_alias, aligned(sizeof(T))));
  *reinterpret_cast<U*>(p) = v;
}

using VD = Vector<double>;
inline constexpr std::size_t kDoubles = kWidth<double>;

/// Rounds to the nearest integer: adding 1.5 * 2^52 leaves no room for a fraction.
ASTROM3_INLINE VD round_to_integer(VD x) {
  const VD magic = splat(6755399441055744.0);
  return (x + magic) - magic;
}

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
