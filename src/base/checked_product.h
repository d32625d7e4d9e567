// SPDX-License-Identifier: MIT
//
// Products of sizes that come from a file or a caller, which may overflow.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>

namespace astrom3 {

/// a * b * ..., or nothing if that does not fit 64 bits. A factor of 0 makes any product 0.
template <std::unsigned_integral... More>
constexpr std::optional<std::uint64_t> checked_product(std::uint64_t a, std::uint64_t b, More... more) {
  const bool has_zero = a == 0 || b == 0 || (... || (more == 0));
  if (has_zero) return 0;
  std::uint64_t product = 0;
  if (__builtin_mul_overflow(a, b, &product)) return std::nullopt;
  if constexpr (sizeof...(more) > 0) return checked_product(product, more...);
  return product;
}

}  // namespace astrom3
