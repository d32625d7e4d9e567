// SPDX-License-Identifier: MIT
//
// astrom3 search: the objects most like a given one, by id or by its light curve.
#include "astrom3/downstream/search.h"

#include <fmt/format.h>

#include <algorithm>
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
#include "astrom3/downstream/embeddings.h"
#include "astrom3/encoder/encoder.h"
#include "astrom3/features/catalog.h"
#include "astrom3/pipeline/describe_run.h"
#include "astrom3/pipeline/embed_object.h"
#include "astrom3/pipeline/pipeline.h"
#include "astrom3/sink/sink.h"
#include "astrom3/source/source.h"
#include "command_line.h"
#include "embedding_input.h"
#include "file_claims.h"
#include "outputs.h"
#include "report.h"
#include "run_options.h"
#include "signals.h"
#include "table.h"

namespace astrom3::cli {
namespace {

struct Arguments {
  RunArguments run;
  EmbeddingArguments embeddings;
  std::vector<std::string> ids, light_curves, queries;
  std::string from, to;  ///< of several modalities: that of the queries, and that which is searched
  bool all = false, with_self = false;
  std::size_t k = 10;
  double min_similarity = -1;
};

/// The queries, one row each. `row` is the row of the table if the query is one of its objects.
struct Queries {
  std::vector<std::string> names;
  std::vector<std::int64_t> row;
  std::vector<float> values;

  void add(std::string name, std::int64_t table_row, std::span<const float> embedding) {
    names.push_back(std::move(name));
    row.push_back(table_row);
    values.insert(values.end(), embedding.begin(), embedding.end());
  }
};

/// Keeps the embeddings of a run in memory.
class QuerySink : public Sink {
 public:
  explicit QuerySink(Queries& queries) : queries_(queries) {}
  void write(const Row& row) override {
    if (row.status == Status::ok) queries_.add(row.object_id, NeighbourIndex::kNone, row.embedding);
  }
  void close() override {}

