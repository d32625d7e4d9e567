// SPDX-License-Identifier: MIT
//
// Embeddings in the plane: principal components, and a layout that keeps neighbours together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace astrom3 {

/// The two directions of largest variance of the rows at unit length. Each has its largest element positive.
///
/// values  [N, dimension], every row finite and not zero
/// Returns [N, 2]. Throws Error usage when the sizes do not fit, no_input for fewer than two rows.
/// Cost    N dimension^2, then Jacobi rotations of a dimension x dimension matrix.
std::vector<double> project_pca(std::span<const float> values, std::size_t dimension);

struct TsneOptions {
  double perplexity = 30;  ///< about how many neighbours a row has; brought down for small N
  std::size_t n_iterations = 750;
  double theta = 0.5;  ///< a cell of the tree stands for its rows where size / distance is below this
};

/// t-SNE by Barnes and Hut's tree, from exact nearest neighbours by cosine.
///
/// Begins at `start` (project_pca) and draws no random numbers: equal input gives equal layouts, the same bits for
/// any n_threads.
/// start     [N, 2]
/// progress  called before every iteration with its number; false ends the walk early; may be empty
/// Returns   [N, 2]
/// Source    van der Maaten 2014, JMLR 15, 3221; start and learning rate: Kobak & Berens 2019, Nat. Commun. 10, 5416
std::vector<double> project_tsne(std::span<const float> values, std::size_t dimension,
                                 std::span<const double> start, const TsneOptions& options = {},
                                 std::size_t n_threads = 0,
                                 const std::function<bool(std::size_t)>& progress = {});

}  // namespace astrom3
