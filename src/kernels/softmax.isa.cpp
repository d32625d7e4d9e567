// SPDX-License-Identifier: MIT
//
// Softmax with dropout, row by row, and the derivative.
#include "kernels/dropout_mask.h"
#include "kernels/elementary.h"
#include "kernels/training_table.h"

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {

namespace {

constexpr std::size_t kTogether = 4;  // rows: each is a chain of dependent operations

/// Softmax of several rows; each gets the same bits as it would alone.
template <std::size_t Rows>
void softmax_rows(const SoftmaxArgs<float>& args, std::size_t first) {
  const std::size_t stride = args.stride;
  const std::size_t last = (args.n - 1) / kLanes * kLanes;
  const std::size_t lanes = last_lanes(args.n);
  float* p = args.p + first * stride;
  const Vec scale = broadcast(args.scale * 1.44269504f);
  Vec offset[Rows], total[Rows];
  Vec top[Rows];
#pragma GCC unroll 4
  for (std::size_t i = 0; i < Rows; ++i)  // padding must not win the maximum
    top[i] = fill_from(load(p + i * stride + last), lanes, p[i * stride]);
  for (std::size_t j = 0; j < last; j += kLanes) {
#pragma GCC unroll 4
    for (std::size_t i = 0; i < Rows; ++i) top[i] = max(top[i], load(p + i * stride + j));
  }
#pragma GCC unroll 4
  for (std::size_t i = 0; i < Rows; ++i) {
    offset[i] = broadcast(-(largest(top[i]) * (args.scale * 1.44269504f)));
    total[i] = broadcast(0.0f);
  }
  for (std::size_t j = 0; j <= last; j += kLanes) {
#pragma GCC unroll 4
    for (std::size_t i = 0; i < Rows; ++i) {
      Vec e = exp2(fma(load(p + i * stride + j), scale, offset[i]));
      if (j == last) e = fill_from(e, lanes, 0.0f);
      store(p + i * stride + j, e);
      total[i] = total[i] + e;
    }
  }
#pragma GCC unroll 4
  for (std::size_t i = 0; i < Rows; ++i) total[i] = broadcast(1.0f / sum(total[i]));
  const DropoutMask mask(args.dropout);
  for (std::size_t j = 0; j <= last; j += kLanes) {
#pragma GCC unroll 4
    for (std::size_t i = 0; i < Rows; ++i) {
      const std::size_t place = (first + i) * stride + j;
      const Vec probability = load(p + i * stride + j) * total[i];
      store(p + i * stride + j, probability);
      if (args.dropout.threshold != 0) store(args.dropped + place, mask(probability, place));
    }
  }
}

}  // namespace

void softmax(const SoftmaxArgs<float>& args) {
  std::size_t i = 0;
  for (; i + kTogether <= args.rows; i += kTogether) softmax_rows<kTogether>(args, i);
  for (; i < args.rows; ++i) softmax_rows<1>(args, i);
}

void softmax_gradient(const SoftmaxGradientArgs<float>& args) {
  const DropoutMask mask(args.dropout);
  const bool drops = args.dropout.threshold != 0;
  const Vec scale = broadcast(args.scale);
  for (std::size_t i = 0; i < args.rows; ++i) {
    const std::size_t row = i * args.stride;
    // From here on g is 0 where a value was dropped, and scaled elsewhere. p, which is 0 in the padding, is
    // not changed yet.
    Vec total = broadcast(0.0f);
    for (std::size_t j = row; j < row + args.stride; j += kLanes) {
      const Vec g = drops ? mask(load(args.g + j), j) : load(args.g + j);
      store(args.g + j, g);
      total = fma(load(args.p + j), g, total);
    }
    const Vec mean = broadcast(sum(total));
    for (std::size_t j = row; j < row + args.stride; j += kLanes) {
      const Vec p = load(args.p + j);
      store(args.g + j, p * (load(args.g + j) - mean) * scale);
      if (drops) store(args.p + j, mask(p, j));
    }
  }
}

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