 private:
  Queries& queries_;
};

/// Refuses to embed light curves in another way than the embeddings were made.
void require_model_of(const EmbeddingTable& table, const Encoder& encoder, const Identity& own) {
  const std::string difference = model_difference(own, table.identity);
  if (difference.empty()) return;
  throw Error(Diagnostic{.code = Status::bad_model,
                         .file = encoder.checkpoint().weights_file.string(),
                         .message = difference + " in the embeddings: they cannot be compared",
                         .hint = {"{}, {}, {} and {} must be those that made the embeddings",
                                  {{"model"}, {"scaling"}, {"attention"}, {"precision"}}}});
}

/// Embeds --light-curve as `embed` does; returns how many objects could not be embedded.
std::uint64_t add_light_curves(const Arguments& a, const EmbeddingTable& table, Queries& queries) {
  const Verbosity verbosity = a.run.common.verbosity();
  const auto checkpoint = open_model(a.run.model, verbosity);
  const auto encoder = open_encoder(checkpoint, a.run.attention, a.run.common);
  RunOptions options = run_options(a.run, Stage::embedding);
  options.object.tensor.n_steps = static_cast<std::size_t>(checkpoint->config.seq_len);
  options.object.scaling = chosen_scaling(a.run, checkpoint.get());
  require_model_of(table, *encoder, describe_run(encoder.get(), options, a.run.treatment.reading, {}));
  std::vector<Diagnostic> warnings;
  const auto files = light_curve_files(a.light_curves, a.run.recursive, warnings);
  std::unique_ptr<Catalog> catalog;
  if (!a.run.catalog.empty())
    catalog = std::make_unique<Catalog>(
        Catalog::read(a.run.catalog, a.run.treatment.reading.id_column, options.object.scaling.none));
  const auto source = open_source(files, a.run.treatment.reading);
  QuerySink sink(queries);
  const RunSummary summary =
      run_pipeline(*source, catalog.get(), encoder.get(), options, sink, nullptr, &stop_requested());
  warnings.insert(warnings.end(), summary.warnings.begin(), summary.warnings.end());
  for (const Diagnostic& warning : warnings) print_warning(warning, verbosity);
  for (const Diagnostic& reject : summary.first_rejects) print_error(reject);
  const std::uint64_t n_rejected = summary.n_objects - summary.n_ok;
  if (n_rejected > summary.first_rejects.size())
    print_note(fmt::format("{} more objects were rejected", n_rejected - summary.first_rejects.size()),
               verbosity);
  return n_rejected;
}

/// The number of an object's own row among the candidates; none of another modality is the same embedding.
std::int64_t own_row(const Arguments& a, std::size_t row) {
  return a.from == a.to ? static_cast<std::int64_t>(row) : NeighbourIndex::kNone;
}

void add_ids(const Arguments& a, const EmbeddingTable& table, Queries& queries) {
  const auto rows = rows_by_id(table.object_ids);
  for (const std::string& id : a.ids) {
    const auto found = rows.find(id);
    if (found == rows.end())
      throw Error(Status::no_input,
                  fmt::format("--id {}: there is no such object in the embeddings", escaped(id)));
    if (!table.has_embedding(found->second))
      throw Error(Status::no_input, fmt::format("--id {}: this object has no embedding", escaped(id)));
    queries.add(id, own_row(a, found->second), table.row(found->second));
  }
}

void add_all(const Arguments& a, const EmbeddingTable& table, Queries& queries) {
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (table.has_embedding(i)) queries.add(table.object_ids[i], own_row(a, i), table.row(i));
  }
}

/// Objects of other embedding files.
void add_other(const Arguments& a, const EmbeddingTable& table, Queries& queries) {
  const EmbeddingTable other =
      read_embeddings({a.queries.begin(), a.queries.end()}, a.run.treatment.reading.id_column);
  for (const Diagnostic& warning : other.warnings) print_warning(warning, a.run.common.verbosity());
  check_comparable(table, other);
  for (std::size_t i = 0; i < other.size(); ++i) {
    if (other.has_embedding(i)) queries.add(other.object_ids[i], NeighbourIndex::kNone, other.row(i));
  }
}

/// The table of neighbours. An object that is searched for by id is not its own neighbour.
Table find_neighbours(const Arguments& a, const EmbeddingTable& table, const Queries& queries,
                      const std::vector<std::string>& classes) {
  const std::size_t n_threads = thread_count(a.run.threads, a.run.common.verbosity());
  const NeighbourIndex index(table.values, table.dimension, n_threads);
  const std::size_t k = std::min(a.k, table.size());
  const std::size_t wanted = k + 1;  // one more, for the query itself
  std::vector<std::int64_t> rows(queries.names.size() * wanted);
  std::vector<float> similarity(rows.size());
  index.find(queries.values, wanted, rows, similarity, n_threads);
  Table result{
      .name = "neighbours", .title = "", .columns = {"query", "rank", "object_id", "similarity"}, .rows = {}};
  if (!classes.empty()) result.columns.emplace_back("class");
  result.columns.emplace_back("file");
  for (std::size_t q = 0; q < queries.names.size(); ++q) {
    std::int64_t rank = 0;
    for (std::size_t i = q * wanted; i < (q + 1) * wanted && rank < static_cast<std::int64_t>(k); ++i) {
      if (rows[i] == NeighbourIndex::kNone || similarity[i] < a.min_similarity) break;
      if (rows[i] == queries.row[q] && !a.with_self) continue;
      const auto row = static_cast<std::size_t>(rows[i]);
      result.rows.push_back(
          {queries.names[q], ++rank, table.object_ids[row], rounded(static_cast<double>(similarity[i]), 6)});
      if (!classes.empty()) result.rows.back().push_back(classes[row].empty() ? Cell() : Cell(classes[row]));
      result.rows.back().push_back(table.file(row));
    }
  }
  return result;
}

int run(const Arguments& a) {
  const Verbosity verbosity = a.run.common.verbosity();
  if (a.ids.empty() && a.light_curves.empty() && a.queries.empty() && !a.all)
    throw Error(Status::usage, "nothing to search for",
                "--id ID, --light-curve FILE, --query EMBEDDINGS or --all");
  check_writable({a.embeddings.output});
  if (a.from.empty() != a.to.empty() || (!a.from.empty() && (!a.light_curves.empty() || !a.queries.empty())))
    throw Error(Status::usage, "--from and --to go together, with --id or --all");
  const auto open = [&](const std::string& modality) {
    EmbeddingArguments of_it = a.embeddings;
    if (!modality.empty()) of_it.column = modality;
    return open_embeddings(of_it, a.run.treatment.reading.id_column, verbosity);
  };
  const EmbeddingTable table = open(a.to);
  std::optional<EmbeddingTable> other;
  if (a.from != a.to) other = open(a.from);
  const EmbeddingTable& asked = other ? *other : table;
  const auto classes = classes_of(table, a.embeddings, a.run.treatment.reading.id_column, verbosity);
  Queries queries;
  add_ids(a, asked, queries);
  if (a.all) add_all(a, asked, queries);
  if (!a.queries.empty()) add_other(a, table, queries);
  std::uint64_t n_rejected = 0;
  if (!a.light_curves.empty()) n_rejected = add_light_curves(a, table, queries);
  const Table neighbours = find_neighbours(a, table, queries, classes);
  auto facts = embedding_facts(table);
  facts.emplace_back("queries", static_cast<std::int64_t>(queries.names.size()));
  facts.emplace_back("rejected", static_cast<std::int64_t>(n_rejected));
  write_rows(a.embeddings.output, {a.run.common.json, a.embeddings.spreadsheet_safe}, neighbours, facts);
  return n_rejected == 0 ? 0 : exit_code(Status::too_many_rejects);
}

}  // namespace

