// SPDX-License-Identifier: MIT
//
// astrom3 map: embeddings in the plane, as an interactive page or as a table.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/option.h"
#include "astrom3/base/version.h"
#include "astrom3/classes/holdout.h"
#include "astrom3/downstream/embeddings.h"
#include "astrom3/downstream/projection.h"
#include "astrom3/downstream/search.h"
#include "astrom3/shared_space/modality.h"
#include "command_line.h"
#include "embedding_input.h"
#include "map_curves.h"
#include "map_page.h"
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
  std::vector<std::string> light_curves;
  std::string method = "tsne", table, colour = "class";
  std::optional<double> holdout;
  double perplexity = 30;
  std::uint64_t seed = 0;
  std::size_t k = 10, max_objects = 10000, max_points = 300;

  bool makes_page() const { return embeddings.output.ends_with(".html"); }
};

constexpr std::size_t kFewestForTsne = 4;

/// What is drawn: rows, and the word that colours each of them.
struct Drawn {
  EmbeddingTable table;
  std::vector<std::string> words;
};

/// Each object once for every modality that it is embedded by, which is its colour.
Drawn read_by_modality(const Arguments& a, const std::string& id_column, Verbosity verbosity) {
  Drawn drawn;
  for (const std::string& modality : modality_names()) {
    EmbeddingArguments of_it = a.embeddings;
    of_it.column = modality;
    EmbeddingTable table = open_embeddings(of_it, id_column, verbosity);
    drawn.words.insert(drawn.words.end(), table.size(), modality);
    if (drawn.table.dimension == 0) {
      drawn.table = std::move(table);
      continue;
    }
    if (table.dimension != drawn.table.dimension)
      throw Error(Status::usage, fmt::format("--colour modality: embeddings of {} by {} and of others by {} "
                                             "numbers share no space",
                                             table.dimension, modality, drawn.table.dimension));
    const auto append = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
    append(drawn.table.object_ids, table.object_ids);
    append(drawn.table.file_of, table.file_of);
    append(drawn.table.values, table.values);
    append(drawn.table.scalars, table.scalars);
  }
  return drawn;
}

Drawn read_drawn(const Arguments& a) {
  const std::string& id_column = a.run.treatment.reading.id_column;
  const Verbosity verbosity = a.run.common.verbosity();
  if (a.colour == "modality") return read_by_modality(a, id_column, verbosity);
  Drawn drawn{.table = open_embeddings(a.embeddings, id_column, verbosity), .words = {}};
  drawn.words = classes_of(drawn.table, a.embeddings, id_column, verbosity);
  return drawn;
}

/// Some of the packed rows, in their order.
PackedRows take_rows(const PackedRows& packed, const EmbeddingTable& table,
                     const std::vector<std::size_t>& which) {
  PackedRows taken;
  for (const std::size_t i : which) {
    const auto row = table.row(packed.rows[i]);
    taken.rows.push_back(packed.rows[i]);
    taken.values.insert(taken.values.end(), row.begin(), row.end());
  }
  return taken;
}

/// Those that training with `fraction` leaves out.
PackedRows held_out_rows(const PackedRows& packed, const EmbeddingTable& table, double fraction) {
  std::vector<std::size_t> which;
  for (std::size_t i = 0; i < packed.rows.size(); ++i) {
    if (is_held_out(table.object_ids[packed.rows[i]], fraction)) which.push_back(i);
  }
  return take_rows(packed, table, which);
}

/// `limit` of them, those whose ids come first by their hash.
PackedRows thinned_rows(const PackedRows& packed, const EmbeddingTable& table, std::size_t limit) {
  std::vector<std::pair<double, std::size_t>> order;
  for (std::size_t i = 0; i < packed.rows.size(); ++i)
    order.emplace_back(holdout_position(table.object_ids[packed.rows[i]]), i);
  std::sort(order.begin(), order.end());
  std::vector<std::size_t> which;
  for (std::size_t i = 0; i < limit; ++i) which.push_back(order[i].second);
  std::sort(which.begin(), which.end());
  return take_rows(packed, table, which);
}

/// The k nearest of every row without itself.
void find_neighbours(const PackedRows& packed, std::size_t n_threads, MapPage& page) {
  const std::size_t n = packed.rows.size(), k = page.k, wanted = k + 1;
  const NeighbourIndex index(packed.values, page.dimension, n_threads);
  std::vector<std::int64_t> rows(n * wanted);
  std::vector<float> similarity(n * wanted);
  index.find(packed.values, wanted, rows, similarity, n_threads);
  for (std::size_t i = 0; i < n; ++i) {
    std::size_t taken = 0;
    for (std::size_t j = i * wanted; j < (i + 1) * wanted && taken < k; ++j) {
      if (rows[j] == static_cast<std::int64_t>(i)) continue;
      page.neighbours.push_back(rows[j]);
      page.similarity.push_back(similarity[j]);
      ++taken;
    }
  }
}

