// SPDX-License-Identifier: MIT
//
// Full attention: every row looks at every row, padded ones included.
#pragma once

#include <cstddef>

#include "encoder/forward.h"
#include "encoder/padded_steps.h"

namespace astrom3 {

/// The projections of one head: queries, keys and values. For the steps forward.scratch.padded they are
/// copied from `padded`; where that is null, all are computed.
void project_head(const Forward& forward, const PackedHead& weights, const Rows& h, const Rows& queries,
                  const HeadRows<const float>* padded, const HeadRows<float>& out) noexcept;

/// out = concat over heads of softmax(q k^T / sqrt(d_head)) v
///
/// with q from `queries`, rows of [n_queries, D_padded], and k, v from `h`, [T, D_padded]; out
/// [n_queries, heads_width].
/// The mask is not used: upstream passes none to attention, so that padded rows are keys like all others.
/// Source  Vaswani et al. 2017, arXiv:1706.03762 eq. 1.
void full_attention(const Forward& forward, const PackedLayer& layer, const Rows& h, const Rows& queries,
                    float* out) noexcept;

}  // namespace astrom3
