// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/checkpoint_files.h"
#include "astrom3/base/error.h"
#include "astrom3/encoder/checkpoint.h"
#include "astrom3/features/scaling.h"
#include "astrom3/onnx/onnx.h"
#include "base/atomic_file.h"
#include "base/regular_file.h"
#include "encoder/checkpoint_layout.h"
#include "encoder/config.h"
#include "formats/safetensors.h"
#include "onnx/array.h"
#include "onnx/evaluate.h"
#include "onnx/new_directory.h"
#include "onnx/onnx_module.h"
#include "onnx/provenance.h"
#include "onnx/self_check.h"
#include "onnx/structure.h"

namespace astrom3 {
namespace {

class PhotoImport {
 public:
  PhotoImport(const std::filesystem::path& file, OnnxImportReport& report)
      : file_(file.string()),
        report_(report),
        bytes_(read_text_file(file, kMaxOnnxFileBytes, Status::bad_model)) {
    graph_ = parse_onnx(bytes_, file_);
    structure_ = find_encoder(graph_, file_);
    take_config();
    report_.config = structure_.config;
    report_.has_head = structure_.tensors.contains(head_names().weight);
    report_.producer = graph_.producer;
    if (!graph_.producer_version.empty()) report_.producer += " " + graph_.producer_version;
  }

  /// Runs the file as it is against the engine with the weights that were read.
  void verify() {
    auto checkpoint = std::make_shared<Checkpoint>();
    checkpoint->config = structure_.config;
    checkpoint->tensors = structure_.tensors;
    OnnxRun run;
    check_wrap(run);
    const Comparison comparison =
        compare_with_engine(graph_, structure_.ports, checkpoint, std::move(run), file_);
    if (!comparison.agrees) {
      throw Error(Diagnostic{
          .code = Status::bad_model,
          .file = file_,
          .message = fmt::format("its weights were found, but it does not compute what the encoder computes: "
                                 "{} differs by {:.2g}",
                                 comparison.worst, comparison.largest_difference),
          .hint = "the order of heads, a norm or the pooling is another one; this file cannot be imported"});
    }
    report_.was_run = comparison.was_run;
    report_.largest_difference = comparison.largest_difference;
    if (!comparison.was_run)
      warn(
          "the network is too large to be run here: its structure was followed, its numbers were not "
          "compared");
  }

  void write(const std::filesystem::path& directory) const {
    fill_new_directory(directory, [&] { write_files(directory); });
  }

 private:
  void warn(std::string message) {
    report_.warnings.push_back(
        Diagnostic{.code = Status::bad_model, .file = file_, .message = std::move(message)});
  }

  /// Sizes come from the graph; what it cannot say (dropout, factor, names of classes) from our own metadata,
  /// if they describe this graph.
  void take_config() {
    EncoderConfig& found = structure_.config;
    std::vector<Diagnostic> ignored;
    try {
      if (const std::string_view text = graph_.find_metadata("config"); !text.empty()) {
        const EncoderConfig stated = parse_encoder_config(text, file_, ignored);
        EncoderConfig same = stated;
        same.dropout = found.dropout;
        same.factor = found.factor;
        same.output_attention = found.output_attention;
        same.class_names.clear();
        if (!found.classification) {
          same.classification = false;
          same.num_classes = found.num_classes;
        }
        if (to_json(same) == to_json(found)) {
          const bool has_head = found.classification;
          found = stated;
          if (!has_head) {
            found.classification = false;
            found.class_names.clear();
          }
        } else {
          warn("its metadata \"config\" describes another network than its graph, and was ignored");
        }
      }
    } catch (const Error&) {
      warn("its metadata \"config\" cannot be read, and was ignored");
    }
    try {
      parse_encoder_config(to_json(found), file_, ignored);
    } catch (const Error& error) {
      throw Error(Diagnostic{.code = Status::bad_model,
                             .file = file_,
                             .message = "its sizes are not those of an encoder: " +
                                        error.diagnostic().column + " " + error.diagnostic().message});
    }
  }

