// SPDX-License-Identifier: MIT
//
// astrom3 features: light curves in, the four catalogue numbers out.
#include "survey_run.h"

namespace astrom3::cli {

void add_features(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<RunArguments>();
  CLI::App* command =
      app.add_subcommand("features", "amplitude, period, lksl_statistic and rfr_score of light curves");
  command->footer("The table is what `embed --features` reads back.");
  add_common_options(*command, arguments->common);
  add_light_curve_options(*command, *arguments);
  add_feature_options(*command, *arguments);
  command->add_option("-o", arguments->output, "OUT.csv, OUT.parquet or - (CSV to stdout)");
  command->add_option("--to", arguments->to, "parquet or csv (default: by the name)")
      ->check(CLI::IsMember({"parquet", "csv"}));
  add_run_options(*command, *arguments);
  command->callback(
      [arguments, &action] { action = [arguments] { return run_survey(*arguments, Stage::features); }; });
}

}  // namespace astrom3::cli
