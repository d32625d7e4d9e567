// SPDX-License-Identifier: MIT
#include "survey_run.h"

#include <fmt/format.h>

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/encoder/bundled.h"
#include "astrom3/encoder/checkpoint.h"
#include "astrom3/encoder/encoder.h"
#include "astrom3/encoder/out_of_class.h"
#include "astrom3/features/catalog.h"
#include "astrom3/features/scaling.h"
#include "astrom3/kernels/isa.h"
#include "astrom3/pipeline/describe_run.h"
#include "astrom3/pipeline/embed_object.h"
#include "astrom3/pipeline/pipeline.h"
#include "astrom3/pipeline/run_parts.h"
#include "astrom3/shared_space/multimodal_checkpoint.h"
#include "astrom3/sink/part_file_names.h"
#include "astrom3/sink/sink.h"
#include "astrom3/source/source.h"
#include "command_line.h"
#include "file_claims.h"
#include "modality_options.h"
#include "prototype_options.h"
#include "report.h"
#include "run_options.h"
#include "signals.h"
#include "survey_folder.h"
#include "survey_summary.h"

namespace astrom3::cli {
namespace {

/// Takes rows and keeps none: --check.
class NullSink : public Sink {
 public:
  void write(const Row&) override {}
  void close() override {}
};

SinkFormat chosen_format(const RunArguments& a) {
  const std::string& out = a.output;
  if (is_into_folder(a)) return SinkFormat::parquet;
  if (a.to == "csv") return SinkFormat::csv;
  if (a.to == "npy") return SinkFormat::npy;
  if (a.to == "parquet" || (a.to.empty() && out.ends_with(".parquet"))) {
    if (out == "-") {
      throw Error(Status::usage, "-o -: Parquet needs a seekable file", "write CSV to stdout with --to csv");
    }
    return SinkFormat::parquet;
  }
  if (out.ends_with(".csv") || out == "-") return SinkFormat::csv;
  throw Error(
      Status::usage, fmt::format("-o {}: cannot tell the format", escaped(out)),
      "end the name in .csv or .parquet, or in / for a folder of parts, or say --to parquet, csv or npy");
}

RowLayout layout_for(const RunArguments& a, Stage last_stage, SinkFormat format, const Encoder* encoder,
                     const RunOptions& options) {
  RowLayout layout;
  if (last_stage == Stage::tensor) layout.tensor_steps = options.object.tensor.n_steps;
  if (last_stage == Stage::features) {
    layout.period_search = true;
    layout.n_alternates = options.object.features.period.n_alternates;
  }
  if (last_stage != Stage::embedding) return layout;
  const auto width = static_cast<std::size_t>(encoder->config().d_model);
  if (a.classify) {
    layout.class_names = class_names(encoder->config());
    layout.out_of_class = OutOfClass::of(encoder->checkpoint().tensors).has_value();
    return layout;
  }
  if (a.output_kind != "sequence") layout.embedding_size = width;
  if (a.output_kind == "mean") return layout;
  if (format == SinkFormat::csv) {
    throw Error(Status::usage, fmt::format("--output {}: a sequence does not fit into CSV", a.output_kind),
                "use --to npy or a .parquet file");
  }
  layout.sequence_steps = static_cast<std::size_t>(encoder->config().seq_len);
  layout.sequence_width = width;
  return layout;
}

/// One call of embed, features, classify or preprocess. Every step needs those before it.
class SurveyRun {
 public:
  SurveyRun(const RunArguments& a, Stage last_stage)
      : a_(a),
        last_stage_(last_stage),
        verbosity_(a.common.verbosity()),
        into_folder_(is_into_folder(a) && !a.check),
        shard_(chosen_shard(a, into_folder_)),
        format_(a.check ? SinkFormat::csv : chosen_format(a)),
        reading_(a.treatment.reading),
        options_(run_options(a, a.check ? Stage::cleaning : last_stage)) {}

