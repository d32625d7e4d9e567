// SPDX-License-Identifier: MIT
//
// astrom3 export: a checkpoint as one ONNX file.
#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "astrom3/base/checkpoint_files.h"
#include "astrom3/base/error.h"
#include "astrom3/base/option.h"
#include "astrom3/onnx/multimodal_onnx.h"
#include "astrom3/onnx/onnx.h"
#include "astrom3/shared_space/modality.h"
#include "astrom3/shared_space/multimodal_checkpoint.h"
#include "command.h"
#include "command_line.h"
#include "formats/json_writer.h"
#include "modality_options.h"
#include "report.h"
#include "run_options.h"

namespace astrom3::cli {
namespace {

struct ExportArguments {
  CommonOptions common;
  ModelArguments model;
  std::string output;
  std::string card;
  bool no_card = false;
  bool logits = false;
  std::string modality;   ///< of a checkpoint with several: one encoder; empty: all
  std::string attention;  ///< "full": the photo encoder may have it, though it was trained with another form
};

std::string difference_text(bool was_run, double difference) {
  return was_run ? fmt::format("differs from the engine by at most {:.1e}", difference)
                 : "too large to be run by the self-check";
}

/// The photo encoder is written with full attention, in which a projection of another form finds other
/// places.
void require_attention(const ExportArguments& a, const MultimodalCheckpoint& checkpoint) {
  const bool has_photo =
      checkpoint.config.has(Modality::photo) && (a.modality.empty() || a.modality == "photo");
  const std::string trained = checkpoint.training_attention();
  if (!has_photo || trained == "full" || a.attention == "full") return;
  throw Error(
      Status::usage,
      fmt::format("an ONNX file holds full attention, and this checkpoint was trained with {}: the photo "
                  "embeddings would be others",
                  escaped(trained)),
      "--attention full writes it all the same; --modality spectra or metadata is not concerned");
}

/// A checkpoint of spectra, metadata or the shared space.
int export_several(const ExportArguments& a) {
  const Verbosity verbosity = a.common.verbosity();
  if (!a.card.empty()) throw Error(Status::usage, "--card goes with checkpoints of light curves alone");
  const auto checkpoint = open_multimodal_model(a.model, verbosity).checkpoint;
  require_attention(a, *checkpoint);
  MultimodalOnnxOptions options{.only = {}, .logits = a.logits};
  if (!a.modality.empty()) options.only = parse_modality(a.modality);
  const MultimodalOnnxReport report = export_multimodal_onnx(checkpoint, a.output, options);
  if (!a.common.json) {
    print_note(fmt::format("{} written: {} bytes, opset {}; {}", a.output, report.bytes, report.opset,
                           difference_text(report.was_run, report.largest_difference)),
               verbosity);
    return 0;
  }
  JsonWriter json(JsonLayout::line);
  json.begin_object()
      .member("output", a.output)
      .member("bytes", report.bytes)
      .member("opset", report.opset)
      .member("model_sha256", checkpoint->sha256)
      .member("kind", checkpoint_kind_name(report.config.kind));
  json.key("largest_difference")
      .raw(report.was_run ? fmt::format("{:.3e}", report.largest_difference) : "null");
  print_json_line(json.end().take());
  return 0;
}

int run_export(const ExportArguments& a) {
  if (a.output.empty()) throw Error(Status::usage, "-o is needed: the .onnx file to write");
  const Verbosity verbosity = a.common.verbosity();
  if (model_kind(a.model, verbosity) != CheckpointKind::photo) return export_several(a);
  if (!a.modality.empty())
    throw Error(Status::usage, "--modality goes with checkpoints of several modalities");
  const auto checkpoint = open_model(a.model, verbosity);
  const OnnxExportOptions options{.logits = a.logits, .write_card = !a.no_card, .card = a.card};
  const OnnxExportReport report = export_onnx(checkpoint, a.output, options);
  if (checkpoint->training_attention() != "full") {
    print_note(fmt::format("the file computes full attention, the checkpoint was trained with {}{}",
                           checkpoint->training_attention(),
                           a.logits ? ": its logits make little sense this way" : ""),
               verbosity);
  }
  if (a.common.json) {
    JsonWriter json(JsonLayout::line);
    json.begin_object()
        .member("output", a.output)
        .member("bytes", report.bytes)
        .member("opset", report.opset)
        .member("model_sha256", checkpoint->sha256)
        .key("card");
    report.card.empty() ? json.value(nullptr) : json.value(report.card.string());
    json.key("largest_difference")
        .raw(report.was_run ? fmt::format("{:.3e}", report.largest_difference) : "null");
    print_json_line(json.end().take());
  } else {
    print_note(fmt::format("{} written: {} bytes, opset {}; {}", a.output, report.bytes, report.opset,
                           difference_text(report.was_run, report.largest_difference)),
               verbosity);
    if (!report.card.empty()) print_note(fmt::format("{} written", report.card.string()), verbosity);
  }
  return 0;
}

/// The model, and its card where it has no name of its own.
std::vector<OutputFile> outputs_of(const ExportArguments& a) {
  std::vector<OutputFile> outputs{{.path = a.output, .is_named = true}};
  const bool has_card = model_kind(a.model, Verbosity::quiet) == CheckpointKind::photo;
  if (has_card && !a.no_card && a.card.empty())
    outputs.push_back({.path = std::filesystem::path(a.output).parent_path() / kHubCardName});
  return outputs;
}

}  // namespace

void add_export(Command& astrom3) {
  auto arguments = std::make_shared<ExportArguments>();
  Command& command = astrom3.subcommand("export", "write a checkpoint as one ONNX file, with its model card");
  command.footer(
      "Inputs x_enc [batch, T, 9] and mask [batch, T]; outputs mean [batch, D] and sequence [batch, T, D];\n"
      "float32, opset 17, full attention. The file gets its name only when it has passed ONNX's checker and\n"
      "its outputs have been compared with those of astrom3's own encoder.\n"
      "Of spectra, metadata and the shared space: inputs x_enc, mask, spectra [batch, 3, N], metadata "
      "[batch,\n"
      "columns] to p_emb, s_emb, m_emb, fused and temperatures; no card.");
  add_common_options(command, arguments->common);
  add_model_options(command, arguments->model);
  GroupOfOptions options = command.options.in({});
  options.add("o", arguments->output, "the .onnx file to write");
  options.add("logits", arguments->logits, "add a third output, logits [batch, classes], from the head");
  options.add("card", arguments->card, "where the model card goes (default: README.md beside the file)");
  options.add("no-card", arguments->no_card, "write no model card");
  options.add_word("modality", arguments->modality, {"photo", "spectra", "metadata"},
                   "of a checkpoint with several modalities: one encoder with its projection (default: all)");
  options.add_word("attention", arguments->attention, {"full"},
                   "full: write the photo encoder of such a checkpoint with full attention, though it was "
                   "trained\nwith another form, and gives other embeddings so");
  command.exclude("no-card", "card");
  command.writes([arguments] { return outputs_of(*arguments); });
  command.writes_files_only();
  command.runs([arguments] { return run_export(*arguments); });
}

}  // namespace astrom3::cli
