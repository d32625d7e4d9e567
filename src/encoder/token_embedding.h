// SPDX-License-Identifier: MIT
//
// The token embedding, from nine channels to D: a circular convolution, to which the position is added.
#pragma once

#include <span>

#include "encoder/forward.h"

namespace astrom3 {

/// h[t] = sum_j W[:, :, j] x[(t + j - 1) mod T] + pe[t],  j = 0, 1, 2
///
/// x_enc [T, C] to h [T, D_padded]. The convolution is circular: row 0 sees row T - 1.
/// Source  Zhou et al. 2021, arXiv:2012.07436 (Informer), with the padding of its reference code.
void embed_tokens(const Forward& forward, std::span<const float> x_enc, float* h) noexcept;

}  // namespace astrom3
