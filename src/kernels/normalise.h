// SPDX-License-Identifier: MIT
//
// Layer normalisation and the residual sum before it, for inference, which keeps only the result, and for
// training, which also keeps what the derivative needs. Both do the same operations in the same order and
// have the same bits.
#pragma once

#include "kernels/training.h"
#include "kernels/vec.h"

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {

/// x = a + b, or x = a where b is null, for several rows. The sums over each lane of a row go into `total`.
template <std::size_t Rows>
ASTROM3_INLINE void add_rows(const float* a, const float* b, std::size_t stride, std::size_t last, float* x,
                             Vec (&total)[Rows]) {
  for (std::size_t j = 0; j <= last; j += kLanes) {
#pragma GCC unroll 4
    for (std::size_t i = 0; i < Rows; ++i) {
      const Vec sum_of_both =
          b == nullptr ? load(a + i * stride + j) : load(a + i * stride + j) + load(b + i * stride + j);
      store(x + i * stride + j, sum_of_both);
      total[i] = total[i] + sum_of_both;
    }
  }
}

/// Normalises `Rows` rows from row `first` on. They are computed together, because each is a chain of
/// dependent operations; a row gets the same bits as it would alone. With `Keep`, args.normalised and
/// args.inverse are written; else they may be null.
template <std::size_t Rows, bool Keep>
ASTROM3_INLINE void normalise(const NormArgs<float>& args, std::size_t first) {
  const std::size_t stride = args.stride;
  const std::size_t last = (args.d - 1) / kLanes * kLanes;
  const float d = static_cast<float>(args.d);
  const float* a = args.a + first * stride;
  const float* b = args.b == nullptr ? nullptr : args.b + first * stride;
  float* out = args.out + first * stride;
  float* x = Keep ? args.normalised + first * stride : out;

  Vec total[Rows], squares[Rows], mean[Rows], inverse[Rows];
  for (std::size_t i = 0; i < Rows; ++i) total[i] = squares[i] = broadcast(0.0f);
  add_rows(a, b, stride, last, x, total);
#pragma GCC unroll 4
  for (std::size_t i = 0; i < Rows; ++i) mean[i] = broadcast(sum(total[i]) / d);

  for (std::size_t j = 0; j < last; j += kLanes) {
#pragma GCC unroll 4
    for (std::size_t i = 0; i < Rows; ++i) {
      const Vec deviation = load(x + i * stride + j) - mean[i];
      squares[i] = fma(deviation, deviation, squares[i]);
    }
  }
#pragma GCC unroll 4
  for (std::size_t i = 0; i < Rows;
       ++i) {  // the lanes of padding hold 0, whose deviation from the mean must not count
    const Vec deviation = fill_from(load(x + i * stride + last) - mean[i], last_lanes(args.d), 0.0f);
    squares[i] = fma(deviation, deviation, squares[i]);
    const float scale = 1.0f / __builtin_sqrtf(sum(squares[i]) / d + args.epsilon);
    inverse[i] = broadcast(scale);
    if constexpr (Keep) args.inverse[first + i] = scale;
  }

  for (std::size_t j = 0; j <= last; j += kLanes) {  // gain and bias are 0 in the padding
    const Vec gain = load(args.gain + j), bias = load(args.bias + j);
#pragma GCC unroll 4
    for (std::size_t i = 0; i < Rows; ++i) {
      Vec normalised = (load(x + i * stride + j) - mean[i]) * inverse[i];
      if constexpr (Keep) {
        if (j == last) normalised = fill_from(normalised, last_lanes(args.d), 0.0f);
        store(x + i * stride + j, normalised);
      }
      store(out + i * stride + j, fma(normalised, gain, bias));
    }
  }
}

/// Calls normalise() for all rows.
template <bool Keep>
ASTROM3_INLINE void normalise_rows(const NormArgs<float>& args) {
  constexpr std::size_t kTogether = 4;
  std::size_t i = 0;
  for (; i + kTogether <= args.rows; i += kTogether) normalise<kTogether, Keep>(args, i);
  for (; i < args.rows; ++i) normalise<1, Keep>(args, i);
}

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
