// SPDX-License-Identifier: MIT
//
// astrom3 preprocess: makes the input tensors of encoders.
#include <memory>

#include "astrom3/pipeline/embed_object.h"
#include "astrom3/tensor.h"
#include "command_line.h"
#include "modality_options.h"
#include "run_options.h"
#include "survey_run.h"

namespace astrom3::cli {

void add_preprocess(Command& astrom3) {
  auto arguments = std::make_shared<RunArguments>();
  arguments->to = "npy";
  Command& command = astrom3.subcommand(
      "preprocess", "light curves (and spectra, metadata) to tensors, as the encoders take them");
  command.footer(
      "Writes x_enc.npy [N, T, 9], mask.npy [N, T] (float32) and objects.csv into the directory.\n"
      "A rejected object is a row of zeros. T is the checkpoint's seq_len, or 200 if --scaling is given\n"
      "and --model is not. With --spectra or --metadata also spectra.npy [N, 3, 2575] and metadata.npy\n"
      "[N, columns], with a row an object as in embed; `modalities` of objects.csv says what each has.\n"
      "scaling.json says how features and metadata were standardised: `train --tensors` reads the folder.");
  add_common_options(command, arguments->common);
  add_model_options(command, arguments->model);
  add_optional_light_curve_options(command, *arguments);
  add_feature_options(command, *arguments);
  command.options.in({"Output"}).add("o", arguments->output, "the directory to write");
  declare_options(arguments->treatment.object.tensor, command.options);
  add_run_options(command, *arguments);
  auto modalities = std::make_shared<ModalityArguments>();
  add_modality_options(command, *modalities);
  command.writes_files_only();
  runs_survey(command, arguments, Stage::tensor, modalities);
}

}  // namespace astrom3::cli
