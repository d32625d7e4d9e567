// SPDX-License-Identifier: MIT
//
// astrom3 embed: light curves in, embeddings out.
#include "survey_run.h"

namespace astrom3::cli {

void add_embed(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<RunArguments>();
  CLI::App* command = app.add_subcommand("embed", "light curves to embeddings, one row per object");
  command->footer(
      "Columns: object_id, status, flags, n_raw, n_used, amplitude, period, lksl_statistic, rfr_score,\n"
      "log10_mad, delta_t, feature_sources, then e0...e127 (CSV) or embedding (Parquet). Rejected objects\n"
      "keep their row, with a code for status and empty values; OUT.rejects.jsonl says where and why.");
  add_common_options(*command, arguments->common);
  add_model_options(*command, arguments->model);
  add_attention_options(*command, arguments->attention, "full");
  add_precision_option(*command, arguments->attention.precision);
  add_light_curve_options(*command, *arguments);
  add_feature_options(*command, *arguments);
  constexpr const char* kGroup = "Output";
  command
      ->add_option("-o", arguments->output,
                   "OUT.parquet, OUT.csv, - (CSV to stdout), DIR/ (parts that can be resumed), or a "
                   "directory with --to npy")
      ->group(kGroup);
  command->add_option("--to", arguments->to, "parquet, csv or npy (default: by the name)")
      ->group(kGroup)
      ->check(CLI::IsMember({"parquet", "csv", "npy"}));
  command
      ->add_option("--output", arguments->output_kind, "mean (one vector), sequence (one per step) or both")
      ->group(kGroup)
      ->check(CLI::IsMember({"mean", "sequence", "both"}))
      ->capture_default_str();
  add_padding_option(*command, *arguments);
  add_run_options(*command, *arguments);
  command->callback(
      [arguments, &action] { action = [arguments] { return run_survey(*arguments, Stage::embedding); }; });
}

}  // namespace astrom3::cli
