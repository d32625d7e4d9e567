// SPDX-License-Identifier: MIT
//
// Loading a checkpoint: one pass over the weights, hashed, widened and checked piece by piece.
#include "astrom3/encoder/checkpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <iterator>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/checkpoint_files.h"
#include "astrom3/base/error.h"
#include "astrom3/features/scaling.h"
#include "base/joined.h"
#include "encoder/checkpoint_layout.h"
#include "encoder/matched_values.h"
#include "encoder/tensor_match.h"
#include "encoder/weights_reader.h"
#include "formats/safetensors.h"

namespace astrom3 {
namespace {

namespace fs = std::filesystem;

/// Loads one checkpoint; load() has the steps in their order.
class Loader {
 public:
  Loader(const fs::path& model, const CheckpointOptions& options) : options_(options) {
    checkpoint_->weights_file = find_weights(model);
    checkpoint_->key_prefix = options.key_prefix;
    checkpoint_->directory = checkpoint_->weights_file.parent_path();
  }

  std::shared_ptr<const Checkpoint> load() {
    WeightsReader reader(checkpoint_->weights_file);
    read_config(reader.header());
    const TensorMatch match =
        match_tensors(reader.header(), checkpoint_->config, options_.key_prefix, weights_name());
    report_extra(match);
    report_head(match);
    read_values(reader, match);
    check_out_of_class();
    checkpoint_->metadata = reader.header().metadata;
    read_scaling_beside();
    return std::move(checkpoint_);
  }

 private:
  std::string weights_name() const { return checkpoint_->weights_file.string(); }

  void warn(std::string message) {
    checkpoint_->warnings.push_back(
        Diagnostic{.code = Status::bad_model, .file = weights_name(), .message = std::move(message)});
  }

  void read_config(const SafetensorsHeader& header) {
    const fs::path file = options_.config.empty() ? checkpoint_->directory / kConfigName : options_.config;
    try {
      checkpoint_->config = read_encoder_config(file, checkpoint_->warnings);
    } catch (const Error& error) {
      Diagnostic diagnostic = error.diagnostic();
      if (options_.config.empty() && !is_present(file)) {
        diagnostic.hint = {"a checkpoint's config.json lies beside its weights; elsewhere, name it with {}",
                           {{"config"}}};
      }
      const TensorEntry* conv1 = header.find(options_.key_prefix + encoder_names(1).layers[0].conv1.weight);
      if (diagnostic.column == "/d_ff" && conv1 != nullptr && !conv1->shape.empty()) {
        diagnostic.hint = fmt::format("the tensor {} has {} rows: d_ff is {}", conv1->name,
                                      conv1->shape.front(), conv1->shape.front());
      }
      throw Error(std::move(diagnostic));
    }
  }

  void report_extra(const TensorMatch& match) {
    checkpoint_->extra_tensors = match.extra;
    if (match.unexpected.empty()) return;
    std::vector<std::string> names;
    for (const std::string& name : match.unexpected)
      names.push_back(fmt::format("\"{}\"", escaped(name, 256)));
    std::string message = fmt::format("{} unexpected tensor{}: {}", names.size(),
                                      names.size() == 1 ? "" : "s", joined(names, ", "));
    if (options_.strict)
      fail_model(checkpoint_->weights_file, message, {"leave {} away to ignore them", {{"strict-model"}}});
    warn(message);
  }

  void report_head(const TensorMatch& match) {
    if (checkpoint_->config.classification && !match.has_head) {
      warn(fmt::format("the config says classification, but there is no {}: the model has no head",
                       head_names().weight));
    } else if (!checkpoint_->config.classification && match.has_head) {
      warn(fmt::format("the config says no classification, but there is {}: the head is used",
                       head_names().weight));
    }
  }

  void read_values(WeightsReader& reader, const TensorMatch& match) {
    MatchedValues values = read_matched(reader, match.tensors, weights_name(), checkpoint_->config.seq_len);
    checkpoint_->tensors = std::move(values.tensors);
    checkpoint_->sha256 = std::move(values.sha256);
    checkpoint_->parameter_count = values.parameter_count;
    std::move(values.warnings.begin(), values.warnings.end(), std::back_inserter(checkpoint_->warnings));
  }

  void check_out_of_class() const {
    const std::string name = out_of_class_names().distances;
    const auto found = checkpoint_->tensors.find(name);
    if (found == checkpoint_->tensors.end()) return;
    const std::vector<float>& distances = found->second.data;
    if (!std::is_sorted(distances.begin(), distances.end()))
      fail_model(checkpoint_->weights_file, fmt::format("the tensor {} does not ascend", name));
  }

  void read_scaling_beside() {
    const fs::path file = checkpoint_->directory / kPreprocessorName;
    if (!is_present(file)) return;
    checkpoint_->scaling = read_scaling(file);
    if (!checkpoint_->scaling->none) checkpoint_->scaling->source = "checkpoint";
  }

  const CheckpointOptions& options_;
  std::shared_ptr<Checkpoint> checkpoint_ = std::make_shared<Checkpoint>();
};

}  // namespace

bool Checkpoint::has_head() const {
  return tensors.contains(head_names().weight);
}

std::size_t Checkpoint::class_count() const {
  const auto bias = tensors.find(head_names().bias);
  return has_head() && bias != tensors.end() ? bias->second.data.size() : 0;
}

bool Checkpoint::is_trained() const {
  const auto found = metadata.find("astrom3.trained");
  return found == metadata.end() || found->second != "false";
}

std::string Checkpoint::training_attention() const {
  const auto found = metadata.find("astrom3.attention");
  return found == metadata.end() ? "probsparse" : found->second;
}

std::shared_ptr<const Checkpoint> load_checkpoint(const fs::path& model, const CheckpointOptions& options) {
  return load_weights(model, options.expected_sha256, [&] { return Loader(model, options).load(); });
}

}  // namespace astrom3
