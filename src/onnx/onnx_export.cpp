// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/checkpoint_files.h"
#include "astrom3/base/error.h"
#include "astrom3/base/version.h"
#include "astrom3/encoder/checkpoint.h"
#include "astrom3/features/scaling.h"
#include "astrom3/onnx/onnx.h"
#include "base/atomic_file.h"
#include "onnx/encoder_graph.h"
#include "onnx/graph.h"
#include "onnx/model_card.h"
#include "onnx/onnx_module.h"
#include "onnx/provenance.h"
#include "onnx/self_check.h"
#include "onnx/stored_file.h"

namespace astrom3 {
namespace {

std::vector<std::pair<std::string, std::string>> metadata(const Checkpoint& checkpoint) {
  const Provenance provenance = provenance_of(checkpoint);
  std::vector<std::pair<std::string, std::string>> entries{
      {"astrom3_version", kVersion},
      {"source_sha256", checkpoint.sha256},
      {"attention", "full"},
      {"training_attention", checkpoint.training_attention()},
      {"trained", checkpoint.is_trained() ? "true" : "false"},
      {"license", provenance.license.empty() ? std::string(kNotStated) : provenance.license},
      {"attribution", provenance.attribution.empty() ? std::string(kNotStated) : provenance.attribution},
      {"scaling_source", provenance.has_own_scaling ? "checkpoint" : "published"},
      {"scaling", to_json(provenance.scaling)},
      {"config", to_json(checkpoint.config)}};
  return entries;
}

/// The card's path, or nothing where none is wanted. Throws where it would replace somebody's file.
std::optional<std::filesystem::path> card_path(const std::filesystem::path& file,
                                               const OnnxExportOptions& options) {
  if (!options.write_card) return std::nullopt;
  const std::filesystem::path card = options.card.empty() ? file.parent_path() / kHubCardName : options.card;
  if (card.lexically_normal() == file.lexically_normal())
    throw Error(Status::usage, "the model and its card cannot be one file");
  if (!is_ours_to_write(card)) {
    throw Error(Diagnostic{.code = Status::output_error,
                           .file = card.string(),
                           .message = "is there, and astrom3 did not write it: it is left alone",
                           .hint = {"{} writes the model card elsewhere, {} writes none",
                                    {{"card", "FILE"}, {"card", "false"}}}});
  }
  return card;
}

}  // namespace

OnnxExportReport export_onnx(std::shared_ptr<const Checkpoint> checkpoint, const std::filesystem::path& file,
                             const OnnxExportOptions& options) {
  const std::optional<std::filesystem::path> card = card_path(file, options);
  OnnxGraph graph = encoder_graph(*checkpoint, options.logits);
  graph.metadata = metadata(*checkpoint);
  const OnnxModule& module = onnx_module(Status::output_error);
  AtomicFile model_output(file, Links::followed);
  std::optional<AtomicFile> card_output;
  if (card) card_output.emplace(*card, options.card.empty() ? Links::replaced : Links::followed);

  const std::string bytes = module.serialize(graph);
  model_output.write(bytes);
  model_output.finish();
  OnnxExportReport report{.bytes = bytes.size(), .opset = graph.opset, .card = card.value_or("")};
  try {
    const OnnxGraph stored = reread_onnx(model_output, bytes, graph, module);
    EncoderPorts ports;
    if (options.logits) ports.logits = "logits";
    const Comparison comparison = compare_with_engine(stored, ports, checkpoint, {}, file.string());
    if (!comparison.agrees)
      fail_onnx_check(file, fmt::format("{} differs from the engine by {:.2g}, more than {:.2g}",
                                        comparison.worst, comparison.largest_difference, comparison.allowed));
    report.largest_difference = comparison.largest_difference;
    report.was_run = comparison.was_run;
  } catch (const Error& error) {
    if (error.code() != Status::bad_model) throw;
    fail_onnx_check(file,
                    error.diagnostic().message);  // a model of ours that is not understood is our defect
  }

  std::vector<AtomicFile*> outputs;
  if (card_output) {
    card_output->write(model_card(*checkpoint, file.filename().string(), options.logits));
    outputs.push_back(&*card_output);
  }
  outputs.push_back(&model_output);
  commit_together(outputs);
  return report;
}

}  // namespace astrom3
