// SPDX-License-Identifier: MIT
//
// Functions that make few rows out of many: the masked mean, the classification head, the maximum of a
// window.
#include "kernels/kernels.h"
#include "kernels/table.h"
#include "kernels/vec.h"

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {

void pool(const PoolArgs& args) {
  float total = 0.0f;
  for (std::size_t t = 0; t < args.rows; ++t) total += args.weight[t];
  const Vec divisor = broadcast(total > 1.0f ? total : 1.0f);
  for (std::size_t j = 0; j < args.d; j += kLanes) {
    Vec acc = broadcast(0.0f);
    for (std::size_t t = 0; t < args.rows; ++t) {
      if (args.weight[t] == 0.0f) continue;
      acc = fma(load(args.h + t * args.stride + j), broadcast(args.weight[t]), acc);
    }
    store_first(args.mean + j, acc / divisor, args.d - j < kLanes ? args.d - j : kLanes);
  }
}

void head(const HeadArgs& args) {
  for (std::size_t first = 0; first < args.classes; first += kHeadClasses) {
    Vec acc[kHeadClasses];
    for (Vec& a : acc) a = broadcast(0.0f);
    for (std::size_t t = 0; t < args.rows; ++t) {
      if (args.weight[t] == 0.0f) continue;
      const Vec weight = broadcast(args.weight[t]);
      const float* w = args.w + (args.step[t] * args.classes_padded + first) * args.stride;
      for (std::size_t j = 0; j < args.stride; j += kLanes) {
        const Vec x = load(args.h + t * args.stride + j) * weight;
        for (std::size_t c = 0; c < kHeadClasses; ++c) acc[c] = fma(load(w + c * args.stride + j), x, acc[c]);
      }
    }
    for (std::size_t c = 0; c < kHeadClasses && first + c < args.classes; ++c) {
      args.logits[first + c] = sum(acc[c]) + args.bias[first + c];
    }
  }
}

void max_pool(const MaxPoolArgs& args) {
  for (std::size_t i = 0; i < args.rows; ++i) {
    const float* x = args.x + i * args.window * args.stride;
    for (std::size_t j = 0; j < args.stride; j += kLanes) {
      // max() alone would lose a NaN, and the results that follow would be finite and wrong.
      const Vec zero = broadcast(0.0f);
      Vec largest = load(x + j);
      Vec fault = largest * zero;
      for (std::size_t w = 1; w < args.window; ++w) {
        const Vec other = load(x + w * args.stride + j);
        largest = max(largest, other);
        fault = fma(other, zero, fault);
      }
      store(args.y + i * args.stride + j, largest + fault);
    }
  }
}

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
