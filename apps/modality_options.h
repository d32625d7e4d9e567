// SPDX-License-Identifier: MIT
//
// The options of commands that take spectra and metadata beside light curves, and checkpoints of every kind.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "astrom3/pipeline/modality_treatment.h"
#include "astrom3/shared_space/multimodal_checkpoint.h"
#include "astrom3/shared_space/multimodal_encoder.h"
#include "command.h"
#include "command_line.h"
#include "report.h"
#include "run_options.h"

namespace astrom3::cli {

/// Spectra and metadata, and how they are read and joined.
struct ModalityArguments : ModalityTreatment {
  std::vector<std::string> spectra;
  std::string metadata;
  std::string pairs;

  bool are_given() const { return !spectra.empty() || !metadata.empty(); }
};

/// Their files, and how they are treated.
void add_modality_options(Command& command, ModalityArguments& arguments);

/// The kind of the checkpoint that --model names, which may have to be downloaded first.
CheckpointKind model_kind(const ModelArguments& model, Verbosity verbosity);

/// A checkpoint of kind spectra, metadata or shared, and the info.json that came with it from the hub.
struct MultimodalModel {
  std::shared_ptr<const MultimodalCheckpoint> checkpoint;
  std::optional<std::filesystem::path> info;
};
/// Loads it; prints its warnings.
MultimodalModel open_multimodal_model(const ModelArguments& model, Verbosity verbosity);
/// Its encoders, with --attention, or the form of its training.
std::unique_ptr<MultimodalEncoder> open_multimodal_encoder(
    std::shared_ptr<const MultimodalCheckpoint> checkpoint, const AttentionArguments& attention,
    const CommonOptions& common);

struct PrototypeArguments;

/// The run of `embed` and `classify` with several modalities.
int run_modalities(const RunArguments& arguments, const ModalityArguments& modalities,
                   const PrototypeArguments& prototypes);
/// The run of `preprocess` with several modalities.
int preprocess_several(const RunArguments& arguments, const ModalityArguments& modalities);

}  // namespace astrom3::cli
