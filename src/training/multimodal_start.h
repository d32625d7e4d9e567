// SPDX-License-Identifier: MIT
//
// Where a training with several modalities, or of another one than photo, begins: random weights, or those of
// a checkpoint of any kind.
#pragma once

#include <string>
#include <vector>

#include "astrom3/shared_space/multimodal_checkpoint.h"
#include "astrom3/training/training.h"

namespace astrom3::training {

struct MultimodalStart {
  MultimodalCheckpoint checkpoint;
  bool head_kept = false;
};

/// The weights to begin with, of the kind and the modalities of the run. Whatever the run's start has of them
/// is copied, whether its names have prefixes or not: encoders, and, from one shared space to another,
/// projections and temperatures. Its head is kept where it is of the same kind and knows all `labels`, unless
/// run.new_head; else the head is new. Throws Error usage where sizes do not fit.
MultimodalStart make_multimodal_start(const TrainingRun& run, const std::vector<std::string>& labels);

}  // namespace astrom3::training
