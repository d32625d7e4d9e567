// SPDX-License-Identifier: MIT
//
// embed and classify with several modalities: light curves, spectra and metadata to one row an object.
#include <fmt/format.h>

#include <set>

#include "file_claims.h"
#include "formats/json_writer.h"
#include "modality_options.h"
#include "outputs.h"
#include "signals.h"

namespace astrom3::cli {
namespace {

SinkFormat format_of(const RunArguments& a) {
  if (a.output.empty()) throw Error(Status::usage, "-o is needed: where the result goes");
  if (a.to == "parquet" || (a.to.empty() && a.output.ends_with(".parquet"))) return SinkFormat::parquet;
  if (a.to == "csv" || (a.to.empty() && a.output.ends_with(".csv"))) return SinkFormat::csv;
  throw Error(Status::usage, fmt::format("-o {}: cannot tell the format", escaped(a.output)),
              "end the name in .csv or .parquet: embeddings of several modalities go to one file");
}

/// What goes with one modality alone is refused where it would be ignored.
void check(const RunArguments& a, const ModalityArguments& m) {
  if (a.resume || a.shard || a.check || a.spreadsheet_safe)
    throw Error(Status::usage,
                "--resume, --shard, --check and --spreadsheet-safe go with light curves alone");
  if (a.output_kind == "sequence" || a.output_kind == "both")
    throw Error(
        Status::usage,
        fmt::format("--output {}: a checkpoint of several modalities gives no sequences", a.output_kind));
  if (!m.pairs.empty() && (m.spectra.empty() || a.inputs.empty()))
    throw Error(Status::usage, "--pairs goes with light curves and --spectra");
  if (m.metadata.empty() && (!m.metadata_scaling.empty() || !m.metadata_id.empty() || m.impute != "none"))
    throw Error(Status::usage, "--metadata-scaling, --metadata-id and --impute go with --metadata");
}

class ModalitiesRun {
 public:
  ModalitiesRun(const RunArguments& a, const ModalityArguments& m) : a_(a), m_(m), format_(format_of(a)) {}

  int go() {
    check(a_, m_);
    const MultimodalModel model = open_multimodal_model(a_.model, a_.common.verbosity());
    checkpoint_ = model.checkpoint;
    info_ = model.info;
    encoder_ = open_multimodal_encoder(checkpoint_, a_.attention, a_.common);
    request();
    open_light_curves();
    open_spectra();
    open_metadata();
    if (sources_.light_curves == nullptr && sources_.spectra.empty() && sources_.metadata == nullptr)
      throw Error(Status::usage, "nothing to embed: light curves, --spectra or --metadata are needed");
    return write();
  }

 private:
  void request() {
    request_ = modality_request(m_, *encoder_);
    request_.probabilities = a_.classify;
    request_.n_threads = thread_count(a_.threads, a_.common.verbosity());
    if (a_.classify && encoder_->class_count() == 0) {
      throw Error(Diagnostic{.code = Status::bad_model,
                             .file = checkpoint_->weights_file.string(),
                             .message = "has no head: it cannot classify"});
    }
  }

  void open_light_curves() {
    options_ = run_options(a_, Stage::tensor);
    if (a_.inputs.empty()) return;
    std::vector<Diagnostic> warnings;
    auto files = light_curve_files(a_.inputs, a_.recursive, warnings);
    for (const Diagnostic& warning : warnings) print_warning(warning, a_.common.verbosity());
    if (encoder_->has(Modality::photo)) {
      options_.object.tensor.n_steps = static_cast<std::size_t>(checkpoint_->config.photo.seq_len);
      const bool is_from_hub = a_.treatment.scaling == "checkpoint" && info_ && !checkpoint_->scaling;
      options_.object.scaling =
          is_from_hub ? read_scaling(*info_) : chosen_scaling(a_, checkpoint_->photo.get());
    }
    if (!a_.catalog.empty()) {
      catalog_ = std::make_unique<Catalog>(
          Catalog::read(a_.catalog, a_.treatment.reading.id_column, options_.object.scaling.none));
      for (const Diagnostic& warning : catalog_->warnings()) print_warning(warning, a_.common.verbosity());
    }
    source_ = open_source(std::move(files), a_.treatment.reading);
    sources_.light_curves = source_.get();
    sources_.catalog = catalog_.get();
    sources_.object = options_.object;
  }

