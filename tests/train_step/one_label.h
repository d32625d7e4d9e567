// SPDX-License-Identifier: MIT
//
// Labels of examples that are of one class.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace astrom3 {

/// The set of one class of four.
inline std::span<const std::int32_t> one_label(std::size_t c) {
  static constexpr std::array<std::int32_t, 4> kLabels{0, 1, 2, 3};
  return std::span(kLabels).subspan(c, 1);
}

}  // namespace astrom3
