// SPDX-License-Identifier: MIT
//
// A random forest that regresses magnitude on phase.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace astrom3 {

struct ForestOptions {
  std::size_t n_trees = 100;
  std::size_t min_leaf = 2;   ///< distinct observations in a leaf
  std::uint64_t seed = 2018;  ///< the same seed gives the same bits everywhere
};

/// Mean of bootstrap regression trees on one variable, predicted at the training points.
///
/// Every tree draws N observations with replacement and splits greedily where the squared error
/// falls most, until a leaf would have fewer than min_leaf distinct observations; splits lie
/// midway between neighbouring phases and never between equal ones.
///
/// phase [N] ascending   mag [N]   prediction [N], written
/// Cost    O(trees * N * depth): about 1 ms for N = 200
/// Source  Breiman 2001, Machine Learning 45, 5.
void forest_predict(std::span<const double> phase, std::span<const double> mag, const ForestOptions& options,
                    std::vector<double>& prediction);

}  // namespace astrom3
