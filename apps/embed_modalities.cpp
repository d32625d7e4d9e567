// SPDX-License-Identifier: MIT
//
// embed, classify and preprocess with several modalities: light curves, spectra and metadata to one row an
// object.
#include "astrom3/pipeline/embed_modalities.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/encoder/checkpoint.h"
#include "astrom3/pipeline/embed_object.h"
#include "astrom3/pipeline/modality_treatment.h"
#include "astrom3/pipeline/multimodal_rows.h"
#include "astrom3/pipeline/pipeline.h"
#include "astrom3/pipeline/preprocess_modalities.h"
#include "astrom3/pipeline/run_modality_parts.h"
#include "astrom3/shared_space/modality.h"
#include "astrom3/shared_space/multimodal_checkpoint.h"
#include "astrom3/shared_space/multimodal_encoder.h"
#include "astrom3/sink/sink.h"
#include "formats/json_writer.h"
#include "modality_inputs.h"
#include "modality_options.h"
#include "prototype_options.h"
#include "report.h"
#include "run_options.h"
#include "signals.h"
#include "survey_folder.h"

namespace astrom3::cli {
namespace {

SinkFormat format_of(const RunArguments& a) {
  if (a.check) return SinkFormat::csv;
  if (a.output.empty()) throw Error(Status::usage, "-o is needed: where the result goes");
  if (is_into_folder(a)) return SinkFormat::parquet;
  if (a.to == "parquet" || (a.to.empty() && a.output.ends_with(".parquet"))) return SinkFormat::parquet;
  if (a.to == "csv" || (a.to.empty() && (a.output.ends_with(".csv") || a.output == "-")))
    return SinkFormat::csv;
  if (a.to == "npy")
    throw Error(Status::usage, "--to npy: objects of several modalities are rows of CSV or Parquet",
                "preprocess writes their tensors as arrays");
  throw Error(Status::usage, fmt::format("-o {}: cannot tell the format", escaped(a.output)),
              "end the name in .csv or .parquet, or in / for a folder of parts, or say --to csv");
}

void check(const RunArguments& a) {
  if (a.spreadsheet_safe && format_of(a) != SinkFormat::csv)
    throw Error(Status::usage, "--spreadsheet-safe goes with CSV");
  check_folder_options(a);
  if (a.output_kind == "sequence" || a.output_kind == "both")
    throw Error(
        Status::usage,
        fmt::format("--output {}: a checkpoint of several modalities gives no sequences", a.output_kind));
}

ModelInputs inputs_of(const MultimodalModel& model) {
  const MultimodalConfig& config = model.checkpoint->config;
  return {.checkpoint = model.checkpoint.get(),
          .info = model.info,
          .photo = model.checkpoint->photo.get(),
          .has_photo = config.has(Modality::photo),
          .n_steps = static_cast<std::size_t>(config.photo.seq_len)};
}

MultimodalLayout layout_of(const RunArguments& a, const MultimodalEncoder& encoder) {
  const MultimodalConfig& config = encoder.config();
  MultimodalLayout layout;
  layout.embedding_size = encoder.embedding_size();
  layout.spreadsheet_safe = a.spreadsheet_safe;
  if (config.kind == CheckpointKind::shared) layout.fused_size = encoder.fused_size();
  if (a.classify) {
    EncoderConfig names;
    names.num_classes = config.num_classes;
    names.class_names = config.class_names;
    layout.class_names = class_names(names);
  }
  const std::vector<std::string> words = modality_names();
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (a.output_kind == words[i]) layout.shown = static_cast<ShownEmbedding>(i);
  }
  if (layout.fused_size == 0)
    layout.shown = encoder.has(Modality::spectra) ? ShownEmbedding::spectra : ShownEmbedding::metadata;
  return layout;
}

/// With --check `shown` has the first objects that would be rejected.
void report(const RunArguments& a, const MultimodalSummary& summary, SinkFormat format,
            const std::vector<Diagnostic>& shown = {}) {
  for (const Diagnostic& diagnostic : shown) print_error(diagnostic);
  if (a.common.json) {
    JsonWriter json(JsonLayout::line);
    json.begin_object().member("output", a.output).member("objects", summary.n_objects);
    json.member("ok", summary.n_ok).key("embedded").begin_object();
    for (const Modality modality : kModalities)
      json.member(modality_name(modality), summary.n_embedded[index_of(modality)]);
    json.end().key("rejected").object(summary.rejected);
    return print_json_line(json.end().take(), a.output == "-");
  }
  std::string text = fmt::format("{} objects, {} ok:", summary.n_objects, summary.n_ok);
  for (const Modality modality : kModalities)
    text += fmt::format(" {} {},", summary.n_embedded[index_of(modality)], modality_name(modality));
  text.back() = ';';
  print_note(text + " " + (a.check ? "nothing is written" : a.output), a.common.verbosity());
  for (const auto& [code, n] : summary.rejected)
    print_note(fmt::format("  {} {}", n, code), a.common.verbosity());
  const std::filesystem::path log = reject_log_path(a.output, format);
  if (!summary.rejected.empty() && !log.empty() && !a.check)
    print_note(fmt::format("why and where is in {}", log.string()), a.common.verbosity());
}

int exit_code_of(const MultimodalSummary& summary) {
  return summary.n_ok == summary.n_objects ? 0 : exit_code(Status::too_many_rejects);
}

/// Reads, cleans and prepares everything, and writes nothing.
int check_inputs_of(const RunArguments& a, const ModalitySources& sources, const PerModality<bool>& are_read,
                    const MultimodalRequest& request) {
  constexpr std::size_t kMostShown = 10;
  std::vector<Diagnostic> shown;
  ProgressLine progress(a.common.verbosity(), a.progress);
  const MultimodalSummary summary = check_modalities(
      sources, are_read, request,
      [&](const MultimodalRow& row) {
        for (const Diagnostic& rejection : row.rejections) {
          if (shown.size() < kMostShown) shown.push_back(rejection);
        }
      },
      &stop_requested(), [&](const RunProgress& p) { progress.show(p); });
  if (a.common.verbosity() == Verbosity::quiet) shown.clear();
  report(a, summary, format_of(a), shown);
  return exit_code_of(summary);
}

class ModalitiesRun {
 public:
  ModalitiesRun(const RunArguments& a, const ModalityArguments& m, const PrototypeArguments& p)
      : a_(a), p_(p), format_(format_of(a)) {
    check(a_);
    MultimodalModel model = open_multimodal_model(a_.model, a_.common.verbosity());
    AttentionArguments attention = a_.attention;
    if (p_.are_given()) attention.seed = p_.seed_of_attention(attention);
    encoder_ = open_multimodal_encoder(model.checkpoint, attention, a_.common);
    request(m);
    inputs_ = std::make_unique<ModalityInputs>(a_, m, inputs_of(model));
    identity_ = inputs_->with_light_curves(describe_modalities(inputs_->sources(), *encoder_, request_));
    layout_ = layout_of(a_, *encoder_);
  }

