// SPDX-License-Identifier: MIT
//
// astrom3 outliers: objects far from their class, and objects far from everything.
#include "astrom3/downstream/outliers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/option.h"
#include "astrom3/downstream/embeddings.h"
#include "command.h"
#include "command_line.h"
#include "embedding_input.h"
#include "outputs.h"
#include "report.h"
#include "run_options.h"
#include "table.h"

namespace astrom3::cli {
namespace {

struct Arguments {
  CommonOptions common;
  EmbeddingArguments embeddings;
  std::vector<std::string> classes;
  std::string by;
  std::size_t k = 20, top = 0;
  std::uint32_t threads = 0;
};

/// The likeliest class of every object in a file that `classify` wrote, or empty.
std::vector<std::string> predicted_classes(const EmbeddingTable& table, const Arguments& a) {
  const ClassTable predicted = read_classes({a.classes.begin(), a.classes.end()}, a.embeddings.id_column);
  for (const Diagnostic& warning : predicted.warnings) print_warning(warning, a.common.verbosity());
  const auto rows = rows_by_id(predicted.object_ids);
  std::vector<std::string> classes(table.size());
  for (std::size_t i = 0; i < table.size(); ++i) {
    const auto found = rows.find(table.object_ids[i]);
    if (found == rows.end()) continue;
    const auto p = predicted.row(found->second);
    const auto top = std::max_element(p.begin(), p.end());
    if (!p.empty() && std::isfinite(*top))
      classes[i] = predicted.class_names[static_cast<std::size_t>(top - p.begin())];
  }
  return classes;
}

struct Scores {
  ClassDistances of_class;  ///< empty without classes
  NeighbourScores neighbours;
  Coded classes;
};

/// Row numbers, the most unusual first; rows without a score come last.
std::vector<std::size_t> ranking(const std::vector<double>& score) {
  std::vector<std::size_t> order(score.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) {
    if (std::isnan(score[i]) || std::isnan(score[j])) return std::isnan(score[j]) && !std::isnan(score[i]);
    return score[i] > score[j];
  });
  return order;
}

Table table_of(const EmbeddingTable& table, const PackedRows& packed, const Scores& scores,
               const std::vector<std::size_t>& order) {
  const bool has_classes = !scores.classes.names.empty();
  Table result{.name = "outliers", .title = "", .columns = {"rank", "object_id"}, .rows = {}};
  if (has_classes) {
    for (const char* name : {"class", "class_distance", "class_ratio", "nearest_class", "nearest_distance"})
      result.columns.emplace_back(name);
  }
  for (const char* name : {"local_outlier_factor", "neighbour_distance", "file"})
    result.columns.emplace_back(name);
  const auto number = [](double value) { return measured(rounded(value, 6)); };
  std::int64_t rank = 0;
  for (const std::size_t i : order) {
    const std::size_t row = packed.rows[i];
    std::vector<Cell> cells{++rank, table.object_ids[row]};
    if (has_classes) {
      cells.push_back(scores.classes.word(i));
      cells.push_back(number(scores.of_class.own[i]));
      cells.push_back(number(scores.of_class.relative[i]));
      cells.push_back(scores.classes.names[static_cast<std::size_t>(scores.of_class.nearest[i])]);
      cells.push_back(number(scores.of_class.to_nearest[i]));
    }
    cells.push_back(number(scores.neighbours.local_outlier_factor[i]));
    cells.push_back(number(scores.neighbours.kth_distance[i]));
    cells.emplace_back(table.file(row));
    result.rows.push_back(std::move(cells));
  }
  return result;
}

const std::vector<double>& chosen_score(const std::string& by, const Scores& scores) {
  if (by == "class_distance" || by == "class_ratio") {
    if (scores.classes.names.empty())
      throw Error(Status::usage, fmt::format("--by {}: no classes", by), "--labels or --classes gives them");
    return by == "class_distance" ? scores.of_class.own : scores.of_class.relative;
  }
  return by == "neighbour_distance" ? scores.neighbours.kth_distance : scores.neighbours.local_outlier_factor;
}

int run(const Arguments& a) {
  const Verbosity verbosity = a.common.verbosity();
  if (!a.embeddings.labels.empty() && !a.classes.empty())
    throw Error(Status::usage, "--labels and --classes: the class of an object comes from one of them");
  check_writable({a.embeddings.output});
  const EmbeddingTable table = open_embeddings(a.embeddings, a.embeddings.id_column, verbosity);
  const PackedRows packed = pack_rows(table);
  std::vector<std::string> words = a.classes.empty()
                                       ? classes_of(table, a.embeddings, a.embeddings.id_column, verbosity)
                                       : predicted_classes(table, a);
  Scores scores;
  if (!words.empty()) {
    std::vector<std::string> kept;
    for (const std::size_t row : packed.rows) kept.push_back(words[row]);
    scores.classes = code_words(kept);
    scores.of_class = measure_class_distances(packed.values, table.dimension, scores.classes.codes,
                                              scores.classes.names.size());
  }
  scores.neighbours =
      score_by_neighbours(packed.values, table.dimension, a.k, thread_count(a.threads, verbosity));
  if (scores.neighbours.n_places < packed.rows.size())
    print_note(
        fmt::format("{} of {} objects repeat the embedding of another: equal ones count as one neighbour",
                    packed.rows.size() - scores.neighbours.n_places, packed.rows.size()),
        verbosity);
  const std::string by = !a.by.empty() ? a.by : words.empty() ? "local_outlier_factor" : "class_distance";
  std::vector<std::size_t> order = ranking(chosen_score(by, scores));
  if (a.top > 0 && order.size() > a.top) order.resize(a.top);
  auto facts = embedding_facts(table);
  facts.emplace_back("by", by);
  facts.emplace_back("k", static_cast<std::int64_t>(scores.neighbours.k));
  facts.emplace_back("places", static_cast<std::int64_t>(scores.neighbours.n_places));
  write_rows(a.embeddings.output, {a.common.json, a.embeddings.spreadsheet_safe},
             table_of(table, packed, scores, order), facts);
  return 0;
}

}  // namespace

