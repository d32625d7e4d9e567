// SPDX-License-Identifier: MIT
//
// Bits of an Arrow bitmap: which values are there.
#pragma once

#include <cstdint>

namespace astrom3 {

inline bool bit_is_set(const std::uint8_t* bits, std::int64_t i) noexcept {
  return (bits[i >> 3] >> (i & 7) & 1) != 0;
}

/// Whether element i is valid: bit first + i; without a bitmap, every element is valid.
struct Validity {
  const std::uint8_t* bits = nullptr;
  std::int64_t first = 0;

  bool operator()(std::int64_t i) const noexcept { return bits == nullptr || bit_is_set(bits, first + i); }
};

}  // namespace astrom3