  int go() {
    if (a_.check) {
      const MultimodalConfig& config = encoder_->config();
      const PerModality<bool> are_read{config.has(Modality::photo), config.has(Modality::spectra),
                                       config.has(Modality::metadata)};
      const int code = check_inputs_of(a_, inputs_->sources(), are_read, request_);
      for (const Diagnostic& warning : inputs_->take_warnings())
        print_warning(warning, a_.common.verbosity());
      return code;
    }
    const MultimodalSummary summary = p_.are_given()       ? write_judged()
                                      : is_into_folder(a_) ? write_folder()
                                                           : write_file({});
    report(a_, summary, format_);
    return exit_code_of(summary);
  }

 private:
  void request(const ModalityArguments& m) {
    request_ = modality_request(m, *encoder_);
    request_.probabilities = a_.classify && !p_.are_given();
    request_.n_threads = thread_count(a_.threads, a_.common.verbosity());
    request_.limits = run_options(a_, Stage::tensor);
    if (request_.probabilities && encoder_->class_count() == 0) {
      throw Error(Diagnostic{.code = Status::bad_model,
                             .file = encoder_->checkpoint().weights_file.string(),
                             .message = "has no head: it cannot classify",
                             .hint = {"{} classifies by labelled embeddings", {{"prototypes"}}}});
    }
  }

  /// `change` may change a row before it is written, and returns whether it is ok.
  MultimodalSummary write_file(const std::function<bool(MultimodalRow&)>& change) {
    MultimodalRowsFile file(a_.output, format_, layout_, identity_);
    const std::filesystem::path log = reject_log_path(a_.output, format_);
    std::optional<RejectLog> rejects;
    if (!log.empty()) rejects.emplace(log);
    RejectLog* const kept = rejects ? &*rejects : nullptr;
    ProgressLine progress(a_.common.verbosity(), a_.progress);
    std::uint64_t n_changed = 0;
    const auto write = [&](const MultimodalRow& row) {
      if (!change) return file.write(row);
      MultimodalRow changed = row;
      if (row.status == Status::ok && !change(changed)) ++n_changed;
      file.write(changed);
    };
    MultimodalSummary summary =
        embed_modalities(inputs_->sources(), *encoder_, request_, write, kept, &stop_requested(),
                         [&](const RunProgress& p) { progress.show(p); });
    summary.n_ok -= n_changed;
    file.close(kept);
    for (const Diagnostic& warning : inputs_->take_warnings()) print_warning(warning, a_.common.verbosity());
    return summary;
  }

