// SPDX-License-Identifier: MIT
//
// astrom3 evaluate: how well classes can be told from embeddings, and how reliable the head's classes are.
#include "astrom3/downstream/evaluate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/option.h"
#include "astrom3/classes/labels.h"
#include "astrom3/downstream/embeddings.h"
#include "command.h"
#include "command_line.h"
#include "embedding_input.h"
#include "evaluation_plot.h"
#include "outputs.h"
#include "report.h"
#include "retrieval.h"
#include "run_options.h"
#include "table.h"

namespace astrom3::cli {
namespace {

struct Arguments {
  CommonOptions common;
  EmbeddingArguments embeddings;
  std::vector<std::string> classes;
  std::string split, svg;
  std::int32_t folds = 5;
  std::optional<double> holdout;
  std::size_t k = 10;
  LogisticOptions probe;
  EvaluationOptions options;
  std::uint32_t threads = 0;
  bool retrieval = false;
};

/// Objects with an embedding and a label.
struct Objects {
  std::vector<std::string> ids;
  std::vector<float> values;
  Coded labels;
};

Objects labelled_objects(const EmbeddingTable& table, const Arguments& a) {
  const auto words = classes_of(table, a.embeddings, a.embeddings.id_column, a.common.verbosity());
  Objects objects;
  std::vector<std::string> kept;
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (!table.has_embedding(i) || words[i].empty()) continue;
    objects.ids.push_back(table.object_ids[i]);
    kept.push_back(words[i]);
    const auto row = table.row(i);
    objects.values.insert(objects.values.end(), row.begin(), row.end());
  }
  objects.labels = code_words(kept);
  if (objects.labels.names.size() < 2)
    throw Error(Status::no_input, "fewer than two classes among the objects with embedding and label");
  check_class_count(objects.labels.names.size());
  return objects;
}

/// --split: objects with "test" are tested, those with "train" are learned from, all others are not used.
Folds split_of_file(const Arguments& a, const std::vector<std::string>& ids) {
  const Labels parts = read_labels(a.split, a.embeddings.id_column);
  Folds split;
  for (const std::string& id : ids) {
    const auto found = parts.find(id);
    const std::string part = found == parts.end() ? "" : found->second;
    split.fold.push_back(part == "test" ? 0 : part == "train" ? Folds::kTrainOnly : Folds::kUnused);
  }
  return split;
}

Folds chosen_split(const Arguments& a, const std::vector<std::string>& ids) {
  Folds split = !a.split.empty() ? split_of_file(a, ids)
                : a.holdout      ? split_by_holdout(ids, *a.holdout)
                                 : split_by_folds(ids, a.folds);
  if (std::none_of(split.fold.begin(), split.fold.end(), [](std::int32_t f) { return f >= 0; }))
    throw Error(Status::no_input, "no object is tested");
  return split;
}

/// The head's probabilities of the tested objects over the head's own classes and, where a label is none of
/// them, that label too; sets `names` and the labels to these.
std::vector<double> head_probabilities(const Arguments& a, const Objects& objects, const Folds& split,
                                       std::vector<std::string>& names, std::vector<std::int32_t>& labels) {
  const ClassTable head = read_classes({a.classes.begin(), a.classes.end()}, a.embeddings.id_column);
  for (const Diagnostic& warning : head.warnings) print_warning(warning, a.common.verbosity());
  names = head.class_names;
  for (const std::string& name : objects.labels.names) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  const auto rows = rows_by_id(head.object_ids);
  std::vector<double> probabilities;
  std::size_t n_missing = 0;
  for (std::size_t i = 0; i < objects.ids.size(); ++i) {
    const std::string& label = objects.labels.names[static_cast<std::size_t>(objects.labels.codes[i])];
    labels.push_back(static_cast<std::int32_t>(std::find(names.begin(), names.end(), label) - names.begin()));
    const auto found = rows.find(objects.ids[i]);
    const bool is_there = split.fold[i] >= 0 && found != rows.end();
    n_missing += split.fold[i] >= 0 && found == rows.end() ? 1u : 0u;
    for (std::size_t c = 0; c < names.size(); ++c) {
      const bool is_of_head = c < head.class_names.size();
      probabilities.push_back(!is_there    ? std::nan("")
                              : is_of_head ? static_cast<double>(head.row(found->second)[c])
                                           : 0.0);
    }
  }
  if (n_missing > 0)
    print_note(fmt::format("{} tested objects are not in --classes", n_missing), a.common.verbosity());
  return probabilities;
}

std::vector<Judgement> judge(const Arguments& a, const EmbeddingTable& table, const Objects& objects,
                             const Folds& split) {
  const std::size_t n_threads = thread_count(a.threads, a.common.verbosity());
  const LabelledRows rows{objects.values, table.dimension, objects.labels.codes, objects.labels.names.size()};
  std::vector<Judgement> judgements;
  const auto add = [&](std::string method, const std::vector<double>& p, std::span<const std::int32_t> labels,
                       const std::vector<std::string>& names) {
    judgements.push_back({std::move(method), evaluate_probabilities(p, labels, names, a.options)});
  };
  if (!a.classes.empty()) {
    std::vector<std::string> names;
    std::vector<std::int32_t> labels;
    const auto p = head_probabilities(a, objects, split, names, labels);
    add("head", p, labels, names);
  }
  add(fmt::format("{}-nn", a.k), classify_by_neighbours(rows, split, a.k, n_threads), objects.labels.codes,
      objects.labels.names);
  add("probe", classify_by_probe(rows, split, a.probe, n_threads), objects.labels.codes,
      objects.labels.names);
  return judgements;
}

Cell count(std::size_t n) {
  return static_cast<std::int64_t>(n);
}

Table summary_table(const std::vector<Judgement>& judgements) {
  Table table{
      .name = "summary",
      .title =
          "head: the checkpoint's own; nn: nearest neighbours by cosine; probe: logistic regression;\n"
          "error: bootstrap over objects; ece: expected calibration error",
      .columns = {"method", "n", "accuracy", "accuracy_error", "macro_f1", "macro_f1_error",
                  "balanced_accuracy", "log_loss", "ece"},
      .rows = {}};
  for (const auto& [method, e] : judgements)
    table.rows.push_back({method, count(e.confusion.n_objects()), e.confusion.accuracy(), e.accuracy_error,
                          e.confusion.macro_f1(), e.macro_f1_error, e.confusion.balanced_accuracy(),
                          e.log_loss, e.calibration_error});
  return table;
}

/// Tables of one method: classes, confusion, reliability.
void add_tables(const Judgement& judgement, std::vector<Table>& tables) {
  const auto& [method, e] = judgement;
  Table classes{.name = method + " classes",
                .title = method + ", by class",
                .columns = {"class", "n", "predicted", "recall", "precision", "f1"},
                .rows = {}};
  Table confusion{.name = method + " confusion",
                  .title = method + ", confusion: rows are the truth",
                  .columns = {"truth"},
                  .rows = {}};
  for (std::size_t c = 0; c < e.class_names.size(); ++c) {
    const std::string& name = e.class_names[c];
    const ConfusionMatrix& m = e.confusion;
    confusion.columns.push_back(name);
    classes.rows.push_back(
        {name, count(m.n_objects(c)), count(m.n_predicted(c)), m.recall(c), m.precision(c), m.f1(c)});
    std::vector<Cell> row{name};
    for (const std::uint64_t n : m.row(c)) row.push_back(count(n));
    confusion.rows.push_back(std::move(row));
  }
  Table reliability{.name = method + " reliability",
                    .title = method + ", reliability by probability of the predicted class",
                    .columns = {"above", "to", "n", "confidence", "accuracy"},
                    .rows = {}};
  for (const ReliabilityBin& bin : e.reliability) {
    const auto mean = [&](double value) { return bin.n == 0 ? Cell() : Cell(value); };
    reliability.rows.push_back({bin.low, bin.high, count(bin.n), mean(bin.confidence), mean(bin.accuracy)});
  }
  tables.push_back(std::move(classes));
  tables.push_back(std::move(confusion));
  tables.push_back(std::move(reliability));
}

int run(const Arguments& a) {
  if (a.retrieval) return run_retrieval(a.common, a.embeddings, a.threads);
  if (a.embeddings.labels.empty()) throw Error(Status::usage, "--labels is required, or --retrieval");
  if ((a.holdout ? 1 : 0) + (a.split.empty() ? 0 : 1) > 1)
    throw Error(Status::usage, "--holdout and --split: one of them says what is tested");
  check_one_stream(a.embeddings.output, a.svg);
  check_writable({a.embeddings.output, a.svg});
  const EmbeddingTable table = open_embeddings(a.embeddings, a.embeddings.id_column, a.common.verbosity());
  const Objects objects = labelled_objects(table, a);
  const Folds split = chosen_split(a, objects.ids);
  const std::vector<Judgement> judgements = judge(a, table, objects, split);
  std::vector<Table> tables{summary_table(judgements)};
  for (const Judgement& judgement : judgements) add_tables(judgement, tables);
  auto facts = embedding_facts(table);
  facts.emplace_back("labelled", count(objects.ids.size()));
  facts.emplace_back("split", !a.split.empty() ? Cell(a.split)
                              : a.holdout      ? Cell(fmt::format("holdout {}", *a.holdout))
                                               : Cell(fmt::format("{} folds", a.folds)));
  facts.emplace_back("penalty", a.probe.penalty);
  facts.emplace_back("balanced", a.probe.balanced ? "true" : "false");
  const TableFormat format = table_format(a.embeddings.output, a.common.json);
  if (a.embeddings.spreadsheet_safe && format == TableFormat::csv) {
    for (Table& each : tables) each = safe_for_spreadsheets(std::move(each));
  }
  write_output(a.embeddings.output, to_text(tables, format, facts));
  if (!a.svg.empty()) write_output(a.svg, svg_of(judgements));
  return 0;
}

}  // namespace

