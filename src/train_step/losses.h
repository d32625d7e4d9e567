// SPDX-License-Identifier: MIT
//
// Losses: numbers from what encoders give, and their gradients. None of them knows an encoder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace astrom3::train {

/// Weighted cross-entropy of an object that is of one of `labels`, p = softmax(logits):
///
///   weight (-(1 - smoothing) log(sum of p over labels) - smoothing mean over all classes of log p)
///
/// With one label this is cross-entropy with label smoothing; with several, nothing is said about which of
/// them it is (Cour, Sapp & Taskar 2011, JMLR 12, 1501). labels: one or more, each once. gradient [classes]
/// is written.
double cross_entropy(std::span<const double> logits, std::span<const std::int32_t> labels, double smoothing,
                     double weight, std::span<double> gradient);

/// Cross-entropy of row i being i, and of column i being i, each the mean over the n rows or columns, added:
/// the loss of a pair of sides in CLIP. s [n, n] are the logits; their gradient is written.
double matched_pairs(std::span<const double> s, std::size_t n, std::span<double> gradient);

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
