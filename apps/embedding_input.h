// SPDX-License-Identifier: MIT
//
// What the commands that work on embeddings share: files of embeddings in, classes beside them, a table out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "astrom3/study/study.h"
#include "run_options.h"
#include "table.h"

namespace astrom3::cli {

struct EmbeddingArguments {
  std::vector<std::string> files;
  std::string id_column, labels, output;
  std::string column;  ///< of several modalities: photo, spectra, metadata or fused; empty: what there is
};

/// EMBEDDINGS, --id-column unless the command reads light curves and has it already, --labels, -o.
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

/// What every result says of the embeddings it comes from.
std::vector<std::pair<std::string, Cell>> embedding_facts(const EmbeddingTable& table);

/// Writes one table: CSV on stdout and by default, JSON with --json or to a name in .json. Unlike a report it
/// has its own header line and nothing before it.
void write_rows(const std::string& output, bool json, const Table& table,
                const std::vector<std::pair<std::string, Cell>>& facts);

}  // namespace astrom3::cli
