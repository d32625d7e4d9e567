// SPDX-License-Identifier: MIT
//
// Activation with its derivative, and dropout.
#include "kernels/dropout_mask.h"
#include "kernels/elementary.h"
#include "kernels/training_table.h"

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {

namespace {

struct Relu {
  ASTROM3_INLINE static Relu tables() { return {}; }
  ASTROM3_INLINE Vec with_slope(Vec x, Vec& slope) const {
    const Vec zero = broadcast(0.0f);
    // The slope at 0 is 0, as in PyTorch: hence x >= the smallest positive float, and not x >= 0.
    slope = where_at_least(x, broadcast(0x1p-149f), broadcast(1.0f), zero);
    return max(zero, x);
  }
};

template <typename Function>
void activate_rows(const ActivateArgs<float>& args) {
  const Function function = Function::tables();
  const DropoutMask mask(args.dropout);
  const bool drops = args.dropout.threshold != 0;
  for (std::size_t i = 0; i < args.rows; ++i) {
    float* x = args.x + i * args.stride;
    float* y = args.y + i * args.stride;
    for (std::size_t j = 0; j < args.width; j += kLanes) {
      Vec slope;
      Vec value = function.with_slope(load(x + j), slope);
      if (drops) {
        value = mask(value, i * args.width + j);
        slope = mask(slope, i * args.width + j);
      }
      store(x + j, slope);
      store(y + j, value);
    }
  }
}

}  // namespace

void activate(const ActivateArgs<float>& args) {
  if (args.activation == Epilogue::gelu) return activate_rows<Gelu>(args);
  activate_rows<Relu>(args);
}

void dropout(const DropoutArgs<float>& args) {
  const DropoutMask mask(args.dropout);
  for (std::size_t i = 0; i < args.rows; ++i) {
    const float* x = args.x + i * args.stride;
    float* y = args.y + i * args.stride;
    for (std::size_t j = 0; j < args.width; j += kLanes) store(y + j, mask(load(x + j), i * args.width + j));
  }
}

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
