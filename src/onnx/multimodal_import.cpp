// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/checkpoint_files.h"
#include "astrom3/base/error.h"
#include "astrom3/onnx/multimodal_onnx.h"
#include "astrom3/shared_space/modality.h"
#include "astrom3/shared_space/multimodal_checkpoint.h"
#include "base/atomic_file.h"
#include "base/joined.h"
#include "base/regular_file.h"
#include "encoder/checkpoint_layout.h"
#include "formats/safetensors.h"
#include "onnx/array.h"
#include "onnx/graph.h"
#include "onnx/graph_builder.h"
#include "onnx/modality_check.h"
#include "onnx/multimodal_metadata.h"
#include "onnx/new_directory.h"
#include "onnx/onnx_module.h"
#include "onnx/provenance.h"
#include "onnx/self_check.h"
#include "onnx/shared_space_graph.h"
#include "shared_space/checkpoint_layout.h"
#include "shared_space/multimodal_config.h"

namespace astrom3 {
namespace {

/// One file, its weights found by their names.
class MultimodalImport {
 public:
  explicit MultimodalImport(const std::filesystem::path& file)
      : file_(file.string()), bytes_(read_text_file(file, kMaxOnnxFileBytes, Status::bad_model)) {
    graph_ = parse_onnx(bytes_, file_);
    if (!graph_.find_metadata(kOnlyEntry).empty())
      fail(fmt::format("holds the encoder of {} alone, and not a whole checkpoint",
                       escaped(graph_.find_metadata(kOnlyEntry))));
    read_config();
    for (const OnnxTensor& tensor : graph_.initializers) by_name_.emplace(tensor.name, &tensor);
    for (const TensorSpec& spec : multimodal_tensors(config_, positions())) take(spec);
    if (!missing_.empty())
      fail(fmt::format("{} weights are not there under their names: {}", missing_.size(),
                       joined(std::span(missing_).first(std::min<std::size_t>(missing_.size(), 8)), ", ")));
  }

  const OnnxGraph& graph() const { return graph_; }
  const MultimodalConfig& config() const { return config_; }

  void write(const std::filesystem::path& directory) const {
    std::vector<TensorDeclaration> declarations;
    for (const auto& [spec, values] : tensors_) declarations.push_back({spec.name, "F32", spec.shape});
    SafetensorsWriter weights(directory / kWeightsName, declarations, metadata_of_import(graph_, bytes_));
    for (const auto& [spec, values] : tensors_) weights.write(std::span<const float>(values));
    AtomicFile config(directory / kConfigName);
    config.write(to_json(config_));
    std::vector<AtomicFile*> files{&config, &weights.complete_file()};
    commit_together(files);
  }

 private:
  [[noreturn]] void fail(std::string message) const {
    throw Error(Diagnostic{.code = Status::bad_model, .file = file_, .message = std::move(message)});
  }

  void read_config() {
    const std::string_view text = graph_.find_metadata(kConfigEntry);
    if (text.empty()) fail("has no metadata \"config\": it was not made by astrom3");
    try {
      std::vector<Diagnostic> ignored;
      config_ = parse_multimodal_config(text, file_, ignored);
    } catch (const Error& error) {
      fail(fmt::format("its metadata \"config\" cannot be read: {} {}", error.diagnostic().column,
                       error.diagnostic().message));
    }
    // A file without its head is a checkpoint without one.
    const bool has_logits = std::any_of(graph_.outputs.begin(), graph_.outputs.end(),
                                        [](const OnnxValue& value) { return value.name == kLogitsOutput; });
    if (!has_logits)
      config_.classification = config_.spectra.classification = config_.metadata.classification = false;
  }

  /// Positions of the flattened spectrum, by the size that the graph gives it.
  std::int64_t positions() const {
    if (!config_.has(Modality::spectra)) return 0;
    constexpr std::int64_t kMost = 1 << 20;  // a bound for hostile files alone
    const std::int64_t channels = config_.spectra.conv_channels.back();
    const auto shape = by_name_.find(kSpectraShape);
    if (shape != by_name_.end() && shape->second->integers.size() == 2) {
      const std::int64_t n = shape->second->integers[1];
      if (n > 0 && n % channels == 0 && n / channels <= kMost) return n / channels;
    }
    fail(fmt::format("has no {} {{0, numbers of a flattened spectrum}}", kSpectraShape));
  }

