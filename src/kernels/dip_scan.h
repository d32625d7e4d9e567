// SPDX-License-Identifier: MIT
//
// The vector kernel of the search for narrow eclipses: it finds the frequencies at which the dips of a star
// have nearly the same phase. It uses integers only, so that every instruction set gives the same result.
#pragma once

#include <cstddef>
#include <cstdint>

namespace astrom3::kernels {

inline constexpr std::size_t kScanLanes = 16;  ///< frequencies side by side
inline constexpr std::size_t kMaxDips = 24;
inline constexpr std::size_t kPhaseBins = 32;

/// The dips of one star: first `n_light` dips of weight 1, then `n_heavy` dips of weight 2. Both numbers are
/// multiples of 3; dips that fill them up have `present` 0.
struct DipScan {
  std::size_t n_light, n_heavy;  ///< n_light + n_heavy <= kMaxDips + 4
  const std::uint32_t* present;  ///< [n] 1 or 0
  const std::uint32_t*
      advance;  ///< [n] how far the phase moves from one group of frequencies to the next, in turns * 2^32
  std::uint32_t* phase;  ///< [n][kScanLanes] turns * 2^32; advanced in place
  std::uint32_t wanted;  ///< the weight that two neighbouring bins must have together, 1..63
  std::size_t n_groups;  ///< the number of groups of kScanLanes frequencies
  std::uint32_t*
      hits;  ///< [n_groups][kScanLanes] out: bit b is set where bins b and b + 1 have `wanted` together
};

}  // namespace astrom3::kernels
