// SPDX-License-Identifier: MIT
//
// astrom3 classify: computes the classes of objects with the checkpoint's own head, or by likeness to
// labelled embeddings.
#include <memory>

#include "astrom3/base/option.h"
#include "astrom3/pipeline/embed_object.h"
#include "astrom3/tensor.h"
#include "command_line.h"
#include "modality_options.h"
#include "prototype_options.h"
#include "run_options.h"
#include "survey_run.h"

namespace astrom3::cli {

void add_classify(Command& astrom3) {
  auto arguments = std::make_shared<RunArguments>();
  arguments->classify = true;
  Command& command = astrom3.subcommand(
      "classify", "objects to classes, by the checkpoint's own head or by labelled embeddings");
  command.footer(
      "Columns: those of embed up to feature_sources, then class (the likeliest) and p_<CLASS> for each\n"
      "class; and, if the checkpoint tells it, out_of_class: the share of its validation objects that are\n"
      "nearer to a class. 0.95 is reached by 5 % of the objects of its classes, and by more of other "
      "objects.\n"
      "The form of attention is the one the checkpoint was trained with, unless --attention names another.\n"
      "The head of a published checkpoint was trained with probsparse, whose keys are drawn "
      "(--seed).\n"
      "With --prototypes: object_id, status, flags, modalities, class and s_<CLASS>, the similarity to each\n"
      "class; attention is then that of `embed`.");
  add_common_options(command, arguments->common);
  add_model_options(command, arguments->model);
  add_attention_options(command, arguments->attention, "trained");
  add_precision_option(command, arguments->attention.precision);
  add_optional_light_curve_options(command, *arguments);
  add_feature_options(command, *arguments);
  GroupOfOptions options = command.options.in({"Output"});
  options.add("o", arguments->output,
              "OUT.parquet, OUT.csv, - (CSV to stdout) or DIR/ (parts that can be resumed)");
  options.add_word("to", arguments->to, {"parquet", "csv"},
                   "format: parquet or csv (default: by the name of the output)");
  declare_options(arguments->treatment.object.tensor, command.options);
  add_run_options(command, *arguments);
  add_spreadsheet_option(command, arguments->spreadsheet_safe);
  add_parts_options(command, *arguments);
  auto modalities = std::make_shared<ModalityArguments>();
  add_modality_options(command, *modalities);
  auto prototypes = std::make_shared<PrototypeArguments>();
  add_prototype_options(command, *prototypes);
  runs_survey(command, arguments, Stage::embedding, modalities, prototypes);
}

}  // namespace astrom3::cli
