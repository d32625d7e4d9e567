// SPDX-License-Identifier: MIT
//
// astrom3 classify: light curves in, the classes of the checkpoint's own head out.
#include "survey_run.h"

namespace astrom3::cli {

void add_classify(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<RunArguments>();
  arguments->classify = true;
  CLI::App* command = app.add_subcommand("classify", "light curves to classes, by the checkpoint's own head");
  command->footer(
      "Columns: those of embed up to feature_sources, then class (the likeliest) and p_<CLASS> for each.\n"
      "The form of attention is the one the checkpoint was trained with, unless --attention says otherwise:\n"
      "the head of a published checkpoint makes sense with probsparse, whose keys are drawn (--seed).");
  add_common_options(*command, arguments->common);
  add_model_options(*command, arguments->model);
  add_attention_options(*command, arguments->attention, "trained");
  add_precision_option(*command, arguments->attention.precision);
  add_light_curve_options(*command, *arguments);
  add_feature_options(*command, *arguments);
  constexpr const char* kGroup = "Output";
  command->add_option("-o", arguments->output, "OUT.parquet, OUT.csv or - (CSV to stdout)")->group(kGroup);
  command->add_option("--to", arguments->to, "parquet or csv (default: by the name)")
      ->group(kGroup)
      ->check(CLI::IsMember({"parquet", "csv"}));
  add_padding_option(*command, *arguments);
  add_run_options(*command, *arguments);
  command->callback(
      [arguments, &action] { action = [arguments] { return run_survey(*arguments, Stage::embedding); }; });
}

}  // namespace astrom3::cli