void add_evaluate(Command& astrom3) {
  auto arguments = std::make_shared<Arguments>();
  Arguments& a = *arguments;
  Command& command = astrom3.subcommand(
      "evaluate", "how well classes can be told from embeddings, and how reliable the head is");
  command.footer(
      "Three classifiers are tested: k nearest neighbours by cosine; a logistic probe (multinomial, L2, on\n"
      "standardised columns); and, with --classes, the checkpoint's head. Neighbours and probe classify\n"
      "each object with what they learned from other objects: in folds by the hash of the ids, or once\n"
      "with --holdout (the rule of train --holdout) or --split.\n"
      "macro_f1 and balanced_accuracy are means over the classes that occur among the tested objects.");
  add_common_options(command, a.common);
  add_embedding_options(command, a.embeddings, "a table with object_id and class");
  GroupOfOptions options = command.options.in({});
  options.add(
      "retrieval", a.retrieval,
      "instead: how well an object is found in one modality by its embedding in another; needs Parquet");
  options.add("classes", a.classes, "a file that astrom3 classify wrote for the same objects");
  options.add("folds", a.folds, "number of folds; an object's fold follows from the hash of its id")
      .within(2, 1000);
  options
      .add("holdout", a.holdout,
           "instead of folds: test this share of the objects, chosen by the hash of the id")
      .within(0.0, 1.0);
  options.add("split", a.split, "instead of folds: a table with object_id and class, which is train or test");
  options.add("k", a.k, "number of neighbours that vote").within(1, 100000);
  options
      .add("penalty", a.probe.penalty,
           "L2 penalty of the probe: lambda, where lambda/2 |W|^2 is added to the summed loss (1/C in "
           "scikit-learn)")
      .at_least(0);
  options.add("balanced", a.probe.balanced, "give every class the same weight in the probe");
  options.add("bins", a.options.n_bins, "number of bins in the reliability table").within(1, 1000);
  options.add("o", a.embeddings.output, "OUT.csv, OUT.json or OUT.txt (default: text on stdout)");
  options.add("svg", a.svg, "OUT.svg: confusion and reliability as a plot");
  add_threads_option(command, a.threads);
  command.runs([arguments] { return run(*arguments); });
}

}  // namespace astrom3::cli
