// SPDX-License-Identifier: MIT
#include "training/multimodal_start.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/encoder/checkpoint.h"
#include "astrom3/shared_space/modality.h"
#include "astrom3/shared_space/multimodal_checkpoint.h"
#include "astrom3/spectra_encoder/spectra_encoder.h"
#include "astrom3/train_step/objective.h"
#include "astrom3/training/training.h"
#include "encoder/checkpoint_layout.h"
#include "shared_space/checkpoint_layout.h"
#include "shared_space/checkpoint_parts.h"
#include "training/data_split.h"

namespace astrom3::training {
namespace {

/// The names of the classes of a checkpoint's head.
std::vector<std::string> classes_of(const MultimodalConfig& config) {
  EncoderConfig names;
  names.num_classes = config.num_classes;
  names.class_names = config.class_names;
  return class_names(names);
}

bool keeps_head(const TrainingRun& run, const std::vector<std::string>& labels) {
  const MultimodalCheckpoint* start = run.multimodal_start.get();
  if (start == nullptr || !start->has_head() || run.new_head) return false;
  if (start->config.kind != run.multimodal_config.kind) return false;
  const std::vector<std::string> known = classes_of(start->config);
  return std::all_of(labels.begin(), labels.end(),
                     [&](const std::string& label) { return class_index(known, label) >= 0; });
}

/// The sizes of what is copied are the start's.
void take_sizes(const TrainingRun& run, MultimodalConfig& config) {
  const MultimodalConfig& start = run.multimodal_start->config;
  if (start.has(Modality::photo)) config.photo = start.photo;
  if (start.has(Modality::spectra)) config.spectra = start.spectra;
  if (start.has(Modality::metadata)) config.metadata = start.metadata;
  if (start.kind != CheckpointKind::shared) return;
  config.hidden_dim = start.hidden_dim;
  config.fusion = start.fusion;
}

MultimodalConfig config_of(const TrainingRun& run, const std::vector<std::string>& labels, bool head_kept) {
  const TrainingOptions& o = run.options;
  MultimodalConfig config = run.multimodal_config;
  config.metadata.input_dim = static_cast<std::int64_t>(run.modalities.metadata_scaling.columns.size());
  if (run.multimodal_start != nullptr) take_sizes(run, config);
  if (config.kind == CheckpointKind::shared) config.modalities = run.modalities.used;
  config.classification = o.objective == TrainingObjective::classify;
  if (config.classification) {
    config.class_names = head_kept ? classes_of(run.multimodal_start->config) : labels;
    config.num_classes = static_cast<std::int64_t>(config.class_names.size());
  }
  if (o.dropout) config.photo.dropout = *o.dropout;
  if (o.spectra_dropout) config.spectra.dropout_rate = *o.spectra_dropout;
  if (o.metadata_dropout) config.metadata.dropout = *o.metadata_dropout;
  const auto columns = static_cast<std::int64_t>(run.modalities.metadata_scaling.columns.size());
  if (config.has(Modality::metadata) && config.metadata.input_dim != columns)
    throw Error(Status::usage, fmt::format("the metadata encoder reads {} columns, and there are {}",
                                           config.metadata.input_dim, columns));
  return config;
}

/// The tensors of `start` under the names of a checkpoint of kind `kind`.
TensorMap renamed_tensors(const MultimodalCheckpoint& start, CheckpointKind kind, bool head_kept) {
  TensorMap out;
  const auto add = [&](const TensorMap& part, Modality modality) {
    const std::string prefix = kind == CheckpointKind::shared ? encoder_prefix(modality) : "";
    for (const auto& [name, tensor] : part) out.insert_or_assign(prefix + name, tensor);
  };
  if (start.photo != nullptr) add(start.photo->tensors, Modality::photo);
  add(start.spectra, Modality::spectra);
  add(start.metadata, Modality::metadata);
  for (const auto& [name, tensor] : start.space) {
    const bool is_head = is_head_tensor(name);
    if (is_head ? head_kept : kind == CheckpointKind::shared) out.insert_or_assign(name, tensor);
  }
  return out;
}

}  // namespace

MultimodalStart make_multimodal_start(const TrainingRun& run, const std::vector<std::string>& labels) {
  const bool head_kept = run.options.objective == TrainingObjective::classify && keeps_head(run, labels);
  const MultimodalConfig config = config_of(run, labels, head_kept);
  const std::size_t positions = config.has(Modality::spectra)
                                    ? spectra_positions(config.spectra, run.modalities.spectrum.grid.size)
                                    : 0;
  if (config.has(Modality::spectra) && positions == 0)
    throw Error(Status::usage, fmt::format("spectra of {} pixels are too short for these convolutions",
                                           run.modalities.spectrum.grid.size));
  MultimodalStart start{
      .checkpoint = random_multimodal_checkpoint(config, positions, run.options.seed,
                                                 static_cast<float>(std::log(run.options.clip_scale))),
      .head_kept = head_kept};
  if (run.multimodal_start == nullptr) return start;
  const MultimodalCheckpoint& from = *run.multimodal_start;
  if (config.has(Modality::spectra) && from.config.has(Modality::spectra) && from.spectra_positions != 0 &&
      from.spectra_positions != positions)
    throw Error(Status::usage, fmt::format("spectra leave {} positions, but the weights are for {}",
                                           positions, from.spectra_positions));
  replace_parts(start.checkpoint, renamed_tensors(from, config.kind, head_kept));
  return start;
}

}  // namespace astrom3::training
