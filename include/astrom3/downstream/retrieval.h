// SPDX-License-Identifier: MIT
//
// How well an object is found in one modality by its embedding in another.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "astrom3/downstream/embeddings.h"

namespace astrom3 {

inline constexpr std::array<std::size_t, 3> kRecallRanks{1, 5, 10};

/// One direction: every query is compared with all candidates, of which one is the same object.
struct Retrieval {
  std::size_t n = 0;                                 ///< objects with an embedding in both modalities
  std::array<double, kRecallRanks.size()> recall{};  ///< share of queries whose object is among the first k
  double median_rank = 0;                            ///< 1 is the best
  std::array<double, kRecallRanks.size()> chance{};  ///< of recall: min(k, n) / n
  double chance_median_rank = 0;                     ///< (n + 1) / 2
};

/// `from` and `to` hold the same objects in the same order; those without an embedding in either are left
/// out.
///
///   rank = 1 + the number of other candidates that are more similar + half of those that are as similar
///
/// Similarity is the cosine, summed in double: the same for any number of threads. Throws Error usage where
/// the tables are of different objects or widths; no_input where no object has both embeddings. Cost  n^2 D
/// multiply-adds
Retrieval measure_retrieval(const EmbeddingTable& from, const EmbeddingTable& to, std::size_t n_threads = 0);

}  // namespace astrom3