/// "t-SNE 240/750" on a terminal.
class StepLine {
 public:
  explicit StepLine(Verbosity verbosity)
      : on_terminal_(verbosity != Verbosity::quiet && ::isatty(STDERR_FILENO) != 0) {}
  ~StepLine() {
    if (shown_) print_status("");
  }
  void show(std::size_t step, std::size_t n_steps) {
    if (!on_terminal_ || step % 10 != 0) return;
    print_status(fmt::format("t-SNE {}/{}", step, n_steps));
    shown_ = true;
  }

 private:
  bool on_terminal_, shown_ = false;
};

/// t-SNE if it is wanted and there are enough objects, and always the principal components.
void lay_out(const Arguments& a, const PackedRows& packed, std::size_t n_threads, MapPage& page) {
  if (a.method == "tsne" && packed.rows.size() >= kFewestForTsne) {
    StepLine line(a.run.common.verbosity());
    TsneOptions options{.perplexity = a.perplexity, .seed = a.seed, .n_threads = n_threads};
    options.progress = [&](std::size_t step) {
      line.show(step, options.n_iterations);
      return !stop_requested();
    };
    page.layouts.push_back(
        {.name = "t-SNE",
         .title = fmt::format("t-SNE (perplexity {:.3g})",
                              std::min(a.perplexity, static_cast<double>(packed.rows.size() - 1) / 3)),
         .points = project_tsne(packed.values, page.dimension, options)});
    if (stop_requested()) throw Error(Status::interrupted, "stopped while arranging the objects");
    page.notes.push_back(
        fmt::format("t-SNE by Barnes and Hut's tree (theta {}), {} iterations from the principal components, "
                    "seed {}. What "
                    "is near on it is alike; the distances between groups, and their sizes, say little.",
                    options.theta, options.n_iterations, a.seed));
  } else if (a.method == "tsne") {
    print_note("fewer than four objects: principal components instead of t-SNE", a.run.common.verbosity());
  }
  PrincipalComponents pca = project_pca(packed.values, page.dimension);
  page.layouts.push_back({.name = "PCA",
                          .title = fmt::format("principal components ({:.0f} % and {:.0f} % of the variance)",
                                               100 * pca.explained[0], 100 * pca.explained[1]),
                          .points = std::move(pca.points)});
  for (MapLayout& layout : page.layouts)
    layout.kept = neighbours_kept(page.neighbours, page.k, layout.points, n_threads);
}

/// The facts about the origin of the page that it shows.
void describe_origin(const EmbeddingTable& table, MapPage& page) {
  const auto or_unknown = [](std::string_view text) {
    return text.empty() ? std::string("not known") : std::string(text);
  };
  const std::string_view scaling = identity_value(table.identity, "scaling");
  page.origin =
      fmt::format("astrom3 {}, model sha256 {}, scaling {}", kVersion, or_unknown(table.model_sha256()),
                  or_unknown(scaling.substr(0, scaling.find(';'))));
  if (identity_value(table.identity, "model_trained") == "false")
    page.notes.insert(page.notes.begin(), "The checkpoint is untrained: this map means nothing.");
  page.facts.emplace_back("map made by", fmt::format("astrom3 {}", kVersion));
  for (const auto& fact : table.identity) page.facts.push_back(fact);
}

void describe_counts(const Arguments& a, const EmbeddingTable& table, std::size_t n_with, MapPage& page) {
  const std::size_t n = page.object_ids.size();
  if (a.holdout) {
    page.notes.push_back(fmt::format("Only objects that training with --holdout {} leaves out.", *a.holdout));
  } else if (n_with < table.size()) {
    page.notes.push_back(
        fmt::format("{} of {} objects have no embedding.", table.size() - n_with, table.size()));
  }
  if (n < n_with)
    page.notes.push_back(
        fmt::format("{} of {} objects are shown: those whose ids come first by their hash.", n, n_with));
  if (a.light_curves.empty()) return;
  if (page.curves.n_found < n)
    page.notes.push_back(
        fmt::format("{} of {} objects have no light curve in the files given.", n - page.curves.n_found, n));
  if (page.curves.n_thinned > 0)
    page.notes.push_back(
        fmt::format("{} light curves have more than {} observations and are shown by {} of them.",
                    page.curves.n_thinned, a.max_points, a.max_points));
}

