// SPDX-License-Identifier: MIT
//
// classify --prototypes of light curves with a photo checkpoint.
#include <fmt/format.h>

#include <cstddef>
#include <memory>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/flags.h"
#include "astrom3/encoder/checkpoint.h"
#include "astrom3/encoder/encoder.h"
#include "astrom3/features/catalog.h"
#include "astrom3/pipeline/describe_run.h"
#include "astrom3/pipeline/embed_modalities.h"
#include "astrom3/pipeline/embed_object.h"
#include "astrom3/pipeline/multimodal_rows.h"
#include "astrom3/pipeline/pipeline.h"
#include "astrom3/shared_space/modality.h"
#include "astrom3/sink/sink.h"
#include "astrom3/source/source.h"
#include "file_claims.h"
#include "prototype_options.h"
#include "report.h"
#include "run_options.h"
#include "signals.h"

namespace astrom3::cli {
namespace {

/// Judges the rows of a run, and writes them.
class JudgingSink final : public Sink {
 public:
  JudgingSink(MultimodalRowsFile& file, const LabelledEmbeddings& prototypes)
      : file_(file), prototypes_(prototypes) {}

  void write(const Row& row) override {
    MultimodalRow out;
    out.object_id = row.object_id;
    out.status = row.status;
    if (const std::string flags = to_string(row.flags); !flags.empty()) out.flags = {flags};
    if (row.status == Status::ok) {
      out.modalities = {Modality::photo};
      judge_row(prototypes_, {row.embedding.begin(), row.embedding.end()}, out);
    }
    file_.write(out);
  }
  void close() override { file_.close(nullptr); }

 private:
  MultimodalRowsFile& file_;
  const LabelledEmbeddings& prototypes_;
};

SinkFormat format_of(const RunArguments& a) {
  if (a.output.empty()) throw Error(Status::usage, "-o is needed: where the result goes");
  if (a.to == "parquet" || (a.to.empty() && a.output.ends_with(".parquet"))) return SinkFormat::parquet;
  if (a.to == "csv" || (a.to.empty() && a.output.ends_with(".csv"))) return SinkFormat::csv;
  throw Error(Status::usage, fmt::format("-o {}: --prototypes writes one file", escaped(a.output)),
              "end the name in .csv or .parquet");
}

/// Light curves through the encoder that made the prototypes.
class PrototypeRun {
 public:
  PrototypeRun(const RunArguments& a, const PrototypeArguments& p)
      : a_(a), format_(format_of(a)), checkpoint_(open_model(a.model, a.common.verbosity())) {
    AttentionArguments attention = a.attention;
    attention.seed = p.seed_of_attention(attention);
    encoder_ = open_encoder(checkpoint_, attention, a.common, "full");
    options_ = run_options(a, Stage::embedding);
    options_.object.tensor.n_steps = static_cast<std::size_t>(checkpoint_->config.seq_len);
    options_.object.scaling = chosen_scaling(a, checkpoint_.get());
    identity_ = describe_run(encoder_.get(), options_, a.treatment.reading, a.catalog);
    prototypes_ = read_prototypes(p, a);
    require_comparable(prototypes_.table, identity_, checkpoint_->weights_file);
  }

  int go() {
    const RunSummary summary = run();
    const Verbosity verbosity = a_.common.verbosity();
    for (const Diagnostic& warning : summary.warnings) print_warning(warning, verbosity);
    for (const Diagnostic& reject : summary.first_rejects) print_error(reject);
    if (a_.common.json) {
      print_json_line(summary_json(summary, a_.output, identity_));
    } else {
      print_note(summary_text(summary, a_.output), verbosity);
    }
    return summary.n_ok == summary.n_objects ? 0 : exit_code(Status::too_many_rejects);
  }

 private:
  RunSummary run() const {
    std::vector<Diagnostic> warnings;
    const auto files = light_curve_files(a_.inputs, a_.recursive, warnings);
    for (const Diagnostic& warning : warnings) print_warning(warning, a_.common.verbosity());
    std::unique_ptr<Catalog> catalog;
    if (!a_.catalog.empty())
      catalog = std::make_unique<Catalog>(
          Catalog::read(a_.catalog, a_.treatment.reading.id_column, options_.object.scaling.none));
    const auto source = open_source(files, a_.treatment.reading);
    MultimodalLayout layout;
    layout.class_names = prototypes_.class_names;
    layout.class_prefix = kScorePrefix;
    MultimodalRowsFile file(a_.output, format_, layout, identity_);
    RejectLog rejects(reject_log_path(a_.output, format_));
    JudgingSink sink(file, prototypes_);
    ProgressLine progress(a_.common.verbosity(), a_.progress);
    return run_pipeline(*source, catalog.get(), encoder_.get(), options_, sink, &rejects, &stop_requested(),
                        [&](const RunProgress& shown) { progress.show(shown); });
  }

  const RunArguments& a_;
  SinkFormat format_;
  std::shared_ptr<const Checkpoint> checkpoint_;
  std::unique_ptr<Encoder> encoder_;
  RunOptions options_;
  Identity identity_;
  LabelledEmbeddings prototypes_;
};

}  // namespace

int classify_by_prototypes(const RunArguments& a, const PrototypeArguments& p) {
  if (a.shard || a.check || a.resume || a.spreadsheet_safe)
    throw Error(Status::usage,
                "--shard, --check, --resume and --spreadsheet-safe do not go with --prototypes");
  return PrototypeRun(a, p).go();
}

}  // namespace astrom3::cli
