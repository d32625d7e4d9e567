// SPDX-License-Identifier: MIT
#include "embedding_input.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/option.h"
#include "astrom3/base/version.h"
#include "astrom3/classes/labels.h"
#include "astrom3/downstream/embeddings.h"
#include "command_line.h"
#include "file_claims.h"
#include "outputs.h"
#include "report.h"
#include "run_options.h"
#include "table.h"

namespace astrom3::cli {

void add_embedding_options(Command& command, EmbeddingArguments& a, const char* labels_help) {
  command.positionals(
      "EMBEDDINGS", a.files,
      "files that astrom3 embed wrote: CSV, Parquet, a directory of NPY arrays, a folder of parts;\n"
      "several are read as one table");
  GroupOfOptions options = command.options.in({});
  options.add("labels", a.labels, labels_help);
  add_spreadsheet_option(command, a.spreadsheet_safe);
  options.add_word("embedding", a.column, {"photo", "spectra", "metadata", "fused"},
                   "of Parquet with several modalities: which embedding (default: fused)");
  if (command.options.find("id-column") == nullptr)
    options.add("id-column", a.id_column, "the column of object ids (default: object_id)");
}

EmbeddingTable open_embeddings(const EmbeddingArguments& a, const std::string& id_column,
                               Verbosity verbosity) {
  const std::string list = a.column.empty() ? "" : a.column + "_embedding";
  EmbeddingTable table = read_embeddings({a.files.begin(), a.files.end()}, id_column, list);
  check_inputs({table.files.begin(), table.files.end()});
  for (const Diagnostic& warning : table.warnings) print_warning(warning, verbosity);
  std::size_t n_without = 0;
  for (std::size_t i = 0; i < table.size(); ++i) n_without += table.has_embedding(i) ? 0u : 1u;
  if (n_without > 0)
    print_note(fmt::format("{} of {} objects have no embedding and are left out", n_without, table.size()),
               verbosity);
  if (identity_value(table.identity, "model_trained") == "false")
    print_note("the embeddings come from an untrained checkpoint: they mean nothing", verbosity);
  return table;
}

std::vector<std::string> classes_of(const EmbeddingTable& table, const EmbeddingArguments& a,
                                    const std::string& id_column, Verbosity verbosity) {
  if (a.labels.empty()) return {};
  const Labels labels = read_labels(a.labels, id_column);
  std::vector<std::string> classes(table.size());
  std::size_t n_without = 0;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const auto found = labels.find(table.object_ids[i]);
    if (found != labels.end())
      classes[i] = found->second;
    else
      ++n_without;
  }
  if (n_without > 0)
    print_note(fmt::format("{} of {} objects have no label in {}", n_without, table.size(), a.labels),
               verbosity);
  return classes;
}

PackedRows pack_rows(const EmbeddingTable& table) {
  PackedRows packed;
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (!table.has_embedding(i)) continue;
    packed.rows.push_back(i);
    const auto row = table.row(i);
    packed.values.insert(packed.values.end(), row.begin(), row.end());
  }
  if (packed.rows.empty()) throw Error(Status::no_input, "no object has an embedding");
  return packed;
}

Coded code_words(const std::vector<std::string>& words) {
  const std::set<std::string> distinct(words.begin(), words.end());
  Coded coded;
  for (const std::string& word : distinct) {
    if (!word.empty()) coded.names.push_back(word);
  }
  for (const std::string& word : words) {
    const auto at = std::lower_bound(coded.names.begin(), coded.names.end(), word);
    coded.codes.push_back(word.empty() ? -1 : static_cast<std::int32_t>(at - coded.names.begin()));
  }
  return coded;
}

std::vector<std::pair<std::string, Cell>> embedding_facts(const EmbeddingTable& table) {
  const auto cell = [&](std::string_view key) {
    const std::string_view value = identity_value(table.identity, key);
    return value.empty() ? Cell() : Cell(std::string(value));
  };
  return {{"astrom3_version", std::string(kVersion)},
          {"model_sha256", cell("model_sha256")},
          {"model_identity", cell("model_identity")},
          {"objects", static_cast<std::int64_t>(table.size())}};
}

void write_rows(const std::string& output, const RowsFormat& format, const Table& table,
                const std::vector<std::pair<std::string, Cell>>& facts) {
  if (format.json || output.ends_with(".json")) {
    write_output(output, to_text({table}, TableFormat::json, facts));
  } else {
    write_output(output, rows_text(format.spreadsheet_safe ? safe_for_spreadsheets(table) : table));
  }
}

}  // namespace astrom3::cli