  int go() {
    // The model first: without it nothing else matters.
    open_checkpoint();
    if (last_stage_ == Stage::embedding) open_its_encoder();
    layout_ = layout_for(a_, last_stage_, format_, encoder_.get(), options_);
    find_inputs();
    read_catalog();
    identity_ = describe_run(encoder_.get(), options_, reading_, a_.catalog);
    const RunSummary summary = a_.check ? check() : into_folder_ ? write_folder() : write_file();
    report_survey(a_, summary, {catalog_.get(), options_.object.scaling, identity_, reject_log_});
    return summary.n_ok == summary.n_objects ? 0 : exit_code(Status::too_many_rejects);
  }

 private:
  void open_checkpoint() {
    // Tensors are for a model: the default one, unless an option scales them for another.
    const bool for_default =
        last_stage_ == Stage::tensor && a_.treatment.scaling == "checkpoint" && default_model().has_value();
    if (last_stage_ == Stage::embedding || !a_.model.model.empty() || for_default) {
      checkpoint_ = open_model(a_.model, verbosity_);
      options_.object.tensor.n_steps = static_cast<std::size_t>(checkpoint_->config.seq_len);
    }
    const bool is_for_no_model =
        last_stage_ == Stage::features && a_.model.model.empty() && a_.treatment.scaling == "checkpoint";
    options_.object.scaling = is_for_no_model ? published_scaling() : chosen_scaling(a_, checkpoint_.get());
  }

  void open_its_encoder() {
    encoder_ = open_encoder(checkpoint_, a_.attention, a_.common, a_.classify ? "trained" : "full");
    options_.want_sequence = a_.output_kind != "mean";
    options_.object.want_probabilities = a_.classify;
    if (a_.classify && !checkpoint_->has_head()) {
      throw Error(Diagnostic{.code = Status::bad_model,
                             .file = checkpoint_->weights_file.string(),
                             .column = "fc.weight",
                             .message = "not there: without its head a checkpoint cannot classify"});
    }
    if (verbosity_ == Verbosity::verbose) {
      print_note(fmt::format("checkpoint {} (sha256 {}), {}, {} instructions",
                             escaped(checkpoint_->weights_file.string(), 400), checkpoint_->sha256,
                             checkpoint_->is_trained() ? "trained" : "untrained", isa_name(encoder_->isa())),
                 verbosity_);
    }
    if (!checkpoint_->is_trained())
      print_note("the checkpoint is untrained: the embeddings mean nothing", verbosity_);
  }

  void find_inputs() {
    std::vector<Diagnostic> warnings;
    files_ = files_of_shard(light_curve_files(a_.inputs, a_.recursive, warnings), shard_);
    for (const Diagnostic& warning : warnings) print_warning(warning, verbosity_);
  }

  void read_catalog() {
    if (a_.catalog.empty()) return;
    catalog_ = std::make_unique<Catalog>(
        Catalog::read(a_.catalog, reading_.id_column, options_.object.scaling.none));
    for (const Diagnostic& warning : catalog_->warnings()) print_warning(warning, verbosity_);
  }

  RunSummary write_folder() {
    if (shard_.count > 1)
      print_note(fmt::format("share {} of {}: {} files", shard_.index + 1, shard_.count, files_.size()),
                 verbosity_);
    reject_log_ = folder_of_shard(a_.output, shard_) / kPartsRejectsName;
    const PartsRun run{.files = files_,
                       .reading = reading_,
                       .catalog = catalog_.get(),
                       .encoder = encoder_.get(),
                       .options = options_,
                       .layout = layout_,
                       .identity = identity_,
                       .parts = parts_options(files_, a_, shard_)};
    return run_into_folder(a_,
                           [&](const auto& progress) { return run_parts(run, &stop_requested(), progress); });
  }

  RunSummary write_file() {
    const auto sink =
        open_sink(a_.output, format_, layout_, identity_,
                  SinkOptions{.force = a_.force,
                              .spreadsheet_safe = a_.spreadsheet_safe,
                              .scaling = last_stage_ == Stage::tensor ? to_json(options_.object.scaling)
                                                                      : std::string{}});
    if (a_.output == "-") return run_into(*sink, nullptr);
    reject_log_ = reject_log_path(a_.output, format_);
    RejectLog rejects(reject_log_);
    return run_into(*sink, &rejects);
  }

