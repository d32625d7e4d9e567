// SPDX-License-Identifier: MIT
//
// How unlike the classes of a head an embedding is, learnt from embeddings of known classes.
#pragma once

#include <cstddef>

#include "astrom3/spectra_encoder/spectra_encoder.h"
#include "training/object_means.h"

namespace astrom3::training {

/// Adds to `tensors` what OutOfClass reads. Centres and covariance are those of the training objects that are
/// of one class; the covariance is the mean of the classes' own, by their numbers of objects, and has kRidge
/// of its mean variance added to its diagonal, so that a direction without scatter says little. The distances
/// are those of all validation objects, without any of the training objects. A class without objects has the
/// centre of the first class that has some. Throws Error no_input without objects for either.
void add_out_of_class(TensorMap& tensors, const ObjectMeans& train, const ObjectMeans& validation,
                      std::size_t n_classes);

}  // namespace astrom3::training
