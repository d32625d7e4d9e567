// SPDX-License-Identifier: MIT
//
// The photo encoder as what learns: light curves and their views, with a head or by contrast.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "astrom3/encoder/checkpoint.h"
#include "train_step/trainer.h"
#include "training/learner.h"

namespace astrom3::training {

/// `classes` are those of the head, in its order; `options` must outlive the learner.
std::unique_ptr<Learner> make_photo_learner(const Checkpoint& start, const train::TrainerOptions& trainer,
                                            const std::vector<std::string>& classes, const Scaling& scaling,
                                            const TrainingOptions& options);

}  // namespace astrom3::training
