// SPDX-License-Identifier: MIT
//
// Loading a checkpoint with spectra, metadata or all modalities: matched, read in one pass, taken apart.
#include "astrom3/shared_space/multimodal_checkpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

#include "astrom3/base/checkpoint_files.h"
#include "astrom3/base/error.h"
#include "astrom3/encoder/checkpoint.h"
#include "astrom3/features/scaling.h"
#include "astrom3/shared_space/modality.h"
#include "astrom3/spectra_encoder/spectra_encoder.h"
#include "base/joined.h"
#include "encoder/checkpoint_layout.h"
#include "encoder/matched_values.h"
#include "encoder/required_tensor.h"
#include "encoder/tensor_match.h"
#include "encoder/weights_reader.h"
#include "formats/safetensors.h"
#include "shared_space/checkpoint_layout.h"
#include "spectra_encoder/checkpoint_layout.h"

namespace astrom3 {
namespace {

namespace fs = std::filesystem;

/// Loads one checkpoint; the steps in order are load().
class Loader {
 public:
  Loader(const fs::path& model, const CheckpointOptions& options) : options_(options) {
    checkpoint_->weights_file = find_weights(model);
    checkpoint_->key_prefix = options.key_prefix;
    checkpoint_->directory = checkpoint_->weights_file.parent_path();
  }

  std::shared_ptr<const MultimodalCheckpoint> load() {
    WeightsReader reader(checkpoint_->weights_file);
    read_config();
    check_head(reader.header());
    const std::int64_t positions = find_positions(reader.header());
    checkpoint_->spectra_positions = static_cast<std::size_t>(positions);
    const TensorMatch match = match_specs(reader.header(), multimodal_tensors(checkpoint_->config, positions),
                                          options_.key_prefix, file());
    report_extra(match);
    take_values(read_matched(reader, match.tensors, file(), checkpoint_->config.photo.seq_len));
    checkpoint_->tensor_count = match.tensors.size();
    checkpoint_->file_metadata = reader.header().metadata;
    const fs::path scaling = checkpoint_->directory / kPreprocessorName;
    if (is_present(scaling) && checkpoint_->config.has(Modality::photo)) {
      checkpoint_->scaling = read_scaling(scaling);
      if (!checkpoint_->scaling->none) checkpoint_->scaling->source = "checkpoint";
    }
    if (checkpoint_->config.has(Modality::photo)) make_photo_part();
    return std::move(checkpoint_);
  }

 private:
  std::string file() const { return checkpoint_->weights_file.string(); }

  [[noreturn]] void fail(std::string tensor, std::string message, Hint hint = {}) const {
    throw Error(Diagnostic{.code = Status::bad_model,
                           .file = file(),
                           .column = std::move(tensor),
                           .message = std::move(message),
                           .hint = std::move(hint)});
  }

  void read_config() {
    const fs::path path = options_.config.empty() ? checkpoint_->directory / kConfigName : options_.config;
    checkpoint_->config = read_multimodal_config(path, checkpoint_->warnings);
    if (checkpoint_->config.kind != CheckpointKind::photo) return;
    throw Error(Diagnostic{.code = Status::bad_config,
                           .file = path.string(),
                           .message = "is the configuration of a photo encoder: there are no spectra and no "
                                      "metadata in it"});
  }

  /// A head where the configuration says none, or none where it says one, is another checkpoint's.
  void check_head(const SafetensorsHeader& header) const {
    const std::string name = options_.key_prefix + head_names().weight;
    const bool is_there = header.find(name) != nullptr;
    if (is_there == checkpoint_->config.classification) return;
    fail(name, is_there ? "there is a head, but config.json says \"classification\": false"
                        : "there is no head, but config.json says \"classification\": true");
  }