  MultimodalSummary write_judged() {
    if (is_into_folder(a_))
      throw Error(Status::usage, "--prototypes writes one file", "end the name in .csv or .parquet");
    const LabelledEmbeddings prototypes = read_prototypes(p_, a_);
    require_comparable(prototypes.table, identity_, encoder_->checkpoint().weights_file);
    layout_.class_names = prototypes.class_names;
    layout_.class_prefix = kScorePrefix;
    const bool is_fused = p_.column.empty() || p_.column == "fused";
    const std::size_t index = is_fused ? 0 : index_of(parse_modality(p_.column));
    return write_file([&](MultimodalRow& row) {
      const std::vector<float>& embedding =
          is_fused && layout_.fused_size > 0 ? row.fused : row.embeddings[is_fused ? only_modality() : index];
      return judge_row(prototypes, embedding, row);
    });
  }

  /// Of a checkpoint of one modality.
  std::size_t only_modality() const {
    return index_of(encoder_->has(Modality::spectra) ? Modality::spectra : Modality::metadata);
  }

  MultimodalSummary write_folder() {
    const InputShard shard = chosen_shard(a_, true);
    const std::vector<std::filesystem::path>& all = inputs_->light_curves();
    std::vector<std::filesystem::path> inputs = all;
    const ModalitySources& sources = inputs_->sources();
    inputs.insert(inputs.end(), sources.spectra.begin(), sources.spectra.end());
    const std::vector<std::filesystem::path> tables = inputs_->tables();
    inputs.insert(inputs.end(), tables.begin(), tables.end());
    const ModalityPartsRun run{
        .sources = sources,
        .light_curves = files_of_shard(all, shard),
        .reading = a_.treatment.reading,
        .shard = shard,
        .light_curves_of_all = shard.count > 1 ? all : std::vector<std::filesystem::path>{},
        .tables = tables,
        .encoder = encoder_.get(),
        .request = request_,
        .layout = layout_,
        .identity = identity_,
        .parts = parts_options(inputs, a_, shard)};
    if (shard.count > 1)
      print_note(fmt::format("share {} of {}: {} files of light curves", shard.index + 1, shard.count,
                             run.light_curves.size()),
                 a_.common.verbosity());
    const RunSummary summary = run_into_folder(
        a_, [&](const auto& progress) { return run_modality_parts(run, &stop_requested(), progress); });
    for (const Diagnostic& warning : summary.warnings) print_warning(warning, a_.common.verbosity());
    return multimodal_summary(summary);
  }

  const RunArguments& a_;
  const PrototypeArguments& p_;
  SinkFormat format_;
  std::unique_ptr<MultimodalEncoder> encoder_;
  MultimodalRequest request_;
  std::unique_ptr<ModalityInputs> inputs_;
  Identity identity_;
  MultimodalLayout layout_;
};

/// Of the checkpoint, what decides tensors; of one of light curves alone, nothing about the others.
ModelInputs inputs_for_tensors(const RunArguments& a, std::shared_ptr<const void>& keeps) {
  const bool is_named = !a.model.model.empty();
  if (is_named && model_kind(a.model, a.common.verbosity()) != CheckpointKind::photo) {
    const MultimodalModel model = open_multimodal_model(a.model, a.common.verbosity());
    keeps = model.checkpoint;
    return inputs_of(model);
  }
  if (!is_named && a.treatment.scaling != "checkpoint") return {};
  const auto checkpoint = open_model(a.model, a.common.verbosity());
  keeps = checkpoint;
  return {.checkpoint = nullptr,
          .info = {},
          .photo = checkpoint.get(),
          .has_photo = true,
          .n_steps = static_cast<std::size_t>(checkpoint->config.seq_len)};
}

}  // namespace

int run_modalities(const RunArguments& arguments, const ModalityArguments& modalities,
                   const PrototypeArguments& prototypes) {
  return ModalitiesRun(arguments, modalities, prototypes).go();
}

int preprocess_several(const RunArguments& a, const ModalityArguments& m) {
  if (a.output.empty() && !a.check) throw Error(Status::usage, "-o is needed: the directory to write");
  std::shared_ptr<const void> model;
  ModalityInputs inputs(a, m, inputs_for_tensors(a, model));
  const MultimodalRequest request{.modalities = wanted_modalities(m),
                                  .require_all = m.require == "all",
                                  .probabilities = false,
                                  .n_threads = thread_count(a.threads, a.common.verbosity()),
                                  .limits = inputs.options()};
  if (a.check) return check_inputs_of(a, inputs.sources(), {true, true, true}, request);
  const TensorSizes sizes{.n_steps = inputs.options().object.tensor.n_steps,
                          .n_pixels = inputs.sources().spectrum.grid.size,
                          .n_columns = inputs.metadata_columns()};
  ProgressLine progress(a.common.verbosity(), a.progress);
  const MultimodalSummary summary =
      preprocess_modalities(inputs.sources(), sizes, request, a.output, a.force,
                            inputs.with_light_curves(describe_tensors(inputs.sources(), request)),
                            &stop_requested(), [&](const RunProgress& p) { progress.show(p); });
  for (const Diagnostic& warning : inputs.take_warnings()) print_warning(warning, a.common.verbosity());
  report(a, summary, SinkFormat::npy);
  return exit_code_of(summary);
}

}  // namespace astrom3::cli
