// SPDX-License-Identifier: MIT
//
// The minimum of a smooth function of many variables, from its gradient: L-BFGS.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

namespace astrom3 {

struct LbfgsOptions {
  std::size_t max_iterations = 1000;
  double tolerance = 1e-7;  ///< of the largest derivative
};

struct LbfgsResult {
  double value = 0;
  std::size_t n_iterations = 0;
  bool converged = false;
};

/// Writes the gradient at x and returns the value.
using Objective = std::function<double(std::span<const double> x, std::span<double> gradient)>;

/// Walks `x` to a minimum. Memory of ten steps; step lengths by bisection until both weak Wolfe conditions
/// hold. No random numbers: equal input gives equal bits.
/// Source  Nocedal & Wright 2006, Numerical Optimization, algorithm 7.4; Lewis & Overton 2013, Math. Program.
///         141, 135 for the step.
LbfgsResult minimise_lbfgs(const Objective& objective, std::vector<double>& x,
                           const LbfgsOptions& options = {});

}  // namespace astrom3
