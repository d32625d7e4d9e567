// SPDX-License-Identifier: MIT
//
// astrom3 features: light curves in, the four catalogue numbers out.
#include "survey_run.h"

namespace astrom3::cli {

void add_features(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<RunArguments>();
  CLI::App* command =
      app.add_subcommand("features", "amplitude, period, lksl_statistic and rfr_score of light curves");
  command->footer(
      "Columns: object_id, status, flags, n_raw, n_used, amplitude, period, lksl_statistic, rfr_score,\n"
      "log10_mad, delta_t, feature_sources, period_err, period_power, false_alarm_probability, then\n"
      "alternate_period_N and alternate_log_odds_N (nats against the period chosen).\n"
      "The table is what `embed --features` reads back.");
  add_common_options(*command, arguments->common);
  add_light_curve_options(*command, *arguments);
  add_feature_options(*command, *arguments);
  command->add_option("-o", arguments->output,
                      "OUT.csv, OUT.parquet, - (CSV to stdout) or DIR/ (parts that can be resumed)");
  command->add_option("--to", arguments->to, "parquet or csv (default: by the name)")
      ->check(CLI::IsMember({"parquet", "csv"}));
  command->add_option("--alternates", arguments->alternates, "runners-up of the period in the table")
      ->capture_default_str()
      ->check(CLI::Range(0, 40));
  add_run_options(*command, *arguments);
  command->callback(
      [arguments, &action] { action = [arguments] { return run_survey(*arguments, Stage::features); }; });
}

}  // namespace astrom3::cli
