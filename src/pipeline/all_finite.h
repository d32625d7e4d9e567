// SPDX-License-Identifier: MIT
//
// Whether the encoder's output can be written.
#pragma once

#include <algorithm>
#include <cmath>
#include <span>

namespace astrom3 {

inline bool all_finite(std::span<const float> values) {
  return std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); });
}

}  // namespace astrom3
