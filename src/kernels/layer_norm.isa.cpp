// SPDX-License-Identifier: MIT
//
// The residual sum and layer normalisation of inference.
#include "kernels/normalise.h"
#include "kernels/table.h"

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {

void layer_norm(const LayerNormArgs& args) {
  normalise_rows<false>({.a = args.a,
                         .b = args.b,
                         .gain = args.gain,
                         .bias = args.bias,
                         .rows = args.rows,
                         .d = args.d,
                         .stride = args.stride,
                         .epsilon = args.epsilon,
                         .out = args.out,
                         .normalised = nullptr,
                         .inverse = nullptr});
}

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
