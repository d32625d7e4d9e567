// SPDX-License-Identifier: MIT
//
// Places: rows that are equal, or as near to each other as float32 rounds, are one place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace astrom3 {

/// The distance of rows at unit length up to which they are one place: 2^-24 for each of two roundings of
/// every number, and the rounding of a table of eight digits.
inline constexpr double kPlaceRadius = 1e-6;

struct Places {
  std::vector<std::size_t> rows;      ///< [P] a row of each place, ascending
  std::vector<std::uint32_t> of_row;  ///< [N] its place
};

/// Every row belongs to the first place, in an order that the numbers alone decide, whose row is within
/// kPlaceRadius; so the places do not depend on the order of the rows.
///
/// values  [N, dimension], every row finite and not zero
Places find_places(std::span<const float> values, std::size_t dimension);

}  // namespace astrom3
