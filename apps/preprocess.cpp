// SPDX-License-Identifier: MIT
//
// astrom3 preprocess: makes the encoder's input tensors of light curves.
#include <memory>

#include "astrom3/pipeline/embed_object.h"
#include "astrom3/tensor.h"
#include "command_line.h"
#include "run_options.h"
#include "survey_run.h"

namespace astrom3::cli {

void add_preprocess(Command& astrom3) {
  auto arguments = std::make_shared<RunArguments>();
  arguments->to = "npy";
  Command& command =
      astrom3.subcommand("preprocess", "light curves to x_enc and mask, as the encoder takes them");
  command.footer(
      "Writes x_enc.npy [N, T, 9], mask.npy [N, T] (float32) and objects.csv into the directory.\n"
      "A rejected object is a row of zeros. T is the checkpoint's seq_len, or 200 if --scaling is given\n"
      "and --model is not.");
  add_common_options(command, arguments->common);
  add_model_options(command, arguments->model);
  add_light_curve_options(command, *arguments);
  add_feature_options(command, *arguments);
  command.options.in({"Output"}).add("o", arguments->output, "the directory to write");
  declare_options(arguments->treatment.object.tensor, command.options);
  add_run_options(command, *arguments);
  runs_survey(command, arguments, Stage::tensor);
}

}  // namespace astrom3::cli
