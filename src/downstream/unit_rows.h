// SPDX-License-Identifier: MIT
//
// Embeddings at unit length, in double.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace astrom3 {

/// How many rows `values` has. Throws Error usage, beginning with `what`, when dimension is 0 or does not
/// divide the number of values.
std::size_t count_rows(std::span<const float> values, std::size_t dimension, const char* what);

/// Throws Error usage, beginning with `what`, if a row is not finite or is zero.
void check_directions(std::span<const float> values, std::size_t dimension, const char* what);

/// The rows [N, dimension] at unit length; every row is finite and not zero.
std::vector<double> unit_rows(std::span<const float> values, std::size_t dimension);

}  // namespace astrom3
