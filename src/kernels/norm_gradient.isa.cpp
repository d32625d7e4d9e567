// SPDX-License-Identifier: MIT
//
// Layer normalisation that keeps what its derivative needs, and that derivative.
#include "kernels/training_table.h"
#include "kernels/vec.h"

namespace astrom3::kernels::ASTROM3_KERNEL_NAMESPACE {

namespace {

constexpr std::size_t kTogether = 4;  // rows: each is a chain of dependent operations

/// The operations of layer_norm.isa.cpp in the same order, hence its bits.
template <std::size_t Rows>
void normalise(const NormArgs<float>& args, std::size_t first) {
  const std::size_t stride = args.stride;
  const std::size_t last = (args.d - 1) / kLanes * kLanes;
  const float d = static_cast<float>(args.d);
  const float* a = args.a + first * stride;
  const float* b = args.b == nullptr ? nullptr : args.b + first * stride;
  float* x = args.normalised + first * stride;

  Vec total[Rows], squares[Rows], mean[Rows], inverse[Rows];
  for (std::size_t i = 0; i < Rows; ++i) total[i] = squares[i] = broadcast(0.0f);
  for (std::size_t j = 0; j <= last; j += kLanes) {
#pragma GCC unroll 4
    for (std::size_t i = 0; i < Rows; ++i) {
      const Vec sum_of_both =
          b == nullptr ? load(a + i * stride + j) : load(a + i * stride + j) + load(b + i * stride + j);
      store(x + i * stride + j, sum_of_both);
      total[i] = total[i] + sum_of_both;
    }
  }
#pragma GCC unroll 4
  for (std::size_t i = 0; i < Rows; ++i) mean[i] = broadcast(sum(total[i]) / d);
  for (std::size_t j = 0; j <= last; j += kLanes) {
#pragma GCC unroll 4
    for (std::size_t i = 0; i < Rows; ++i) {
      Vec deviation = load(x + i * stride + j) - mean[i];
      if (j == last) deviation = fill_from(deviation, last_lanes(args.d), 0.0f);  // padding holds 0, not mean
      store(x + i * stride + j, deviation);
      squares[i] = fma(deviation, deviation, squares[i]);
    }
  }
#pragma GCC unroll 4
  for (std::size_t i = 0; i < Rows; ++i) {
    args.inverse[first + i] = 1.0f / __builtin_sqrtf(sum(squares[i]) / d + args.epsilon);
    inverse[i] = broadcast(args.inverse[first + i]);
  }
  float* out = args.out + first * stride;
  for (std::size_t j = 0; j <= last; j += kLanes) {  // gain and bias are 0 in the padding
    const Vec gain = load(args.gain + j), bias = load(args.bias + j);
#pragma GCC unroll 4
    for (std::size_t i = 0; i < Rows; ++i) {
      const Vec normalised = load(x + i * stride + j) * inverse[i];
      store(x + i * stride + j, normalised);
      store(out + i * stride + j, fma(normalised, gain, bias));
    }
  }
}

}  // namespace

void norm(const NormArgs<float>& args) {
  std::size_t i = 0;
  for (; i + kTogether <= args.rows; i += kTogether) normalise<kTogether>(args, i);
  for (; i < args.rows; ++i) normalise<1>(args, i);
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