void add_search(Command& astrom3) {
  auto arguments = std::make_shared<Arguments>();
  Arguments& a = *arguments;
  Command& command =
      astrom3.subcommand("search", "the objects whose embeddings are most similar to that of a given object");
  command.footer(
      "Exact: every row is compared, by cosine similarity. Columns: query, rank (1 is the most similar),\n"
      "object_id, similarity, class (with --labels), file. A query by --id is not its own neighbour.\n"
      "A light curve is embedded as `embed` does it; this needs the --model that made the embeddings.");
  add_common_options(command, a.run.common);
  add_model_options(command, a.run.model);
  add_attention_options(command, a.run.attention, "full");
  add_precision_option(command, a.run.attention.precision);
  add_reading_options(command, a.run);
  add_feature_options(command, a.run);
  add_embedding_options(command, a.embeddings, "a table with object_id and class, for the column class");
  GroupOfOptions options = command.options.in({"Search"});
  options.add("id", a.ids, "an object of EMBEDDINGS; repeatable");
  options.add("light-curve", a.light_curves, "light curves, as for embed; repeatable");
  options.add("query", a.queries, "embeddings of other objects; repeatable");
  options.add("all", a.all, "every object of EMBEDDINGS");
  options.add_word("from", a.from, {"photo", "spectra", "metadata", "fused"},
                   "of Parquet with several modalities: that of the object searched for");
  options.add_word("to", a.to, {"photo", "spectra", "metadata", "fused"}, "that of the objects found");
  options.add("k", a.k, "neighbours of each query").within(1, 1000000);
  options
      .add("min-similarity", a.min_similarity, "list only neighbours of at least this similarity (-1 to 1)")
      .within(-1.0, 1.0);
  options.add("with-self", a.with_self, "list an object as its own first neighbour");
  options.add("o", a.embeddings.output, "OUT.csv or OUT.json (default: CSV on stdout)");
  add_threads_option(command, a.run.threads);
  command.runs([arguments] { return run(*arguments); });
}

}  // namespace astrom3::cli
