// SPDX-License-Identifier: MIT
//
// ProbSparse attention: a few queries attend to all keys, the other queries get the mean of the values.
#pragma once

#include <cstdint>

#include "encoder/forward.h"

namespace astrom3 {

/// ProbSparse attention of one layer, all heads, for all steps of h, rows of [T, D_padded], as upstream
/// computes it; astrom3/attention.h has the formula.
///
/// key_samples  [T, u] the keys that each query looks at; null for all keys
/// out          [T, heads_width]. Upstream reshapes [H, T, D/H] to [T, D]: the results stand head by head,
/// and
///              within a head step by step, so that row r holds the pairs (head, step) r*H to r*H + H-1
/// Where two steps have the same M, the lower one is chosen.
/// Source  Zhou et al. 2021, arXiv:2012.07436; upstream's layers.
void probsparse_attention(const Forward& forward, const PackedLayer& layer, const std::uint32_t* key_samples,
                          const Rows& h, float* out) noexcept;

}  // namespace astrom3
