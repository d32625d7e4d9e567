// SPDX-License-Identifier: MIT
//
// Residual sum and layer normalisation in one pass over a row that is in cache.
#include "kernels/kernels.h"
#include "kernels/table.h"
#include "kernels/vec.h"

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {

namespace {

/// Several rows at a time, because each is a chain of dependent operations; every row is treated as if
/// it were alone.
template <std::size_t Rows>
void normalise(const LayerNormArgs& args, std::size_t first) {
  const std::size_t stride = args.stride;
  const std::size_t last = (args.d - 1) / kLanes * kLanes;
  const float d = static_cast<float>(args.d);
  const float* a = args.a + first * stride;
  const float* b = args.b == nullptr ? nullptr : args.b + first * stride;
  float* out = args.out + first * stride;

  Vec total[Rows], squares[Rows], mean[Rows], inverse[Rows];
  for (std::size_t i = 0; i < Rows; ++i) total[i] = squares[i] = broadcast(0.0f);
  for (std::size_t j = 0; j <= last; j += kLanes) {
#pragma GCC unroll 4
    for (std::size_t i = 0; i < Rows; ++i) {
      const Vec x =
          b == nullptr ? load(a + i * stride + j) : load(a + i * stride + j) + load(b + i * stride + j);
      store(out + i * stride + j, x);
      total[i] = total[i] + x;
    }
  }
#pragma GCC unroll 4
  for (std::size_t i = 0; i < Rows; ++i) mean[i] = broadcast(sum(total[i]) / d);

  for (std::size_t j = 0; j < last; j += kLanes) {
#pragma GCC unroll 4
    for (std::size_t i = 0; i < Rows; ++i) {
      const Vec deviation = load(out + i * stride + j) - mean[i];
      squares[i] = fma(deviation, deviation, squares[i]);
    }
  }
#pragma GCC unroll 4
  for (std::size_t i = 0; i < Rows; ++i) {  // padding lanes hold 0, not mean: they are left out
    const Vec deviation = fill_from(load(out + i * stride + last) - mean[i], last_lanes(args.d), 0.0f);
    squares[i] = fma(deviation, deviation, squares[i]);
    inverse[i] = broadcast(1.0f / __builtin_sqrtf(sum(squares[i]) / d + args.epsilon));
  }

  for (std::size_t j = 0; j <= last; j += kLanes) {  // gain and bias are 0 in the padding
    const Vec gain = load(args.gain + j), bias = load(args.bias + j);
#pragma GCC unroll 4
    for (std::size_t i = 0; i < Rows; ++i) {
      store(out + i * stride + j, fma((load(out + i * stride + j) - mean[i]) * inverse[i], gain, bias));
    }
  }
}

}  // namespace

void layer_norm(const LayerNormArgs& args) {
  constexpr std::size_t kTogether = 4;
  std::size_t i = 0;
  for (; i + kTogether <= args.rows; i += kTogether) normalise<kTogether>(args, i);
  for (; i < args.rows; ++i) normalise<1>(args, i);
}

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