  /// What the convolution reads when every channel of x_enc holds the number of its step: T-1, 0, 1, ...,
  /// T-1, 0. Where a file has that wrong, the right input takes its place in `run`, so that the rest can be
  /// checked.
  void check_wrap(OnnxRun& run) {
    const EncoderConfig& c = structure_.config;
    OnnxRun probe{.budget = {}};
    OnnxArray& x = probe.feeds[structure_.ports.x_enc];
    x.shape = {1, c.seq_len, c.enc_in};
    for (std::int64_t i = 0; i < c.seq_len * c.enc_in; ++i)
      x.reals.push_back(static_cast<double>(i / c.enc_in));
    probe.wanted = {structure_.convolution_input};
    const OnnxArray seen = evaluate(graph_, probe, file_).at(structure_.convolution_input);
    const std::vector<double> steps = wrapped(x);
    if (seen.reals == steps) return;
    std::string what = "its convolution does not wrap around";
    for (std::size_t i = 0; seen.reals.size() == steps.size() && i < steps.size(); ++i) {
      if (seen.reals[i] == steps[i]) continue;
      const auto column = static_cast<std::int64_t>(i) % (c.seq_len + 2);
      const std::int64_t step = column == 0 ? 0 : std::min(column, c.seq_len) - 1;
      what = fmt::format(
          "its circular padding is wrong: step {} sees step {:.0f} where training had step {:.0f}", step,
          seen.reals[i], steps[i]);
      break;
    }
    warn(what + "; the weights are good, the file's own embeddings are not those of the network");
    const OnnxArray light_curve = check_x_enc(c);
    run.feeds[structure_.convolution_input] = {.shape = {1, c.enc_in, c.seq_len + 2},
                                               .reals = wrapped(light_curve)};
  }

  /// x [1, T, C] as [1, C, T+2] with the last step before the first and the first after the last.
  std::vector<double> wrapped(const OnnxArray& x) const {
    const auto steps = static_cast<std::size_t>(structure_.config.seq_len);
    const auto channels = static_cast<std::size_t>(structure_.config.enc_in);
    std::vector<double> result;
    for (std::size_t c = 0; c < channels; ++c) {
      for (std::size_t t = 0; t < steps + 2; ++t)
        result.push_back(x.reals[(t + steps - 1) % steps * channels + c]);
    }
    return result;
  }

  void write_files(const std::filesystem::path& directory) const {
    std::vector<TensorDeclaration> declarations;
    std::vector<TensorSpec> specs = encoder_tensors(structure_.config);
    if (report_.has_head) {
      for (TensorSpec& spec : head_tensors(structure_.config)) specs.push_back(std::move(spec));
    }
    for (const TensorSpec& spec : specs)
      declarations.push_back({spec.name, "F32", structure_.tensors.at(spec.name).shape});
    SafetensorsWriter weights(directory / kWeightsName, declarations, metadata_of_import(graph_, bytes_));
    for (const TensorSpec& spec : specs)
      weights.write(std::span<const float>(structure_.tensors.at(spec.name).data));
    AtomicFile config(directory / kConfigName);
    config.write(to_json(structure_.config));
    std::optional<AtomicFile> scaling = scaling_file(directory);
    std::vector<AtomicFile*> files{&config};
    std::vector<std::string> outdated;
    if (scaling) {
      files.push_back(&*scaling);
    } else {
      outdated.emplace_back(kPreprocessorName);
    }
    files.push_back(&weights.complete_file());
    commit_together(files, outdated);  // weights with the configuration of others would give wrong numbers
  }

  /// The scaling, when it reads back; a published one that was filled in at export is not the file's own.
  std::optional<AtomicFile> scaling_file(const std::filesystem::path& directory) const {
    const std::string_view text = graph_.find_metadata("scaling");
    if (text.empty() || graph_.find_metadata("scaling_source") != "checkpoint") return std::nullopt;
    AtomicFile scaling(directory / kPreprocessorName);
    scaling.write(text);
    scaling.finish();
    try {
      read_scaling(scaling.temporary_path());
    } catch (const Error&) {
      report_.warnings.push_back(
          Diagnostic{.code = Status::bad_scaling,
                     .file = file_,
                     .message = "its metadata \"scaling\" cannot be read, and was ignored"});
      return std::nullopt;
    }
    return scaling;
  }

  std::string file_;
  OnnxImportReport& report_;
  std::string bytes_;
  OnnxGraph graph_;
  EncoderStructure structure_;
};

}  // namespace

OnnxImportReport import_onnx(const std::filesystem::path& file, const std::filesystem::path& directory) {
  require_new_directory(directory);
  OnnxImportReport report;
  PhotoImport import(file, report);
  import.verify();
  import.write(directory);
  return report;
}

}  // namespace astrom3
