// SPDX-License-Identifier: MIT
//
// astrom3 features: computes the four features of light curves.
#include <memory>

#include "astrom3/base/option.h"
#include "astrom3/pipeline/embed_object.h"
#include "command_line.h"
#include "run_options.h"
#include "survey_run.h"

namespace astrom3::cli {

void add_features(Command& astrom3) {
  auto arguments = std::make_shared<RunArguments>();
  Command& command =
      astrom3.subcommand("features", "amplitude, period, lksl_statistic and rfr_score of light curves");
  command.footer(
      "Columns: object_id, status, flags, n_raw, n_used, amplitude, period, lksl_statistic, rfr_score,\n"
      "log10_mad, delta_t, feature_sources, period_err, period_power, false_alarm_probability,\n"
      "period_probability, then alternate_period_N and alternate_log_odds_N (in nats, against the chosen\n"
      "period). `embed --features` reads this table.");
  add_common_options(command, arguments->common);
  add_light_curve_options(command, *arguments);
  add_feature_options(command, *arguments);
  GroupOfOptions options = command.options.in({});
  options.add("o", arguments->output,
              "OUT.csv, OUT.parquet, - (CSV to stdout) or DIR/ (parts that can be resumed)");
  options.add_word("to", arguments->to, {"parquet", "csv"},
                   "format: parquet or csv (default: by the name of the output)");
  options
      .add("alternates", arguments->treatment.object.features.period.n_alternates,
           "how many runners-up of the period are written")
      .within(0, 40);
  add_run_options(command, *arguments);
  add_spreadsheet_option(command, arguments->spreadsheet_safe);
  add_parts_options(command, *arguments);
  runs_survey(command, arguments, Stage::features);
}

}  // namespace astrom3::cli
