// SPDX-License-Identifier: MIT
//
// astrom3 study precision: how far int8 embeddings are from those in float32.
#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/encoder/attention.h"
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
  AttentionArguments attention;
  std::size_t n_neighbours = PrecisionStudyOptions{}.n_neighbours;
};

std::vector<Table> tables_of(const PrecisionStudy& study) {
  Table errors{.name = "precisions",
               .title = fmt::format("cosine distance of mean to that of float32; same_class: by the head; "
                                    "kept: of the {} nearest neighbours",
                                    study.n_neighbours),
               .columns = {"precision", "n", "mean", "median", "p90", "p99", "max", "largest_delta",
                           "same_class", "kept", "worst_object"},
               .rows = {}};
  Table classes{.name = "classes",
                .title = "by class: cosine distance of mean",
                .columns = {"precision", "class", "n", "mean", "median", "max"},
                .rows = {}};
  for (const PrecisionError& e : study.errors) {
    const std::string name(precision_name(e.precision));
    errors.rows.push_back({name, static_cast<std::int64_t>(e.distance.n), e.distance.mean, e.distance.median,
                           e.distance_90, e.distance_99, e.distance.max, e.largest_delta,
                           measured(e.same_class), e.neighbours_kept, e.worst_object});
    for (const auto& [label, d] : e.classes)
      classes.rows.push_back({name, label, static_cast<std::int64_t>(d.n), d.mean, d.median, d.max});
  }
  std::vector<Table> tables{std::move(errors)};
  if (!classes.rows.empty()) tables.push_back(std::move(classes));
  return tables;
}

BarPlot plot_of(const PrecisionStudy& study) {
  BarPlot plot{.title = "Precision against float32",
               .x_label = "cosine distance of mean (bar: mean, line: standard deviation)",
               .bars = {}};
  for (const PrecisionError& e : study.errors) {
    const std::string name(precision_name(e.precision));
    plot.bars.push_back({name, e.distance.mean, e.distance.std});
    for (const auto& [label, d] : e.classes) plot.bars.push_back({name + ", " + label, d.mean, d.std});
  }
  return plot;
}

int run(const Arguments& a) {
  const StudyInput input = read_study_input(a.study);
  const PrecisionStudyOptions options{
      .n_neighbours = a.n_neighbours,
      .n_threads = thread_count(a.study.run.threads, a.study.run.common.verbosity()),
      .isa = chosen_isa(a.study.run.common),
      .attention = open_encoder(input.checkpoint, a.attention, a.study.run.common)->attention()};
  const PrecisionStudy study = study_precision(input.checkpoint, input.set, options);
  auto facts = study_facts(input);
  facts.emplace_back("attention", std::string(attention_name(options.attention.form)));
  write_study(a.study, tables_of(study), facts, svg_of(plot_of(study)));
  return 0;
}

}  // namespace

void add_study_precision(Command& study) {
  auto arguments = std::make_shared<Arguments>();
  Command& command = study.subcommand("precision", "how far int8 embeddings are from those in float32");
  command.footer(
      "Cosine distance of each object's embedding to that in float32: mean, median, the distances that 90 %\n"
      "and 99 % of the objects stay below, and the largest; the largest difference of any number; the share\n"
      "of objects to which the head gives the same class; the share of nearest neighbours that stay. With\n"
      "labels, also by class.");
  add_study_options(command, arguments->study);
  add_attention_options(command, arguments->attention, "full");
  command.options.in({"Study"})
      .add("neighbours", arguments->n_neighbours, "how many neighbours are compared")
      .within(1, 10000);
  command.runs([arguments] { return run(*arguments); });
}

}  // namespace astrom3::cli
