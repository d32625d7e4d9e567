// SPDX-License-Identifier: MIT
//
// The texts that a training writes beside the checkpoint, and the identity that decides its result.
#pragma once

#include <span>
#include <string>

#include "astrom3/sink/sink.h"
#include "training/data_split.h"

namespace astrom3::training {

/// Everything that decides the weights, for run.json: version, data, start and every option.
Identity describe_training(const TrainingRun& run, const std::string& data_key);

/// "none", or every number of `copies`.
std::string describe_copies(const Copies& copies);

/// SHA-256 of the table of options.split; "none" where there is none.
std::string split_digest(const TrainingOptions& options);

/// epoch,learning_rate,train_loss,...,best: a header and one line per epoch.
std::string metrics_csv(std::span<const EpochMetrics> epochs);

/// object_id,class,split
std::string objects_csv(const std::vector<TrainingObject>& objects, const TrainingOptions& options);

/// Both splits' numbers by class, and their confusion matrices.
std::string report_json(const TrainingSummary& summary);

}  // namespace astrom3::training
