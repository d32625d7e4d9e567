// SPDX-License-Identifier: MIT
//
// Whether numbers are finite, many at a time: std::isfinite() one by one takes longer than a small encoder.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace astrom3 {

inline bool all_finite(std::span<const float> x) noexcept {
  constexpr std::uint32_t kExponent = 0x7f800000;  // all its bits are set: infinite or not a number
  constexpr std::size_t kTogether = 16;
  const auto is_fault = [&](std::size_t i) -> std::uint32_t {
    return (std::bit_cast<std::uint32_t>(x[i]) & kExponent) == kExponent ? 1 : 0;
  };
  std::uint32_t faults[kTogether] = {}, any = 0;
  const std::size_t whole = x.size() / kTogether * kTogether;
  for (std::size_t i = 0; i < whole; i += kTogether) {
    for (std::size_t j = 0; j < kTogether; ++j) faults[j] |= is_fault(i + j);
  }
  for (const std::uint32_t fault : faults) any |= fault;
  for (std::size_t i = whole; i < x.size(); ++i) any |= is_fault(i);
  return any == 0;
}

}  // namespace astrom3
