// SPDX-License-Identifier: MIT
//
// How strongly rows attract one another in t-SNE: the neighbour graph as symmetric probabilities.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "downstream/neighbour_graph.h"

namespace astrom3 {

/// p(j | i) ~ exp(-b d_j^2) over the neighbours of one row, b such that the entropy is log(perplexity). If
/// more than `perplexity` neighbours are at distance 0, these share all of the probability.
///
/// distance  [k] ascending
/// p         [k] written; sums to 1
void fit_perplexity(std::span<const double> distance, double perplexity, std::span<double> p);

/// A sparse symmetric matrix by rows; its elements sum to 1.
struct Affinities {
  std::vector<std::size_t> begin;  ///< [n + 1] where a row begins
  std::vector<std::uint32_t> other;
  std::vector<double> p;

  std::size_t size() const noexcept { return begin.size() - 1; }
};

///   p_ij = (p_j|i + p_i|j) / 2n
Affinities symmetric_affinities(const NeighbourGraph& graph, double perplexity);

}  // namespace astrom3
