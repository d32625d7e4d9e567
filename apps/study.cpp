// SPDX-License-Identifier: MIT
//
// astrom3 study: how much the embeddings of real objects depend on attention, precision or wrong features.
#include "study.h"

#include <fmt/format.h>

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/option.h"
#include "astrom3/classes/labels.h"
#include "astrom3/features/catalog.h"
#include "astrom3/pipeline/embed_object.h"
#include "astrom3/source/source.h"
#include "astrom3/study/study.h"
#include "command_line.h"
#include "file_claims.h"
#include "outputs.h"
#include "report.h"
#include "run_options.h"
#include "table.h"

namespace astrom3::cli {

void add_study(Command& astrom3) {
  Command& study =
      astrom3.subcommand("study", "how much embeddings depend on attention, precision or wrong features");
  study.footer("astrom3 study WHAT --help explains each study.");
  add_study_attention(study);
  add_study_precision(study);
  add_study_substitution(study);
}

void add_study_options(Command& command, StudyArguments& a) {
  add_common_options(command, a.run.common);
  add_model_options(command, a.run.model);
  add_light_curve_options(command, a.run);
  add_feature_options(command, a.run);
  GroupOfOptions options = command.options.in({"Study"});
  options.add("labels", a.labels, "a table with object_id and class (default: that of --features)");
  options.add("per-class", a.reading.per_class, "take only the first N objects of each class (0: all)");
  options.add("limit", a.reading.limit, "take only the first N objects (0: all)");
  options.add("o", a.run.output, "OUT.csv, OUT.json or OUT.txt (default: text on stdout)");
  options.add("svg", a.svg, "OUT.svg: a plot");
  add_threads_option(command, a.run.threads);
}

StudyInput read_study_input(const StudyArguments& a) {
  const Verbosity verbosity = a.run.common.verbosity();
  check_one_stream(a.run.output, a.svg);
  check_writable({a.run.output, a.svg});
  StudyInput input;
  input.checkpoint = open_model(a.run.model, verbosity);
  if (!input.checkpoint->is_trained())
    print_note("the checkpoint is untrained: what is measured is that of random weights", verbosity);
  ObjectOptions options = object_options(a.run);
  options.scaling = chosen_scaling(a.run, input.checkpoint.get());
  std::vector<Diagnostic> warnings;
  const auto files = light_curve_files(a.run.inputs, a.run.recursive, warnings);
  for (const Diagnostic& warning : warnings) print_warning(warning, verbosity);
  if (are_study_tensors(files)) {
    input.set = read_study_tensors(files, input.checkpoint->config, options.scaling, a.reading);
  } else {
    std::unique_ptr<Catalog> catalog;
    Labels labels;
    if (!a.run.catalog.empty()) {
      catalog = std::make_unique<Catalog>(
          Catalog::read(a.run.catalog, a.run.treatment.reading.id_column, options.scaling.none));
      if (a.labels.empty()) labels = read_labels(a.run.catalog, a.run.treatment.reading.id_column, false);
    }
    if (!a.labels.empty()) labels = read_labels(a.labels, a.run.treatment.reading.id_column);
    const auto source = open_source(files, a.run.treatment.reading);
    input.set = read_study_light_curves(*source, catalog.get(), labels, input.checkpoint->config, options,
                                        a.reading, thread_count(a.run.threads, verbosity));
  }
  for (const Diagnostic& reason : input.set.left_out) print_warning(reason, verbosity);
  if (input.set.n_left_out > 0) print_note(fmt::format("{} were left out", input.set.n_left_out), verbosity);
  return input;
}

std::vector<std::pair<std::string, Cell>> study_facts(const StudyInput& input) {
  return {{"model_sha256", input.checkpoint->sha256},
          {"objects", static_cast<std::int64_t>(input.set.objects.size())},
          {"left_out", static_cast<std::int64_t>(input.set.n_left_out)}};
}

void write_study(const StudyArguments& a, const std::vector<Table>& tables,
                 const std::vector<std::pair<std::string, Cell>>& facts, const std::string& svg) {
  write_output(a.run.output, to_text(tables, table_format(a.run.output, a.run.common.json), facts));
  if (!a.svg.empty()) write_output(a.svg, svg);
}

}  // namespace astrom3::cli
