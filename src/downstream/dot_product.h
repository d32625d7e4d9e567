// SPDX-License-Identifier: MIT
//
// The dot product in double precision, added up from the first element to the last.
#pragma once

#include <cstddef>
#include <span>

namespace astrom3 {

inline double dot(std::span<const double> a, std::span<const double> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

}  // namespace astrom3
