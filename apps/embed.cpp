// SPDX-License-Identifier: MIT
//
// astrom3 embed: computes the embeddings of light curves.
#include <memory>

#include "astrom3/base/option.h"
#include "astrom3/pipeline/embed_object.h"
#include "astrom3/tensor.h"
#include "command_line.h"
#include "modality_options.h"
#include "run_options.h"
#include "survey_run.h"

namespace astrom3::cli {

void add_embed(Command& astrom3) {
  auto arguments = std::make_shared<RunArguments>();
  Command& command = astrom3.subcommand("embed", "light curves to embeddings, one row per object");
  command.footer(
      "Columns: object_id, status, flags, n_raw, n_used, amplitude, period, lksl_statistic, rfr_score,\n"
      "log10_mad, delta_t, feature_sources, then e0...e127 (CSV) or embedding (Parquet). Rejected objects\n"
      "keep their row, with a code for status and empty values; OUT.rejects.jsonl says where and why.\n"
      "With --spectra, --metadata or a checkpoint of several modalities: object_id, status, flags, "
      "modalities,\n"
      "then photo_embedding, spectra_embedding, metadata_embedding and fused_embedding (Parquet), or e0... "
      "of\n"
      "one of them (CSV).");
  add_common_options(command, arguments->common);
  add_model_options(command, arguments->model);
  add_attention_options(command, arguments->attention, "full");
  add_precision_option(command, arguments->attention.precision);
  add_optional_light_curve_options(command, *arguments);
  add_feature_options(command, *arguments);
  GroupOfOptions options = command.options.in({"Output"});
  options.add("o", arguments->output,
              "OUT.parquet, OUT.csv, - (CSV to stdout), DIR/ (parts that can be resumed), or a "
              "directory with --to npy");
  options.add_word("to", arguments->to, {"parquet", "csv", "npy"},
                   "format: parquet, csv or npy (default: by the name of the output)");
  options.add_word(
      "output", arguments->output_kind, {"mean", "sequence", "both", "photo", "spectra", "metadata", "fused"},
      "mean (one vector), sequence (one per step) or both; of a checkpoint with several modalities,\n"
      "which embedding goes into CSV: photo, spectra, metadata or fused (the default)");
  declare_options(arguments->treatment.object.tensor, command.options);
  add_run_options(command, *arguments);
  add_spreadsheet_option(command, arguments->spreadsheet_safe);
  add_parts_options(command, *arguments);
  auto modalities = std::make_shared<ModalityArguments>();
  add_modality_options(command, *modalities);
  runs_survey(command, arguments, Stage::embedding, modalities);
}

}  // namespace astrom3::cli
