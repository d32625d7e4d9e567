// SPDX-License-Identifier: MIT
//
// Nearest neighbours within a set of embeddings, and how many of them two sets share.
#pragma once

#include <cstddef>
#include <vector>

#include "study/embedding.h"

namespace astrom3 {

using Neighbours = std::vector<std::vector<std::size_t>>;  // [n, k], sorted

/// The k < n nearest other objects of each, by cosine distance; ties to the earlier.
Neighbours find_neighbours(const Embeddings& embeddings, std::size_t k);

/// The fraction of neighbours in `a` that are also in `b`.
double fraction_kept(const Neighbours& a, const Neighbours& b);

}  // namespace astrom3
