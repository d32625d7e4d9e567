// SPDX-License-Identifier: MIT
//
// Vector kernel of the search for narrow eclipses: at which frequencies do the dips of a star fall
// into one place of the phase? Integers only, so every instruction set finds the same.
#pragma once

#include <cstddef>
#include <cstdint>

namespace astrom3::kernels {

inline constexpr std::size_t kScanLanes = 16;  ///< frequencies side by side
inline constexpr std::size_t kMaxDips = 24;
inline constexpr std::size_t kPhaseBins = 32;

/// Dips in an order and number that come in threes: `n_light` of weight 1, then `n_heavy` of weight
/// 2, both multiples of 3; where there are not enough, `present` is 0.
struct DipScan {
  std::size_t n_light, n_heavy;  ///< n_light + n_heavy <= kMaxDips + 4
  const std::uint32_t* present;  ///< [n] 1 or 0
  const std::uint32_t* advance;  ///< [n] turns * 2^32 from one group of frequencies to the next
  std::uint32_t* phase;          ///< [n][kScanLanes] turns * 2^32; advanced in place
  std::uint32_t wanted;          ///< weight that two neighbouring bins must hold, 1..63
  std::size_t n_groups;          ///< of kScanLanes frequencies
  std::uint32_t* hits;           ///< [n_groups][kScanLanes] out: bit b: bins b, b + 1 hold `wanted`
};

}  // namespace astrom3::kernels
