// SPDX-License-Identifier: MIT
//
// The nearest neighbours of every row among the others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace astrom3 {

/// The k nearest other rows of each row, nearest first, by the distance of unit vectors, sqrt(2 - 2 cos).
struct NeighbourGraph {
  std::size_t n = 0, k = 0;
  std::vector<std::uint32_t> rows;  ///< [n, k]
  std::vector<double> distance;     ///< [n, k], each from all its numbers in double
};

/// values  [n, dimension], every row finite and not zero
/// k       at most n - 1
NeighbourGraph build_neighbour_graph(std::span<const float> values, std::size_t dimension, std::size_t k,
                                     std::size_t n_threads);

/// The fraction of the neighbours in `a` that are neighbours of the same row in `b`.
double shared_fraction(const NeighbourGraph& a, const NeighbourGraph& b);

}  // namespace astrom3
