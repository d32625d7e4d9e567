// SPDX-License-Identifier: MIT
//
// How unusual an embedding is: in its class, and among all embeddings.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace astrom3 {

/// How far every row is from the centre of its class.
struct ClassDistances {
  std::vector<double> own;            ///< [N] cosine distance to the centroid of its class; NaN without one
  std::vector<double> relative;       ///< [N] `own` divided by its median in the class
  std::vector<std::int32_t> nearest;  ///< [N] the class whose centroid is nearest
  std::vector<double> to_nearest;     ///< [N] cosine distance to that centroid
};

/// The centroid of a class is the mean of its rows at unit length; distance = 1 - cos, 0 .. 2.
///
/// values   [N, dimension], every row finite and not zero
/// classes  [N] 0 .. n_classes-1, or -1: no class; such a row is part of no centroid, and has only `nearest`
/// Throws Error usage when the sizes do not fit, no_input when no row has a class.
ClassDistances measure_class_distances(std::span<const float> values, std::size_t dimension,
                                       std::span<const std::int32_t> classes, std::size_t n_classes);

/// How empty the neighbourhood of every row is. Distances are those of rows at unit length.
struct NeighbourScores {
  std::vector<double> kth_distance;          ///< [N] to the k-th neighbour
  std::vector<double> local_outlier_factor;  ///< [N] about 1 within a group, larger outside of groups
  std::size_t n_places = 0;                  ///< rows, equal ones counted once
  std::size_t k = 0;                         ///< neighbours taken
};

/// Rows that are as near to each other as float32 rounds, 1e-6, are one place, and places are scored, not
/// rows: equal rows, however many, neither make outliers of their neighbours nor hide one another.
///
///   reach(i, j) = max(d_k(j), |i - j|)     lrd(i) = 1 / (mean_j reach(i, j) + 1e-10)
///   LOF(i) = mean_j lrd(j) / lrd(i)        j: the k nearest places of i, without itself
///
/// values  [N, dimension], every row finite and not zero
/// k       lowered to the number of places less 1 if it is larger; if all rows are one place, every LOF is 1
///         and every distance 0
/// Throws Error usage when the sizes do not fit, no_input for fewer than two rows.
/// Cost    places^2 dimension multiply-adds. The same bits for any n_threads.
/// Source  Breunig, Kriegel, Ng & Sander 2000, SIGMOD 29, 93, with the distance to the k-th distinct place,
///         which they propose for duplicates (after definition 6); 1e-10 as in scikit-learn, whose numbers
///         these are if no rows are equal.
NeighbourScores score_by_neighbours(std::span<const float> values, std::size_t dimension, std::size_t k,
                                    std::size_t n_threads = 0);

}  // namespace astrom3