void add_outliers(Command& astrom3) {
  auto arguments = std::make_shared<Arguments>();
  Arguments& a = *arguments;
  Command& command =
      astrom3.subcommand("outliers", "objects far from their class, and objects far from everything");
  command.footer(
      "class_distance: cosine distance to the centroid of the object's class; class_ratio: class_distance\n"
      "divided by its median in the class; nearest_class: the class with the nearest centroid.\n"
      "local_outlier_factor: how much emptier an object's neighbourhood is than those of its k neighbours\n"
      "(about 1: not at all); neighbour_distance: the distance to the k-th neighbour. Both use embeddings\n"
      "at unit length. Objects with equal embeddings count as one neighbour, however many they are.");
  add_common_options(command, a.common);
  add_embedding_options(command, a.embeddings, "a table with object_id and class");
  GroupOfOptions options = command.options.in({});
  options.add("classes", a.classes,
              "a file that astrom3 classify wrote; an object's class is then the likeliest");
  options.add("k", a.k, "number of neighbours").within(1, 100000);
  options.add_word("by", a.by,
                   {"class_distance", "class_ratio", "local_outlier_factor", "neighbour_distance"},
                   "the score to rank by: class_distance, class_ratio, local_outlier_factor or\n"
                   "neighbour_distance (default: class_distance with classes, else local_outlier_factor)");
  options.add("top", a.top, "list only the first N objects (0: all)");
  options.add("o", a.embeddings.output, "OUT.csv or OUT.json (default: CSV on stdout)");
  add_threads_option(command, a.threads);
  command.runs([arguments] { return run(*arguments); });
}

}  // namespace astrom3::cli
