// SPDX-License-Identifier: MIT
//
// Embeddings in the plane: principal components, and a layout that keeps neighbours together.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace astrom3 {

/// Rows in the plane of their two principal components.
struct PrincipalComponents {
  std::vector<double> points;         ///< [N, 2], their mean is 0
  std::array<double, 2> explained{};  ///< share of all variance that each axis holds
};

/// Principal components of the rows at unit length, so that distances are those of the cosine.
///
///   u_i = v_i / |v_i|     point_i = (u_i - mean u) . (e_1, e_2)     e: eigenvectors of the covariance of u
///
/// The sign of an axis is chosen so that its eigenvector's element of largest size is positive.
/// values  [N, dimension]
/// Throws Error usage when the sizes do not fit or a row is not finite or zero, no_input for fewer than two
///         rows.
/// Cost    N dimension^2 / 2 multiply-adds, then Jacobi rotations of a [dimension, dimension] matrix.
PrincipalComponents project_pca(std::span<const float> values, std::size_t dimension);

struct TsneOptions {
  double perplexity = 30;  ///< about how many neighbours a row has; at most (N - 1) / 3 is used
  std::size_t n_iterations = 750;
  double theta = 0.5;  ///< a cell of the tree stands for its rows where size / distance is below it; 0: exact
  std::uint64_t seed = 0;  ///< for the random shifts of the start
  std::size_t n_threads = 0;
  /// Called before every iteration with its number; false ends the iterations early. May be empty.
  std::function<bool(std::size_t)> progress{};
};

/// t-SNE of the rows at unit length: the layout in which the probability that two rows are neighbours is most
/// similar to that among the embeddings. Neighbourhoods have a meaning; distances between groups, and the
/// sizes of groups, have little.
///
///   p_j|i ~ exp(-b_i |u_i - u_j|^2), b_i such that the entropy of p_.|i is log(perplexity)
///   p_ij = (p_j|i + p_i|j) / 2N     q_ij ~ 1 / (1 + |y_i - y_j|^2)     minimised: sum p_ij log(p_ij / q_ij)
///
/// The (3 perplexity) nearest neighbours are exact; repulsion is by Barnes and Hut's tree. Begins at
/// project_pca(), each coordinate moved by a normal number of 1 % of the first axis' deviation. The same bits
/// for any n_threads; the C library's exp and log decide last bits.
///
/// values   [N, dimension]
/// Returns  [N, 2], mean 0; for fewer than four rows their principal components
/// Throws Error usage when the sizes do not fit, a row is not finite or zero, perplexity is below 1 or theta
///         is not in 0 .. 0.7 (beyond 1/sqrt(2) a row would push itself); no_input for fewer than two rows.
/// Cost     N^2 dimension multiply-adds for the neighbours, N log N for each iteration
/// Source   van der Maaten 2014, JMLR 15, 3221; start: Kobak & Berens 2019, Nat. Commun. 10, 5416; learning
///          rate: Belkina et al. 2019, Nat. Commun. 10, 5415
std::vector<double> project_tsne(std::span<const float> values, std::size_t dimension,
                                 const TsneOptions& options = {});

/// How good a map is: the share of true neighbours that are among the k nearest on the map, averaged over the
/// rows. 1: all of them; k / (N - 1): chance.
///
/// neighbours  [N, k] rows, as NeighbourIndex::find returns them, without the row itself; kNone is skipped
/// points      [N, 2]
/// Throws Error usage when the sizes do not fit, k is 0 or not below N, or a row is not 0 .. N-1.
/// Cost    N^2 distances in the plane
double neighbours_kept(std::span<const std::int64_t> neighbours, std::size_t k,
                       std::span<const double> points, std::size_t n_threads = 0);

}  // namespace astrom3
