// SPDX-License-Identifier: MIT
//
// The texts that a training writes beside the checkpoint, and the identity that decides its result.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "astrom3/sink/sink.h"
#include "training/data_split.h"

namespace astrom3::training {

/// Everything that decides the weights, for run.json: version, data, start and every option.
Identity describe_training(const TrainingRun& run, const std::string& data_key);

/// "classify", "contrast" or "clip".
const char* objective_name(TrainingObjective objective) noexcept;

/// "none", or every number of `copies`.
std::string describe_copies(const Copies& copies);

/// SHA-256 of the table of options.split; "none" where there is none.
std::string split_digest(const TrainingOptions& options);

/// epoch,learning_rate,train_loss,...,best: a header and one line per epoch.
std::string metrics_csv(std::span<const EpochMetrics> epochs);

/// object_id,class,split
std::string objects_csv(const std::vector<TrainingObject>& objects, const TrainingOptions& options);

/// preprocessor_config.json of the modalities that are used: the scaling of the light curves' features, the
/// grid of spectra, columns and scaling of metadata. None where there is nothing to say.
std::optional<std::string> preprocessing_json(const TrainingModalities& modalities, const Scaling& scaling,
                                              const MetadataScaling& metadata);

/// Both splits' numbers by class, and their confusion matrices.
std::string report_json(const TrainingSummary& summary);

}  // namespace astrom3::training
