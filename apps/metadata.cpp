// SPDX-License-Identifier: MIT
//
// astrom3 metadata: joins exports of catalogues to the table that --metadata takes.
#include "astrom3/metadata/metadata.h"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/option.h"
#include "astrom3/base/version.h"
#include "astrom3/metadata/join_catalogues.h"
#include "astrom3/pipeline/catalogue_file.h"
#include "astrom3/sink/sink.h"
#include "command.h"
#include "command_line.h"
#include "formats/json_writer.h"
#include "report.h"
#include "run_options.h"

namespace astrom3::cli {
namespace {

struct Arguments {
  CommonOptions common;
  std::vector<std::string> catalogues;
  std::string output, to, id_column, scaling;
  std::string on_conflict = "reject";
};

SinkFormat format_of(const Arguments& a) {
  if (a.output.empty()) throw Error(Status::usage, "-o is needed: where the table goes");
  if (a.to == "parquet" || (a.to.empty() && a.output.ends_with(".parquet"))) return SinkFormat::parquet;
  if (a.to == "csv" || a.output == "-" || (a.to.empty() && a.output.ends_with(".csv")))
    return SinkFormat::csv;
  throw Error(Status::usage, fmt::format("-o {}: cannot tell the format", escaped(a.output)),
              "end the name in .csv or .parquet, or say --to csv or --to parquet");
}

Identity identity_of(const Arguments& a, const JoinedCatalogues& catalogues) {
  Identity identity{{"astrom3_version", kVersion}};
  std::string names, origins;
  for (const std::string& catalogue : a.catalogues)
    names += (names.empty() ? "" : "; ") + std::filesystem::path(catalogue).filename().string();
  for (const std::string& origin : catalogues.origins()) origins += (origins.empty() ? "" : "; ") + origin;
  identity.emplace_back("catalogues", names);
  identity.emplace_back("metadata_columns", origins);
  identity.emplace_back("on_conflict", a.on_conflict);
  return identity;
}

void report(const Arguments& a, const CatalogueSummary& summary) {
  if (a.common.json) {
    JsonWriter json(JsonLayout::line);
    json.begin_object().member("output", a.output).member("objects", summary.n_objects);
    json.member("ok", summary.n_ok).key("rejected").object(summary.rejected);
    json.key("problems").object(summary.problems);
    return print_json_line(json.end().take(), a.output == "-");
  }
  const Verbosity verbosity = a.common.verbosity();
  print_note(fmt::format("{} objects, {} ok; {}", summary.n_objects, summary.n_ok, a.output), verbosity);
  for (const auto& [what, n] : summary.problems) print_note(fmt::format("  {} {}", n, what), verbosity);
}

int run(const Arguments& a) {
  const SinkFormat format = format_of(a);
  CatalogueJoinOptions options{
      .id_column = a.id_column,
      .columns = {},
      .on_conflict = a.on_conflict == "first" ? OnConflict::first : OnConflict::reject};
  if (!a.scaling.empty()) options.columns = read_metadata_scaling(a.scaling).columns;
  const std::vector<std::filesystem::path> files(a.catalogues.begin(), a.catalogues.end());
  for (const auto& file : files) {
    if (std::error_code error; !std::filesystem::exists(file, error))
      throw Error(Diagnostic{.code = Status::no_input, .file = file.string(), .message = "no such file"});
  }
  const JoinedCatalogues catalogues(files, options);
  for (const Diagnostic& warning : catalogues.warnings()) print_warning(warning, a.common.verbosity());
  if (a.common.verbose) {
    for (const std::string& origin : catalogues.origins()) print_note(origin, a.common.verbosity());
  }
  RejectLog rejects(reject_log_path(a.output, format));
  const CatalogueSummary summary =
      write_catalogue(catalogues, a.output, format, identity_of(a, catalogues), &rejects);
  report(a, summary);
  return summary.n_ok == summary.n_objects ? 0 : exit_code(Status::too_many_rejects);
}

std::vector<OutputFile> outputs_of(const Arguments& a) {
  std::vector<OutputFile> outputs;
  if (a.output.empty()) return outputs;
  for (auto& path : output_files(a.output, format_of(a))) {
    const bool is_named = path == a.output;
    outputs.push_back({std::move(path), is_named});
  }
  return outputs;
}

}  // namespace

void add_metadata(Command& astrom3) {
  auto arguments = std::make_shared<Arguments>();
  Arguments& a = *arguments;
  Command& command =
      astrom3.subcommand("metadata", "exports of Gaia, 2MASS, AllWISE to the table that --metadata takes");
  command.footer(
      "The objects are the rows of the first table; a row of another one is joined by an id that both have\n"
      "(object_id, Gaia's source_id, 2MASS and AllWISE designations), also over a cross-match. Columns:\n"
      "object_id, status, flags, the ids, then the columns of metadata in mag, mas, mas/yr and degrees.\n"
      "OUT.rejects.jsonl lists every missing value and every contradiction. docs/multimodal.md has the "
      "names\n"
      "that are understood.");
  add_common_options(command, a.common);
  command.positionals("CATALOGUE", a.catalogues,
                      "tables: CSV, TSV, ECSV or Parquet, of the Gaia archive, VizieR, IRSA, ASAS-SN");
  GroupOfOptions options = command.options.in({});
  options.add("o", a.output, "OUT.csv, OUT.parquet or - (CSV to stdout)");
  options.add_word("to", a.to, {"csv", "parquet"},
                   "format: csv or parquet (default: by the name of the output)");
  options.add("id-column", a.id_column, "the column of object ids of the first table (default: as usual)");
  options.add_word("conflicts", a.on_conflict, {"reject", "first"},
                   "two tables contradict each other: reject the object, or take the first and flag it");
  options.add("metadata-scaling", a.scaling,
              "info.json or preprocessor_config.json whose columns are wanted (default: the 34 published)");
  command.writes([arguments] { return outputs_of(*arguments); });
  command.runs([arguments] { return run(*arguments); });
}

}  // namespace astrom3::cli