  void take(const TensorSpec& spec) {
    const auto as_it_is = by_name_.find(spec.name), transposed = by_name_.find(spec.name + kTransposed);
    const bool is_transposed = as_it_is == by_name_.end();
    if (is_transposed && transposed == by_name_.end()) return missing_.push_back(spec.name);
    const OnnxTensor& tensor = *(is_transposed ? transposed : as_it_is)->second;
    OnnxShape shape = spec.shape;
    if (is_transposed) shape = {spec.shape.at(1), spec.shape.at(0)};
    std::size_t count = 1;
    for (const std::int64_t size : shape) count *= static_cast<std::size_t>(size);
    if (tensor.type != OnnxType::float32 || tensor.shape != shape || tensor.floats.size() != count)
      fail(fmt::format("{} is [{}], expected [{}]", escaped(tensor.name), joined(tensor.shape, ", "),
                       joined(shape, ", ")));
    if (!std::all_of(tensor.floats.begin(), tensor.floats.end(), [](float v) { return std::isfinite(v); }))
      fail(fmt::format("the weights of {} are not all finite", spec.name));
    std::vector<float> values = tensor.floats;
    if (is_transposed) {
      const auto n_out = static_cast<std::size_t>(spec.shape[0]),
                 n_in = static_cast<std::size_t>(spec.shape[1]);
      for (std::size_t o = 0; o < n_out; ++o) {
        for (std::size_t i = 0; i < n_in; ++i) values[o * n_in + i] = tensor.floats[i * n_out + o];
      }
    }
    tensors_.emplace_back(spec, std::move(values));
  }

  std::string file_, bytes_;
  OnnxGraph graph_;
  MultimodalConfig config_;
  std::map<std::string_view, const OnnxTensor*> by_name_;
  std::vector<std::pair<TensorSpec, std::vector<float>>> tensors_;  ///< in the order of the layout
  std::vector<std::string> missing_;
};

/// Runs the file as it is against the engine with the checkpoint that was written.
void verify(const MultimodalImport& import, const std::filesystem::path& file,
            const std::filesystem::path& directory, MultimodalOnnxReport& report) {
  const auto checkpoint = load_multimodal_checkpoint(directory);
  const Comparison comparison = compare_with_engine(import.graph(), checkpoint, {}, file.string());
  if (!comparison.agrees) {
    throw Error(Diagnostic{
        .code = Status::bad_model,
        .file = file.string(),
        .message =
            fmt::format("its weights were found, but it does not compute what the encoders compute: {} "
                        "differs by {:.2g}",
                        comparison.worst, comparison.largest_difference)});
  }
  report.was_run = comparison.was_run;
  report.largest_difference = comparison.largest_difference;
  if (!comparison.was_run)
    report.warnings.push_back(Diagnostic{.code = Status::bad_model,
                                         .file = file.string(),
                                         .message =
                                             "the network is too large to be run here: its numbers were "
                                             "not compared"});
}

}  // namespace

bool is_multimodal_onnx(const std::filesystem::path& file) {
  const std::string_view photo = checkpoint_kind_name(CheckpointKind::photo);
  const OnnxGraph graph = read_onnx(file);
  const std::string_view kind = graph.find_metadata(kKindEntry);
  return !kind.empty() && kind != photo;
}

MultimodalOnnxReport import_multimodal_onnx(const std::filesystem::path& file,
                                            const std::filesystem::path& directory) {
  require_new_directory(directory);
  const MultimodalImport import(file);
  MultimodalOnnxReport report;
  report.config = import.config();
  report.opset = import.graph().opset;
  report.producer = import.graph().producer;
  if (!import.graph().producer_version.empty()) report.producer += " " + import.graph().producer_version;
  fill_new_directory(directory, [&] {
    import.write(directory);
    verify(import, file, directory, report);
  });
  return report;
}

}  // namespace astrom3
