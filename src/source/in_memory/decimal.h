// SPDX-License-Identifier: MIT
//
// Arrow's decimals: whole numbers of up to 256 bits times a power of ten.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace astrom3 {

/// Sign and magnitude, so that the lowest number has one, too.
struct Decimal {
  bool is_negative = false;
  std::array<std::uint64_t, 4> words{};  ///< the lowest first

  static Decimal of(std::int64_t whole) noexcept;
  /// Two's complement in `n` words of 64 bits, the lowest first, at any address.
  static Decimal of(const char* bytes, int n) noexcept;

  /// The number with `decimals` digits behind the point (below 0: zeros before it): correctly rounded where
  /// all digits together are below 2^53 and there are at most 22 decimals, else within a few units of the
  /// last place.
  double number(int decimals) const noexcept;
  /// Its digits, exactly, without zeros behind the last one.
  void append(int decimals, std::string& text) const;
};

}  // namespace astrom3