Table table_of(const Arguments& a, const EmbeddingTable& table, const PackedRows& packed,
               const MapPage& page) {
  Table result{.name = "map", .title = "", .columns = {"object_id", "x", "y"}, .rows = {}};
  const bool has_classes = !page.classes.names.empty();
  if (has_classes) result.columns.emplace_back(a.colour);
  result.columns.emplace_back("file");
  const std::vector<double>& points = page.layouts.front().points;
  for (std::size_t i = 0; i < packed.rows.size(); ++i) {
    std::vector<Cell> cells{page.object_ids[i], rounded(points[2 * i], 6), rounded(points[2 * i + 1], 6)};
    if (has_classes) cells.push_back(page.classes.word(i));
    cells.emplace_back(table.file(packed.rows[i]));
    result.rows.push_back(std::move(cells));
  }
  return result;
}

void check_arguments(const Arguments& a) {
  const std::string& output = a.embeddings.output;
  if (!output.empty() && output != "-" && !a.makes_page() && !output.ends_with(".csv") &&
      !output.ends_with(".json"))
    throw Error(Status::usage,
                fmt::format("-o {}: expected a name in .html, .csv or .json", escaped(output)));
  if (!a.light_curves.empty() && !a.makes_page())
    throw Error(Status::usage, "--light-curves: only a page shows them", "-o OUT.html");
  if (a.colour == "modality" && (!a.embeddings.labels.empty() || !a.embeddings.column.empty()))
    throw Error(Status::usage, "--colour modality draws all embeddings, without --labels and --embedding");
  if (a.table == "-" && a.run.common.json)
    throw Error(Status::usage, "--table - and --json: one of them goes to standard output");
  if (!a.table.empty() && !a.makes_page())
    throw Error(Status::usage, "--table goes with a page", "-o OUT.csv writes the table alone");
}

std::vector<std::pair<std::string, Cell>> facts_of(const Arguments& a, const EmbeddingTable& table,
                                                   const MapPage& page) {
  auto facts = embedding_facts(table);
  const MapLayout& first = page.layouts.front();
  facts.emplace_back("shown", static_cast<std::int64_t>(page.object_ids.size()));
  facts.emplace_back("method", first.name == "PCA" ? "pca" : "tsne");
  if (first.name != "PCA") {
    facts.emplace_back("perplexity", a.perplexity);
    facts.emplace_back("seed", static_cast<std::int64_t>(a.seed));
  }
  facts.emplace_back("k", static_cast<std::int64_t>(page.k));
  facts.emplace_back("neighbours_kept", rounded(first.kept, 6));
  return facts;
}

/// The rows that are shown; n_with: how many could be.
PackedRows choose_rows(const Arguments& a, const EmbeddingTable& table, std::size_t& n_with) {
  PackedRows packed = pack_rows(table);
  if (a.holdout) packed = held_out_rows(packed, table, *a.holdout);
  n_with = packed.rows.size();
  if (n_with < 2) throw Error(Status::no_input, "a map needs two objects at least");
  if (n_with > a.max_objects) packed = thinned_rows(packed, table, a.max_objects);
  if (packed.rows.size() < n_with)
    print_note(
        fmt::format("{} of {} objects are on the map (--objects): those whose ids come first by their hash",
                    packed.rows.size(), n_with),
        a.run.common.verbosity());
  return packed;
}

/// The page with its objects and their light curves, before anything is computed from them.
MapPage start_page(const Arguments& a, const EmbeddingTable& table, const PackedRows& packed,
                   const std::vector<std::string>& words) {
  MapPage page{.dimension = table.dimension, .k = std::min(a.k, packed.rows.size() - 1)};
  std::vector<std::string> kept_words;
  for (const std::size_t row : packed.rows) {
    page.object_ids.push_back(table.object_ids[row]);
    page.scalars.push_back(table.scalars[row]);
    kept_words.push_back(words.empty() ? std::string() : words[row]);
  }
  page.classes = code_words(kept_words);
  if (!a.light_curves.empty())
    page.curves = read_map_curves(a.run, a.light_curves, page.object_ids, a.max_points);
  return page;
}

