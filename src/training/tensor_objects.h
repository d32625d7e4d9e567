// SPDX-License-Identifier: MIT
//
// The objects of a training on tensors.
#pragma once

#include <atomic>
#include <string>

#include "training/objects.h"

namespace astrom3::training {

/// Every object of the run's tensors that has the modalities that are used and, to classify, a label; the
/// others are listed with the reason. A label of the run comes before that of the tensors. Throws Error
/// usage for copies, bad_tensors for arrays that do not fit, interrupted.
TrainingObjects read_tensor_objects(const TrainingRun& run, const std::atomic<bool>* stop);

/// What decides these objects: the bytes of every file that is read. Throws Error io_error.
std::string describe_tensor_sources(const TrainingRun& run);

}  // namespace astrom3::training
