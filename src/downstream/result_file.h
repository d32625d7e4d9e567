// SPDX-License-Identifier: MIT
//
// One file of rows with a vector each, in any format that a sink writes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/downstream/embeddings.h"

namespace astrom3 {

/// Which numbers are the vector of a row.
enum class VectorKind : std::uint8_t {
  none,           ///< only ids and the numbers beside them
  embedding,      ///< e0, e1, ... or a list column
  probabilities,  ///< p_<CLASS>
};

struct ResultRows {
  std::vector<std::string> object_ids;    ///< [N]
  std::vector<Scalars> scalars;           ///< [N]
  std::size_t width = 0;                  ///< of a vector
  std::vector<float> vectors;             ///< [N, width]; NaN where there is none
  std::vector<std::string> vector_names;  ///< [width] of probabilities: the classes
  Identity identity;
};

/// Reads a file as a table; `kind` says which columns are the vector.
/// Throws Error bad_tensors naming the file.
///
/// list_column  of Parquet: the list that is read; empty: the first of those that an embedding is called
ResultRows read_result_file(const std::filesystem::path& file, VectorKind kind, const std::string& id_column,
                            const std::string& list_column = {});

/// mean.npy beside objects.csv and meta.json.
ResultRows read_npy_folder(const std::filesystem::path& folder, const std::string& id_column);

/// "e17" is 17.
std::optional<std::size_t> embedding_index(std::string_view column);

/// The columns that a vector or a scalar is read from.
struct ResultColumns {
  std::optional<std::size_t> status;
  std::array<std::optional<std::size_t>, kScalarNames.size()> scalars;
  std::vector<std::size_t> vector;        ///< columns of its elements, in order
  std::vector<std::string> vector_names;  ///< of probabilities
};

/// Finds these columns among the names of a table. Throws Error bad_tensors if there is no vector; a list
/// column, which only Parquet has, is not searched for here.
ResultColumns find_result_columns(const std::vector<std::string>& names, VectorKind kind);

}  // namespace astrom3
