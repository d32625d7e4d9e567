// SPDX-License-Identifier: MIT
//
// Losses: numbers from what encoders give, and their gradients. None of them knows an encoder.
#pragma once

#include <cstddef>
#include <span>

namespace astrom3::train {

/// weight * cross-entropy(target, softmax(logits)), target = (1 - smoothing) on the label + smoothing /
/// classes on every class. gradient [classes] is written.
double cross_entropy(std::span<const double> logits, std::size_t label, double smoothing, double weight,
                     std::span<double> gradient);

struct ContrastResult {
  double loss = 0;
  std::size_t correct = 0;  ///< rows of a and of b whose most similar row of the other side is their own
};

/// Symmetric InfoNCE between two sides that see the same n objects (van den Oord et al. 2018; both directions
/// as in CLIP, Radford et al. 2021): the mean over rows and directions of -log softmax(s)[own], s_ij =
/// cos(a_i, b_j) / temperature. a and b [n, width], row-major; the gradients, of the same shape, are written.
/// A row of zeros has similarity 0 with all and gradient 0.
ContrastResult info_nce(std::span<const double> a, std::span<const double> b, std::size_t width,
                        double temperature, std::span<double> a_gradient, std::span<double> b_gradient);

}  // namespace astrom3::train
