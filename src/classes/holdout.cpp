// SPDX-License-Identifier: MIT
#include "astrom3/classes/holdout.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/sha256.h"

namespace astrom3 {

double holdout_position(std::string_view object_id) {
  const std::string hex = sha256_hex(std::as_bytes(std::span(object_id.data(), object_id.size())));
  std::uint64_t first = 0;
  std::from_chars(hex.data(), hex.data() + 16, first, 16);
  // Cut to 53 bits first: 2^64 - 1 would otherwise round up to a position of 1.
  return std::ldexp(static_cast<double>(first >> 11), -53);
}

}  // namespace astrom3
