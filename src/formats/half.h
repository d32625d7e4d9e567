// SPDX-License-Identifier: MIT
//
// Between float32 and the other floating types of a checkpoint: F16, BF16, F64.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace astrom3 {

/// IEEE binary16 to float32, exactly; NaN stays NaN.
inline float float_of_f16(std::uint16_t half) noexcept {
  const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000u) << 16;
  const std::uint32_t exponent = half >> 10 & 0x1Fu;
  const std::uint32_t fraction = half & 0x3FFu;
  if (exponent == 0) {  // zero or subnormal: fraction * 2^-24, exact in float32
    const float magnitude = static_cast<float>(fraction) * 0x1p-24f;
    return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(magnitude));
  }
  // Biases are 15 and 127; exponent 31 (inf, NaN) becomes 255.
  const std::uint32_t wide = exponent == 0x1Fu ? 0xFFu : exponent + (127 - 15);
  return std::bit_cast<float>(sign | wide << 23 | fraction << 13);
}

/// float_of_f16() of kHalvesTogether numbers without a branch, so that compilers make vector code of it.
inline constexpr std::size_t kHalvesTogether = 256;
inline void floats_of_f16(const std::uint16_t* half, float* out) noexcept {
  constexpr std::uint32_t kBias = (127 - 15) << 23, kOne = 1 << 23;
  for (std::size_t i = 0; i < kHalvesTogether; ++i) {
    const std::uint32_t sign = static_cast<std::uint32_t>(half[i] & 0x8000u) << 16;
    const std::uint32_t magnitude = static_cast<std::uint32_t>(half[i] & 0x7FFFu) << 13;
    const std::uint32_t is_infinite = 0u - static_cast<std::uint32_t>(magnitude >= 31 * kOne);  // or NaN
    const std::uint32_t is_subnormal = 0u - static_cast<std::uint32_t>(magnitude < kOne);
    const std::uint32_t wide = magnitude + kBias + (is_infinite & kBias);
    // 2^-14 + fraction * 2^-24, from which 2^-14 is taken away: exact.
    const float subnormal = std::bit_cast<float>(magnitude + kBias + kOne) - 0x1p-14f;
    const std::uint32_t bits =
        (wide & ~is_subnormal) | (std::bit_cast<std::uint32_t>(subnormal) & is_subnormal);
    out[i] = std::bit_cast<float>(bits | sign);
  }
}

/// bfloat16 is the upper half of a float32.
inline float float_of_bf16(std::uint16_t half) noexcept {
  return std::bit_cast<float>(static_cast<std::uint32_t>(half) << 16);
}

/// Rounded to nearest, ties to even; beyond float32 infinite (IEEE 754, the CPU's conversion).
inline float nearest_float(double value) noexcept {
  return static_cast<float>(value);
}

/// float32 to IEEE binary16, rounded to nearest, ties to even; beyond 65504 infinite; NaN stays NaN.
inline std::uint16_t f16_of_float(float value) noexcept {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  const auto sign = static_cast<std::uint16_t>(bits >> 16 & 0x8000u);
  const std::uint32_t magnitude = bits & 0x7FFFFFFFu;
  if (magnitude > 0x7F800000u) return static_cast<std::uint16_t>(sign | 0x7E00u);
  if (magnitude >= 0x477FF000u) return static_cast<std::uint16_t>(sign | 0x7C00u);  // 65520 and more
  if (magnitude < 0x38800000u) {  // below 2^-14: a multiple of 2^-24, rounded by the float's own addition
    const float sum = std::bit_cast<float>(magnitude) + 0.5f;
    return static_cast<std::uint16_t>(sign | (std::bit_cast<std::uint32_t>(sum) - 0x3F000000u));
  }
  const std::uint32_t rounded = magnitude + 0xFFFu + (magnitude >> 13 & 1u);
  return static_cast<std::uint16_t>(sign | ((rounded - 0x38000000u) >> 13));
}

}  // namespace astrom3
