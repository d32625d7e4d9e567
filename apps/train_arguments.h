// SPDX-License-Identifier: MIT
//
// The options of `train`, and what they mean for its inputs and its start.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "astrom3/base/option.h"
#include "astrom3/encoder/attention.h"
#include "astrom3/encoder/checkpoint.h"
#include "astrom3/training/training.h"
#include "command_line.h"
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
  std::vector<std::string> tensors;
  TrainingTensors found;  ///< what `tensors` are: look_at_tensors()

  /// Light curves alone, without a shared space.
  bool is_photo_alone() const { return objective != "clip" && modality == "photo"; }
  /// Whether there is something of a modality to be trained on.
  bool gives(Modality modality) const;
};

/// --modality, --spectra, --metadata and what goes with them.
void add_training_modality_options(Command& command, TrainArguments& arguments);

/// Opens --tensors, if they are given. Throws Error usage for options that are of files, and so would be
/// ignored.
void look_at_tensors(TrainArguments& arguments, const OptionTable& options);

/// The scaling of tensors: what they say themselves, else --scaling, else that of `photo`, else the published
/// one. Throws Error bad_scaling where two of them differ.
void choose_tensor_scaling(const TrainArguments& arguments, const Checkpoint* photo, TrainingRun& run);

/// The scaling of their metadata, likewise; `named` is --metadata-scaling or that of --from, and may be
/// empty.
void choose_tensor_metadata(const TrainArguments& arguments, const std::filesystem::path& named,
                            TrainingModalities& modalities);

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
