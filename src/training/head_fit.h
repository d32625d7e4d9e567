// SPDX-License-Identifier: MIT
//
// A pooled head as a logistic regression on what the encoder gives.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "astrom3/spectra_encoder/spectra_encoder.h"
#include "training/object_means.h"

namespace astrom3::training {

/// logits[c] = sum_d weights[d, c] x[d] + bias[c] of x, what a pooled head reads: the sum over the
/// observations of the sequence, divided by T.
struct FittedHead {
  std::size_t width = 0, n_classes = 0;
  std::vector<double> weights;  ///< [width + 1, n_classes]; last row: the bias
  double penalty = 0;           ///< lambda of fit_logistic()
};

/// The logistic regression on `train` with the penalty by which `validation` has the smallest mean
/// cross-entropy; without validation objects with the middle of the penalties that are tried. The same bits
/// for any n_threads. Throws Error no_input for fewer than two classes,
/// nonfinite_output where no penalty gives a finite cross-entropy.
FittedHead fit_head(const ObjectMeans& train, const ObjectMeans& validation, std::size_t n_classes,
                    std::size_t n_threads);

/// Puts it in the place of the head in `tensors`, of any number of steps, and says so in the metadata.
void apply_head(TensorMap& tensors, std::map<std::string, std::string>& metadata, const FittedHead& head);

}  // namespace astrom3::training
