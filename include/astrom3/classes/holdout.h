// SPDX-License-Identifier: MIT
//
// Which objects are kept out of training: decided by the id alone, the same for everybody and for good.
#pragma once

#include <string_view>

namespace astrom3 {

/// The share of ids that are held out where nothing else is said.
inline constexpr double kHoldoutFraction = 0.15;

/// Where an id stands in [0, 1): the first eight bytes of SHA-256(object_id) as a big-endian integer, over
/// 2^64. In Python: int.from_bytes(hashlib.sha256(id.encode()).digest()[:8], "big") / 2**64.
double holdout_position(std::string_view object_id);

/// Whether the object is held out: its position is below `fraction`. An object keeps its side whatever else
/// is in the table, and a larger fraction holds out what a smaller one did.
inline bool is_held_out(std::string_view object_id, double fraction = kHoldoutFraction) {
  return holdout_position(object_id) < fraction;
}

}  // namespace astrom3
