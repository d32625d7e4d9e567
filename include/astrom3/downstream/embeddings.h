// SPDX-License-Identifier: MIT
//
// Reads the files that `embed` and `classify` wrote: the counterpart of sink.h.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/sink/sink.h"

namespace astrom3 {

/// The numbers beside an embedding, by the names of their columns.
inline constexpr std::array<std::string_view, 6> kScalarNames{"amplitude", "period",    "lksl_statistic",
                                                              "rfr_score", "log10_mad", "delta_t"};
using Scalars = std::array<double, kScalarNames.size()>;  ///< raw units; NaN if there is no value

/// Rows of one or several files, in their order. The row of a rejected object is NaN.
struct EmbeddingTable {
  std::size_t dimension = 0;            ///< D
  std::vector<std::string> object_ids;  ///< [N]
  std::vector<std::uint32_t> file_of;   ///< [N] index into files
  std::vector<std::string> files;       ///< as the caller named them, or as found in a named folder
  std::vector<float> values;            ///< [N, D]
  std::vector<Scalars> scalars;         ///< [N]
  Identity identity;                    ///< of the first file; empty if the file has none
  std::vector<Diagnostic> warnings;     ///< a file without identity, a run that is not complete

  std::size_t size() const noexcept { return object_ids.size(); }
  std::span<const float> row(std::size_t i) const {
    return std::span(values).subspan(i * dimension, dimension);
  }
  bool has_embedding(std::size_t i) const;  ///< finite, and with a direction
  const std::string& file(std::size_t i) const { return files[file_of[i]]; }
  std::string_view model_sha256() const noexcept;  ///< empty: not known
};

/// Probabilities of classes, by object.
struct ClassTable {
  std::vector<std::string> class_names;  ///< [C] in the order of the head
  std::vector<std::string> object_ids;   ///< [N]
  std::vector<float> probabilities;      ///< [N, C]; NaN where rejected
  Identity identity;
  std::vector<Diagnostic> warnings;

  std::span<const float> row(std::size_t i) const {
    return std::span(probabilities).subspan(i * class_names.size(), class_names.size());
  }
};

/// Reads embeddings: CSV (plain, gzip, zstd) with columns e0, e1, ...; Parquet with a list column embedding,
/// astrom3 or mean; a directory with mean.npy and objects.csv; a folder of Parquet parts, at any depth.
/// Columns with unknown names are ignored.
///
/// id_column    empty: object_id
/// list_column  of Parquet: the list that is read, such as "photo_embedding"; empty: embedding, or the fused
///              embedding of several modalities
/// Throws Error bad_tensors naming file, line and column, also where two files say that they come from
/// different models (model_difference()), or have different widths; no_input where a file is missing.
EmbeddingTable read_embeddings(const std::vector<std::filesystem::path>& files,
                               const std::string& id_column = {}, const std::string& list_column = {});

/// How the models differ that two outputs name: "attention is A, there it is B"; empty if both name the same
/// model, or one names none. It compares model_identity or, if an older version wrote none, those entries
/// that both have: model_sha256, attention and its draws, precision and the numbers of the scaling.
std::string model_difference(const Identity& a, const Identity& b);

/// Throws Error bad_tensors if `other` cannot be compared with `table`, as read_embeddings() does for its
/// files.
void check_comparable(const EmbeddingTable& table, const EmbeddingTable& other);

/// Reads the files that `classify` wrote, in any format: columns p_<CLASS>. Throws as read_embeddings().
ClassTable read_classes(const std::vector<std::filesystem::path>& files, const std::string& id_column = {});

/// The first row of every id.
std::map<std::string_view, std::size_t> rows_by_id(std::span<const std::string> object_ids);

/// The entry `key` of an identity, or empty.
std::string_view identity_value(const Identity& identity, std::string_view key) noexcept;

}  // namespace astrom3
