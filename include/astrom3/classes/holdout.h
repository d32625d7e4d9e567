// SPDX-License-Identifier: MIT
//
// Which objects are kept out of training: the id alone decides it, in the same way for everybody and forever.
#pragma once

#include <string_view>

namespace astrom3 {

/// The share of ids that are held out by default.
inline constexpr double kHoldoutFraction = 0.15;

/// The position of an id in [0, 1): the first eight bytes of SHA-256(object_id) as a big-endian integer, over
/// 2^64. In Python: int.from_bytes(hashlib.sha256(id.encode()).digest()[:8], "big") / 2**64.
double holdout_position(std::string_view object_id);

/// Whether the object is held out: its position is below `fraction`. This does not depend on the other
/// objects of the table, and a larger fraction also holds out all objects that a smaller one does.
inline bool is_held_out(std::string_view object_id, double fraction = kHoldoutFraction) {
  return holdout_position(object_id) < fraction;
}

}  // namespace astrom3
