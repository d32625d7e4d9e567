// SPDX-License-Identifier: MIT
//
// The index of a feature among the four features.
#pragma once

#include <cstddef>

#include "astrom3/features/scaling.h"

namespace astrom3 {

constexpr std::size_t index_of(Feature feature) {
  return static_cast<std::size_t>(feature);
}

}  // namespace astrom3
