// SPDX-License-Identifier: MIT
//
// ProbSparse attention: a few queries attend, the others get the mean of the values.
#pragma once

#include <cstdint>

#include "encoder/forward.h"

namespace astrom3 {

/// All heads of one layer for all steps of h, rows of [T, D_padded], as upstream computes them; see
/// astrom3/attention.h for the formula.
///
/// key_samples  [T, u] the keys each query looks at; null: all keys
/// out          [T, heads_width]. Head by head, step by step, one after the other: upstream's reshape of
///              [H, T, D/H] to [T, D], so row r holds the pairs (head, step) number r*H to r*H + H-1
/// Ties of M go to the lower step. Source  Zhou et al. 2021, arXiv:2012.07436; upstream's layers.
void probsparse_attention(const Forward& forward, const PackedLayer& layer, const std::uint32_t* key_samples,
                          const Rows& h, float* out) noexcept;

}  // namespace astrom3
