// SPDX-License-Identifier: MIT
//
// astrom3 study attention: how much the forms of attention differ.
#include <fmt/format.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/option.h"
#include "astrom3/encoder/precision.h"
#include "astrom3/study/study.h"
#include "command_line.h"
#include "plot.h"
#include "run_options.h"
#include "study.h"
#include "table.h"

namespace astrom3::cli {
namespace {

struct Arguments {
  StudyArguments study;
  AttentionStudyOptions options;
  std::string precision = "float32";
};

std::vector<Table> tables_of(const AttentionStudy& study) {
  Table pairs{.name = "forms",
              .title = fmt::format("cosine distance of mean between two forms; same_class: by the head; "
                                   "kept: of the {} nearest neighbours",
                                   study.n_neighbours),
              .columns = {"form", "other", "distance", "std", "median", "max", "same_class", "kept"},
              .rows = {}};
  for (const FormComparison& c : study.comparisons) {
    pairs.rows.push_back({c.a, c.b, c.distance.mean, c.distance.std, c.distance.median, c.distance.max,
                          measured(c.same_class), c.neighbours_kept});
  }
  std::vector<Table> tables{std::move(pairs)};
  if (study.accuracies.empty()) return tables;
  Table right{.name = "head",
              .title = fmt::format("the head against {} labels", study.n_labelled),
              .columns = {"form", "right", "balanced_right"},
              .rows = {}};
  for (const FormAccuracy& a : study.accuracies) right.rows.push_back({a.form, a.right, a.balanced_right});
  tables.push_back(std::move(right));
  return tables;
}

int run(const Arguments& a) {
  const StudyInput input = read_study_input(a.study);
  AttentionStudyOptions options = a.options;
  options.n_threads = thread_count(a.study.run.threads, a.study.run.common.verbosity());
  options.isa = chosen_isa(a.study.run.common);
  options.precision = parse_precision(a.precision);
  const AttentionStudy study = study_attention(input.checkpoint, input.set, options);
  auto facts = study_facts(input);
  facts.emplace_back("precision", a.precision);
  facts.emplace_back("trained_with", input.checkpoint->training_attention());
  facts.emplace_back("seeds", static_cast<std::int64_t>(study.n_seeds));
  BarPlot plot{.title = "Forms of attention",
               .x_label = "cosine distance of mean (bar: mean, line: standard deviation)",
               .bars = {}};
  for (const FormComparison& c : study.comparisons)
    plot.bars.push_back({fmt::format("{} and {}", c.a, c.b), c.distance.mean, c.distance.std});
  write_study(a.study, tables_of(study), facts, svg_of(plot));
  return 0;
}

}  // namespace

void add_study_attention(Command& study) {
  auto arguments = std::make_shared<Arguments>();
  Command& command =
      study.subcommand("attention", "full, probsparse and probsparse-exact attention compared");
  command.footer(
      "For every pair of forms: the cosine distance of the embeddings, the share of objects to which the\n"
      "head gives the same class, and the share of nearest neighbours that stay. \"mean over seeds\" is the\n"
      "mean over random draws, which full attention is said to equal.");
  add_study_options(command, arguments->study);
  add_precision_option(command, arguments->precision);
  GroupOfOptions options = command.options.in({"Study"});
  options.add("seeds", arguments->options.n_seeds, "how often probsparse is drawn").within(2, 10000);
  options.add("first-seed", arguments->options.first_seed, "seed of the first draw");
  options.add("neighbours", arguments->options.n_neighbours, "how many neighbours are compared")
      .within(1, 10000);
  command.runs([arguments] { return run(*arguments); });
}

}  // namespace astrom3::cli
