// SPDX-License-Identifier: MIT
//
// Encoders of several modalities, or of another one than photo, as what learns: with a head, or by CLIP.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "astrom3/shared_space/multimodal_checkpoint.h"
#include "train_step/multimodal_trainer.h"
#include "training/learner.h"

namespace astrom3::training {

struct MultimodalSetting {
  std::vector<std::string> classes;          ///< of the head, in its order
  Scaling scaling;                           ///< of the light curves' features
  std::size_t n_pixels = 0;                  ///< of spectra
  std::optional<std::string> preprocessing;  ///< text of preprocessor_config.json
};

/// `options` must outlive the learner.
std::unique_ptr<Learner> make_multimodal_learner(const MultimodalCheckpoint& start,
                                                 const train::MultimodalTrainerOptions& trainer,
                                                 MultimodalSetting setting, const TrainingOptions& options);

}  // namespace astrom3::training
