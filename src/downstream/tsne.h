// SPDX-License-Identifier: MIT
//
// The function that t-SNE minimises, and its gradient.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "downstream/affinities.h"

namespace astrom3 {

/// Constants of one evaluation.
struct TsneStep {
  double theta = 0.5;
  double exaggeration = 1;  ///< factor on every p_ij
  std::size_t n_threads = 1;
};

/// dC/dy with C = sum p_ij log(p_ij / q_ij), q_ij = (1 + |y_i - y_j|^2)^-1 / Z:
///
///   dC/dy_i = 4 sum_j (p_ij - q_ij) (y_i - y_j) / (1 + |y_i - y_j|^2)
///
/// y         [n, 2]
/// gradient  [n, 2] written; the same bits for any n_threads
void tsne_gradient(const Affinities& affinities, std::span<const double> y, const TsneStep& step,
                   std::span<double> gradient);

}  // namespace astrom3