  /// Positions of the flattened spectrum, by the columns of the tensor that reads it. 0: nothing reads it.
  std::int64_t find_positions(const SafetensorsHeader& header) const {
    const MultimodalConfig& config = checkpoint_->config;
    if (!config.has(Modality::spectra)) return 0;
    if (config.kind == CheckpointKind::spectra &&
        !config.classification)  // no weight reads the flattened one
      return static_cast<std::int64_t>(
          std::max<std::size_t>(spectra_positions(config.spectra, kGridPixels), 1));
    const std::string name = options_.key_prefix + flat_spectrum_reader(config);
    const TensorEntry* entry = header.find(name);
    if (entry == nullptr || entry->shape.size() != 2) return 1;  // missing, or of a shape that is refused
    const std::int64_t columns = entry->shape[1], channels = config.spectra.conv_channels.back();
    if (columns > 0 && columns % channels == 0) return columns / channels;
    fail(name, fmt::format("has {} columns, but a flattened spectrum has a multiple of {} (config "
                           "conv_channels=[{}])",
                           columns, channels, joined(config.spectra.conv_channels, ",")));
  }

  void report_extra(const TensorMatch& match) {
    checkpoint_->extra_tensors = match.extra;
    if (match.unexpected.empty()) return;
    std::vector<std::string> names;
    for (const std::string& name : match.unexpected)
      names.push_back(fmt::format("\"{}\"", escaped(name, 256)));
    std::string message = fmt::format("{} unexpected tensor{}: {}", names.size(),
                                      names.size() == 1 ? "" : "s", joined(names, ", "));
    if (options_.strict) fail({}, message, {"leave {} away to ignore them", {{"strict-model"}}});
    checkpoint_->warnings.push_back(
        Diagnostic{.code = Status::bad_model, .file = file(), .message = std::move(message)});
  }

  void take_values(MatchedValues values) {
    checkpoint_->sha256 = std::move(values.sha256);
    checkpoint_->parameter_count = values.parameter_count;
    std::move(values.warnings.begin(), values.warnings.end(), std::back_inserter(checkpoint_->warnings));
    const bool is_shared = checkpoint_->config.kind == CheckpointKind::shared;
    TensorMap& all = values.tensors;
    for (const TensorSpec& spec :
         space_tensors(checkpoint_->config, static_cast<std::int64_t>(checkpoint_->spectra_positions)))
      checkpoint_->space.insert(all.extract(spec.name));
    const auto part = [&](Modality modality) {
      return take_part(all, is_shared ? encoder_prefix(modality) : "");
    };
    if (checkpoint_->config.has(Modality::photo)) photo_tensors_ = part(Modality::photo);
    if (checkpoint_->config.has(Modality::spectra)) checkpoint_->spectra = part(Modality::spectra);
    if (checkpoint_->config.has(Modality::metadata)) checkpoint_->metadata = part(Modality::metadata);
  }

  void make_photo_part() {
    auto photo = std::make_shared<Checkpoint>();
    photo->directory = checkpoint_->directory;
    photo->weights_file = checkpoint_->weights_file;
    photo->config = checkpoint_->config.photo;
    photo->metadata = checkpoint_->file_metadata;
    photo->scaling = checkpoint_->scaling;
    photo->sha256 = checkpoint_->sha256;
    photo->key_prefix = options_.key_prefix + encoder_prefix(Modality::photo);
    for (const TensorSpec& spec : encoder_tensors(photo->config)) {
      const Tensor& tensor = photo_tensors_.find(spec.name)->second;
      if (spec.role != TensorRole::positions) photo->parameter_count += tensor.data.size();
    }
    photo->tensors = std::move(photo_tensors_);
    checkpoint_->photo = std::move(photo);
  }

  const CheckpointOptions& options_;
  std::shared_ptr<MultimodalCheckpoint> checkpoint_ = std::make_shared<MultimodalCheckpoint>();
  TensorMap photo_tensors_;
};

}  // namespace

bool MultimodalCheckpoint::is_trained() const {
  const auto found = file_metadata.find("astrom3.trained");
  return found == file_metadata.end() || found->second != "false";
}

std::string MultimodalCheckpoint::training_attention() const {
  const auto found = file_metadata.find("astrom3.attention");
  return found == file_metadata.end() ? "probsparse" : found->second;
}

std::shared_ptr<const MultimodalCheckpoint> load_multimodal_checkpoint(const fs::path& model,
                                                                       const CheckpointOptions& options) {
  return load_weights(model, options.expected_sha256, [&] { return Loader(model, options).load(); });
}

}  // namespace astrom3