/// Writes the page, and with --json the facts and those about the page alone.
void write_page(const Arguments& a, const MapPage& page, std::vector<std::pair<std::string, Cell>> facts) {
  const std::string html = html_of(page);
  write_output(a.embeddings.output, html);
  print_note(
      fmt::format("{}: {} objects, {} light curves, {:.1f} MB", escaped(a.embeddings.output, 4096),
                  page.object_ids.size(), page.curves.n_found, 1e-6 * static_cast<double>(html.size())),
      a.run.common.verbosity());
  if (!a.run.common.json) return;
  facts.emplace_back("light_curves", static_cast<std::int64_t>(page.curves.n_found));
  facts.emplace_back("rejected", static_cast<std::int64_t>(page.curves.n_rejected));
  facts.emplace_back("page_bytes", static_cast<std::int64_t>(html.size()));
  write_output("-", to_text({}, TableFormat::json, facts));
}

int run(const Arguments& a) {
  const Verbosity verbosity = a.run.common.verbosity();
  check_arguments(a);
  check_writable({a.embeddings.output, a.table});
  const auto [table, words] = read_drawn(a);
  std::size_t n_with = 0;
  const PackedRows packed = choose_rows(a, table, n_with);
  const std::size_t n_threads = thread_count(a.run.threads, verbosity);
  MapPage page = start_page(a, table, packed, words);
  find_neighbours(packed, n_threads, page);
  lay_out(a, packed, n_threads, page);
  const auto facts = facts_of(a, table, page);
  const Table rows = table_of(a, table, packed, page);
  if (!a.makes_page()) {
    write_rows(a.embeddings.output, {a.run.common.json, a.embeddings.spreadsheet_safe}, rows, facts);
    return 0;
  }
  describe_counts(a, table, n_with, page);
  describe_origin(table, page);
  write_page(a, page, facts);
  if (!a.table.empty()) write_rows(a.table, {.spreadsheet_safe = a.embeddings.spreadsheet_safe}, rows, facts);
  return page.curves.n_rejected == 0 ? 0 : exit_code(Status::too_many_rejects);
}

constexpr const char* kFooter =
    "The page is one file that needs no network. Every object is a point; a click shows its light curve,\n"
    "folded at its period, and its nearest neighbours by cosine. Light curves are read as by `embed`, with\n"
    "the same options. tsne keeps neighbours together (Barnes-Hut, started at the principal components);\n"
    "pca is the plane of the largest variance; a page made with tsne has both. The output has the same\n"
    "bytes for any --threads.\n"
    "Table: object_id, x, y, class (with --labels), file. --colour modality draws each object once for "
    "every\n"
    "modality that it is embedded by, in their shared space; the column is then modality.";

}  // namespace

void add_map(Command& astrom3) {
  auto arguments = std::make_shared<Arguments>();
  Arguments& a = *arguments;
  Command& command = astrom3.subcommand(
      "map", "a map of embeddings in the plane: an interactive page, or a table of coordinates");
  command.footer(kFooter);
  add_common_options(command, a.run.common);
  add_reading_options(command, a.run);
  add_embedding_options(command, a.embeddings, "a table with object_id and class, for the colours");
  GroupOfOptions options = command.options.in({"Map"});
  options
      .add("light-curves", a.light_curves,
           "light curves of the objects, shown on the page: files as for embed")
      .several();
  options.add_word(
      "colour", a.colour, {"class", "modality"},
      "class: of --labels; modality: all embeddings of Parquet with several modalities in one map");
  options.add_word("method", a.method, {"tsne", "pca"}, "how the plane is made: tsne or pca");
  options
      .add("perplexity", a.perplexity,
           "tsne: about how many neighbours an object has; at most a third of the objects")
      .within(1.0, 1000.0);
  options.add("seed", a.seed, "tsne: seed of the start; another seed shows which details are chance")
      .within(0, 0x1p62);
  options.add("neighbours", a.k, "how many nearest neighbours of an object are listed")
      .letter('k')
      .within(1, 100);
  options.add("holdout", a.holdout, "draw only the objects that training with this --holdout leaves out")
      .within(0.0, 1.0);
  options
      .add("objects", a.max_objects,
           "largest number of objects; of more, those whose ids come first by their hash are drawn")
      .within(2, 100000);
  options.add("points", a.max_points, "largest number of observations of a light curve on the page")
      .within(2, 100000);
  options.add("o", a.embeddings.output, "OUT.html, OUT.csv or OUT.json (default: CSV on stdout)");
  options.add("table", a.table, "OUT.csv or OUT.json: also write the table, when -o is a page");
  add_threads_option(command, a.run.threads);
  command.runs([arguments] { return run(*arguments); });
}

}  // namespace astrom3::cli
