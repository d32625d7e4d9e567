// SPDX-License-Identifier: MIT
//
// Adam (Kingma & Ba 2015, arXiv:1412.6980), with either form of weight decay.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "astrom3/train_step/objective.h"

namespace astrom3::train {

/// One step over a run of parameters, element by element, in this order:
///   adamw: w -= learning_rate * weight_decay * w  (Loshchilov & Hutter 2019, arXiv:1711.05101, algorithm 2)
///   g = the gradient times gradient_scale;  adam: g += weight_decay * w
///   m = beta1 m + (1 - beta1) g,  v = beta2 v + (1 - beta2) g^2
///   w -= learning_rate * (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)
struct AdamStep {
  Optimiser form = Optimiser::adamw;
  double learning_rate, weight_decay, beta1, beta2, epsilon;
  double gradient_scale = 1;  ///< of gradient clipping
  std::uint64_t t = 1;        ///< this step's number, from 1

  void operator()(std::span<float> w, std::span<const float> gradient, std::span<float> m,
                  std::span<float> v) const;
};

/// The Euclidean norm, added up in an order that depends on the size alone.
double norm_of(std::span<const float> x);

}  // namespace astrom3::train
