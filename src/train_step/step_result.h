// SPDX-License-Identifier: MIT
//
// What a training step says of the batch that it was taken on.
#pragma once

#include <cstddef>

namespace astrom3::train {

/// The results of a step before it changed the parameters.
struct StepResult {
  double loss = 0;           ///< weighted mean over the batch, with dropout and label smoothing
  std::size_t correct = 0;   ///< classify: the largest logit is a label's. contrast: views that find theirs.
                             ///< clip: objects that find their own (clip_loss.h)
  double gradient_norm = 0;  ///< over all parameters, before clipping
};

}  // namespace astrom3::train