  void open_spectra() {
    sources_.reading = spectrum_reading(m_);
    sources_.spectrum = spectrum_options(m_);
    sources_.pick = picked_spectrum(m_);
    if (m_.spectra.empty()) return;
    std::vector<Diagnostic> warnings;
    sources_.spectra = light_curve_files(m_.spectra, a_.recursive, warnings);
    for (const Diagnostic& warning : warnings) print_warning(warning, a_.common.verbosity());
    if (!m_.pairs.empty()) sources_.pairs = read_pairs(m_.pairs);
  }

  void open_metadata() {
    if (m_.metadata.empty()) return;
    metadata_ = std::make_unique<MetadataTable>(
        m_.metadata, metadata_scaling_of(*checkpoint_, m_.metadata_scaling, info_), metadata_options(m_));
    for (const Diagnostic& warning : metadata_->warnings()) print_warning(warning, a_.common.verbosity());
    sources_.metadata = metadata_.get();
  }

  Identity identity() const {
    Identity identity = describe_modalities(sources_, *encoder_, request_);
    if (sources_.light_curves == nullptr) return identity;
    std::set<std::string> said;
    for (const auto& [key, value] : identity) said.insert(key);
    for (auto& entry : describe_run(nullptr, options_, a_.treatment.reading, a_.catalog)) {
      if (!said.contains(entry.first)) identity.push_back(std::move(entry));
    }
    return identity;
  }

  MultimodalLayout layout() const {
    MultimodalLayout layout;
    layout.embedding_size = encoder_->embedding_size();
    if (checkpoint_->config.kind == CheckpointKind::shared) layout.fused_size = encoder_->fused_size();
    if (a_.classify) {
      EncoderConfig names;
      names.num_classes = checkpoint_->config.num_classes;
      names.class_names = checkpoint_->config.class_names;
      layout.class_names = class_names(names);
    }
    const std::vector<std::string> words = modality_names();
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (a_.output_kind == words[i]) layout.shown = static_cast<ShownEmbedding>(i);
    }
    const bool is_shared = layout.fused_size > 0;
    if (!is_shared) {
      const bool is_spectra = encoder_->has(Modality::spectra);
      layout.shown = is_spectra ? ShownEmbedding::spectra : ShownEmbedding::metadata;
    }
    return layout;
  }

  int write() {
    MultimodalRowsFile file(a_.output, format_, layout(), identity());
    RejectLog rejects(reject_log_path(a_.output, format_));
    const MultimodalSummary summary = embed_modalities(
        sources_, *encoder_, request_, [&](const MultimodalRow& row) { file.write(row); }, &rejects,
        &stop_requested());
    file.close(&rejects);
    report(summary);
    return summary.n_ok == summary.n_objects ? 0 : exit_code(Status::too_many_rejects);
  }

  void report(const MultimodalSummary& summary) const {
    if (a_.common.json) {
      JsonWriter json(JsonLayout::line);
      json.begin_object().member("output", a_.output).member("objects", summary.n_objects);
      json.member("ok", summary.n_ok).key("embedded").begin_object();
      for (const Modality modality : kModalities)
        json.member(modality_name(modality), summary.n_embedded[index_of(modality)]);
      json.end().key("rejected").object(summary.rejected);
      return print_json_line(json.end().take());
    }
    std::string text = fmt::format("{} objects, {} ok:", summary.n_objects, summary.n_ok);
    for (const Modality modality : kModalities) {
      if (encoder_->has(modality))
        text += fmt::format(" {} {},", summary.n_embedded[index_of(modality)], modality_name(modality));
    }
    text.back() = ';';
    print_note(text + " " + a_.output, a_.common.verbosity());
    for (const auto& [code, n] : summary.rejected)
      print_note(fmt::format("  {} {}", n, code), a_.common.verbosity());
  }

  const RunArguments& a_;
  const ModalityArguments& m_;
  SinkFormat format_;
  std::shared_ptr<const MultimodalCheckpoint> checkpoint_;
  std::optional<std::filesystem::path> info_;  ///< downloaded with the checkpoint
  std::unique_ptr<MultimodalEncoder> encoder_;
  RunOptions options_;
  std::unique_ptr<Catalog> catalog_;
  std::unique_ptr<Source> source_;
  std::unique_ptr<MetadataTable> metadata_;
  ModalitySources sources_;
  MultimodalRequest request_;
};

}  // namespace

int run_modalities(const RunArguments& arguments, const ModalityArguments& modalities) {
  return ModalitiesRun(arguments, modalities).go();
}

}  // namespace astrom3::cli
