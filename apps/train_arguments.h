// SPDX-License-Identifier: MIT
//
// The options of `train`, and what they mean for its inputs and its start.
#pragma once

#include <string>
#include <vector>

#include "astrom3/training/training.h"
#include "modality_options.h"
#include "run_options.h"

namespace astrom3::cli {

struct TrainArguments {
  RunArguments run;
  std::vector<std::string> labels;
  std::string from, config, split;
  bool new_head = false;
  std::string objective = "classify", head = "free", schedule = "plateau", select = "loss",
              class_weights = "none", dtype = "f32", calibration = "none", modality = "photo",
              recipe = "ours", optimiser = "adamw", dropout_form = "ours", attention;
  bool no_crop = false;
  TrainingOptions options;
  ModalityArguments modalities;
  std::string metadata_columns;

  /// Light curves alone, without a shared space.
  bool is_photo_alone() const { return objective != "clip" && modality == "photo"; }
};

/// --modality, --spectra, --metadata and what goes with them.
void add_training_modality_options(Command& command, TrainArguments& arguments);

/// Throws Error usage where inputs are missing, or given where they would be ignored.
void check_modalities(const TrainArguments& arguments);

/// Modalities, sources and start of a run that is not of light curves alone.
void choose_modalities(const TrainArguments& arguments, TrainingRun& run);

/// --from of a run of light curves alone: a photo encoder, or that of a shared space.
std::shared_ptr<const Checkpoint> open_photo_start(const TrainArguments& arguments);

/// --attention, else that of the training of `photo`, where it had one, else full. `photo` may be null.
Attention chosen_attention(const TrainArguments& arguments, const Checkpoint* photo);

/// Sets what --recipe says and no option does. Throws Error usage where there is no such recipe for it.
void apply_recipe(const TrainArguments& arguments, OptionTable& options);

}  // namespace astrom3::cli
