// SPDX-License-Identifier: MIT
//
// The layer normalisation of training, which keeps what its derivative needs, and the derivative.
#include "kernels/normalise.h"
#include "kernels/training_table.h"
#include "kernels/vec.h"

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {

void norm(const NormArgs<float>& args) {
  normalise_rows<true>(args);
}

void norm_gradient(const NormGradientArgs<float>& args) {
  const std::size_t width = (args.d + kLanes - 1) / kLanes * kLanes;
  const Vec inverse_d = broadcast(1.0f / static_cast<float>(args.d));
  for (std::size_t i = 0; i < args.rows; ++i) {
    const float* g = args.g + i * args.stride;
    const float* x = args.normalised + i * args.stride;
    Vec mean = broadcast(0.0f), slope = broadcast(0.0f);
    for (std::size_t j = 0; j < width; j += kLanes) {  // gain, x and g are 0 in the padding
      const Vec gradient = load(g + j), normalised = load(x + j);
      store(args.bias_gradient + j, load(args.bias_gradient + j) + gradient);
      store(args.gain_gradient + j, fma(gradient, normalised, load(args.gain_gradient + j)));
      const Vec scaled = gradient * load(args.gain + j);
      mean = mean + scaled;
      slope = fma(scaled, normalised, slope);
    }
    mean = broadcast(sum(mean)) * inverse_d;
    slope = broadcast(sum(slope)) * inverse_d;
    const Vec inverse = broadcast(args.inverse[i]);
    float* out = args.out + i * args.stride;
    for (std::size_t j = 0; j < width; j += kLanes) {
      Vec scaled = load(g + j) * load(args.gain + j) - mean;
      if (j + kLanes > args.d) scaled = fill_from(scaled, last_lanes(args.d), 0.0f);
      store(out + j, fnma(load(x + j), slope, scaled) * inverse);
    }
  }
}

}  // namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE
