// SPDX-License-Identifier: MIT
//
// Residual sum and layer normalisation in one pass over a row that is in cache.
#include "kernels/kernels.h"
#include "kernels/table.h"
#include "kernels/vec.h"

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {

namespace {

void normalise_row(const LayerNormArgs& args, const float* a, const float* b, float* out) {
  const std::size_t padded = (args.d + kLanes - 1) / kLanes * kLanes;
  Vec total = broadcast(0.0f);
  for (std::size_t j = 0; j < padded; j += kLanes) {
    const Vec x = b == nullptr ? load(a + j) : load(a + j) + load(b + j);
    store(out + j, x);
    total = total + x;
  }
  const float d = static_cast<float>(args.d);
  const Vec mean = broadcast(sum(total) / d);

  // Padding lanes hold 0, not mean: they are left out of the sum of squares.
  const std::size_t last = padded - kLanes;
  Vec squares = broadcast(0.0f);
  for (std::size_t j = 0; j < last; j += kLanes) {
    const Vec deviation = load(out + j) - mean;
    squares = fma(deviation, deviation, squares);
  }
  const Vec deviation = fill_from(load(out + last) - mean, last_lanes(args.d), 0.0f);
  squares = fma(deviation, deviation, squares);
  const Vec inverse = broadcast(1.0f / __builtin_sqrtf(sum(squares) / d + args.epsilon));

  for (std::size_t j = 0; j < padded; j += kLanes) {  // gain and bias are 0 in the padding
    store(out + j, fma((load(out + j) - mean) * inverse, load(args.gain + j), load(args.bias + j)));
  }
}

}  // namespace

void layer_norm(const LayerNormArgs& args) {
  for (std::size_t i = 0; i < args.rows; ++i) {
    const std::size_t row = i * args.stride;
    normalise_row(args, args.a + row, args.b == nullptr ? nullptr : args.b + row, args.out + row);
  }
}

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
