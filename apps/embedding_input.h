// SPDX-License-Identifier: MIT
//
// The common parts of commands on embeddings: reading embeddings and classes, writing a table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/downstream/embeddings.h"
#include "command_line.h"
#include "report.h"
#include "table.h"

namespace astrom3::cli {

struct EmbeddingArguments {
  std::vector<std::string> files;
  std::string id_column, labels, output;
  bool spreadsheet_safe = false;
  std::string column;  ///< of several modalities: photo, spectra, metadata or fused; empty: what there is
};

/// EMBEDDINGS, --id-column unless the command reads light curves and has it already, --labels,
/// --spreadsheet-safe.
void add_embedding_options(Command& command, EmbeddingArguments& arguments, const char* labels_help);

/// Reads them; says on stderr what is wrong with them and how many rows have no embedding.
EmbeddingTable open_embeddings(const EmbeddingArguments& arguments, const std::string& id_column,
                               Verbosity verbosity);

/// The class of every row, or empty; empty as a whole without --labels.
std::vector<std::string> classes_of(const EmbeddingTable& table, const EmbeddingArguments& arguments,
                                    const std::string& id_column, Verbosity verbosity);

/// The rows that have an embedding, packed.
struct PackedRows {
  std::vector<std::size_t> rows;  ///< [n] of the table
  std::vector<float> values;      ///< [n, D]
};
PackedRows pack_rows(const EmbeddingTable& table);

/// Words as numbers: the distinct ones in alphabetical order, and which of them each is (-1: the empty word).
struct Coded {
  std::vector<std::string> names;
  std::vector<std::int32_t> codes;

  /// The i-th word, or nothing.
  Cell word(std::size_t i) const {
    return codes[i] < 0 ? Cell() : Cell(names[static_cast<std::size_t>(codes[i])]);
  }
};
Coded code_words(const std::vector<std::string>& words);

/// The facts that every result has about its embeddings.
std::vector<std::pair<std::string, Cell>> embedding_facts(const EmbeddingTable& table);

/// How a table of rows is written.
struct RowsFormat {
  bool json = false;              ///< JSON, also to another name than .json
  bool spreadsheet_safe = false;  ///< CSV: safe_for_spreadsheets()
};

/// Writes one table: CSV on stdout and by default, JSON with --json or to a name in .json. Unlike a report it
/// has its own header line and nothing before it.
void write_rows(const std::string& output, const RowsFormat& format, const Table& table,
                const std::vector<std::pair<std::string, Cell>>& facts);

}  // namespace astrom3::cli