  RunSummary check() {
    NullSink sink;
    return run_into(sink, nullptr);
  }

  RunSummary run_into(Sink& sink, RejectLog* rejects) const {
    const auto source = open_source(files_, reading_);
    ProgressLine progress(verbosity_, a_.progress);
    return run_pipeline(*source, a_.check ? nullptr : catalog_.get(), encoder_.get(), options_, sink, rejects,
                        &stop_requested(), [&](const RunProgress& p) { progress.show(p); });
  }

  const RunArguments& a_;
  Stage last_stage_;
  Verbosity verbosity_;
  bool into_folder_;
  InputShard shard_;
  SinkFormat format_;
  SourceOptions reading_;
  RunOptions options_;
  std::shared_ptr<const Checkpoint> checkpoint_;
  std::unique_ptr<Encoder> encoder_;
  RowLayout layout_;
  std::vector<std::filesystem::path> files_;
  std::unique_ptr<Catalog> catalog_;
  Identity identity_;
  std::filesystem::path reject_log_;
};

int run_survey(const RunArguments& arguments, Stage last_stage) {
  if (arguments.output_kind != "mean" && arguments.output_kind != "sequence" &&
      arguments.output_kind != "both") {
    throw Error(Status::usage, fmt::format("--output {}: a photo checkpoint gives mean, sequence or both",
                                           arguments.output_kind));
  }
  if (arguments.output.empty() && !arguments.check)
    throw Error(Status::usage, "-o is needed: where the result goes");
  check_folder_options(arguments);
  if (arguments.spreadsheet_safe && !arguments.check && chosen_format(arguments) != SinkFormat::csv)
    throw Error(Status::usage, "--spreadsheet-safe goes with CSV");
  return SurveyRun(arguments, last_stage).go();
}

/// The files that a run writes, by its arguments alone.
std::vector<OutputFile> survey_outputs(const RunArguments& a) {
  if (a.check || a.output.empty()) return {};
  std::vector<OutputFile> outputs;
  if (is_into_folder(a)) {
    for (auto& path : part_folder_files(folder_of_shard(a.output, chosen_shard(a, true))))
      outputs.push_back({std::move(path)});
    return outputs;
  }
  for (auto& path : output_files(a.output, chosen_format(a))) {
    const bool is_named = path == a.output;
    outputs.push_back({std::move(path), is_named});
  }
  return outputs;
}

}  // namespace

void runs_survey(Command& command, std::shared_ptr<const RunArguments> arguments, Stage last_stage,
                 std::shared_ptr<const ModalityArguments> modalities,
                 std::shared_ptr<const PrototypeArguments> prototypes) {
  command.writes([arguments] { return survey_outputs(*arguments); });
  command.runs([arguments, last_stage, modalities, prototypes] {
    const PrototypeArguments judged = prototypes == nullptr ? PrototypeArguments{} : *prototypes;
    check_prototype_options(judged);
    const bool are_given = modalities != nullptr && modalities->are_given();
    // Tensors may be made without a checkpoint; the default one is of light curves.
    const bool asks_model = last_stage != Stage::tensor || !arguments->model.model.empty();
    const bool has_several =
        are_given || (modalities != nullptr && asks_model &&
                      model_kind(arguments->model, arguments->common.verbosity()) != CheckpointKind::photo);
    if (has_several && last_stage == Stage::tensor) return preprocess_several(*arguments, *modalities);
    if (has_several) return run_modalities(*arguments, *modalities, judged);
    if (arguments->inputs.empty()) throw Error(Status::usage, "INPUT is required: the light curves");
    if (judged.are_given()) return classify_by_prototypes(*arguments, judged);
    return run_survey(*arguments, last_stage);
  });
}

}  // namespace astrom3::cli
