// SPDX-License-Identifier: MIT
//
// Nearest neighbours among embeddings: exact, by cosine similarity.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "astrom3/base/error.h"

namespace astrom3 {

/// Rows of one matrix, normalised once, searched any number of times.
///
/// Immutable after construction: any number of threads may search at once. A result is the same bits for
/// any number of threads, for any grouping of the queries and on every instruction set.
class NeighbourIndex {
 public:
  static constexpr std::int64_t kNone = -1;  ///< the row of a neighbour that does not exist

  /// rows  [N, dimension] row-major, copied and scaled to unit length. A row that is not finite or all
  ///       zero (a rejected object) keeps its number and is never a neighbour.
  /// Throws Error usage when dimension is 0 or does not divide the number of values.
  NeighbourIndex(std::span<const float> rows, std::size_t dimension, std::size_t n_threads = 0);

  std::size_t size() const noexcept { return n_rows_; }
  std::size_t dimension() const noexcept { return dimension_; }

  /// The k rows most similar to each query, best first; of equal ones the lower row number first.
  ///
  ///   similarity = <q, r> / (|q| |r|)      -1 .. 1, error below 1e-6
  ///
  /// queries     [Q, dimension] row-major
  /// rows        [Q, k] written; kNone past the last neighbour and for a query that is not finite or zero
  /// similarity  [Q, k] written; NaN beside kNone
  /// n_threads   0: all this process may use
  /// Throws Error usage when a span has the wrong size.
  /// Cost        Q N dimension multiply-adds; memory beside the index: O(k) per thread for each of 1024
  /// queries
  void find(std::span<const float> queries, std::size_t k, std::span<std::int64_t> rows,
            std::span<float> similarity, std::size_t n_threads = 0) const;

 private:
  void find_some(std::span<const float> queries, std::size_t k, std::span<std::int64_t> rows,
                 std::span<float> similarity, std::size_t n_threads) const;

  std::size_t n_rows_ = 0;
  std::size_t dimension_ = 0;
  std::size_t stride_ = 0;              ///< floats from row to row
  std::vector<float> unit_;             ///< [N, stride], padding 0
  std::vector<std::uint8_t> is_valid_;  ///< [N]
};

}  // namespace astrom3
