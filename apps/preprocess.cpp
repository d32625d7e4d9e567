// SPDX-License-Identifier: MIT
//
// astrom3 preprocess: light curves in, the encoder's input tensors out.
#include "survey_run.h"

namespace astrom3::cli {

void add_preprocess(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<RunArguments>();
  arguments->to = "npy";
  CLI::App* command =
      app.add_subcommand("preprocess", "light curves to x_enc and mask, as the encoder takes them");
  command->footer(
      "Writes x_enc.npy [N, T, 9], mask.npy [N, T] (float32) and objects.csv into the directory.\n"
      "A rejected object is a row of zeros. T is the checkpoint's seq_len; with --scaling and without "
      "--model 200.");
  add_common_options(*command, arguments->common);
  add_model_options(*command, arguments->model);
  add_light_curve_options(*command, *arguments);
  add_feature_options(*command, *arguments);
  command->add_option("-o", arguments->output, "the directory")->group("Output");
  add_padding_option(*command, *arguments);
  add_run_options(*command, *arguments);
  command->callback(
      [arguments, &action] { action = [arguments] { return run_survey(*arguments, Stage::tensor); }; });
}

}  // namespace astrom3::cli
