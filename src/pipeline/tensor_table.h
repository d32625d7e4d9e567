// SPDX-License-Identifier: MIT
//
// A Parquet table of tensors with a row an object, as those of AstroM3Processed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "astrom3/shared_space/modality.h"
#include "formats/parquet.h"

namespace astrom3 {

/// The column of a modality: photometry, spectra, metadata.
const char* tensor_column(Modality modality) noexcept;

/// One object. The numbers live until the next row is read; those of a modality that is null, or is not
/// read, are empty.
struct TensorTableRow {
  std::string object_id, label;                ///< empty where they are not read
  PerModality<std::span<const float>> values;  ///< photo [N, 9], spectra [3, pixels], metadata [columns]
};

/// What a table holds, by its columns and its first rows.
struct TensorTableFacts {
  PerModality<bool> has{};
  bool has_labels = false;
  std::size_t n_pixels = 0, n_columns = 0;
  std::uint64_t n_rows = 0;
  std::string id_column;         ///< empty: there is none
  std::vector<std::string> ids;  ///< if they are asked for
};
/// `id_column` empty: object_id, if there is one. Throws Error bad_tensors.
TensorTableFacts look_at_table(const std::filesystem::path& file, const std::string& id_column,
                               bool wants_ids);

/// What is read of a table, and the sizes that it has to have.
struct TensorTableColumns {
  PerModality<bool> used{};
  std::string id_column;  ///< empty: no ids
  bool labels = false;
  std::size_t n_pixels = 0, n_columns = 0;
};

/// Reads one table batch by batch: memory is bounded by a batch.
class TensorTable {
 public:
  /// Throws Error bad_tensors.
  TensorTable(const std::filesystem::path& file, TensorTableColumns columns);

  /// False at the end. Throws Error bad_tensors naming the row: other sizes, a value that is not finite, a
  /// label without a name, no id.
  bool next(TensorTableRow& row);
  /// Rows that were read.
  std::uint64_t row() const noexcept { return row_; }

 private:
  bool fill();
  std::span<const float> values_of(Modality modality);
  std::string label_of(const ColumnData& labels) const;
  [[noreturn]] void fail(const char* column, std::string message) const;

  std::filesystem::path file_;
  TensorTableColumns columns_;
  std::unique_ptr<ParquetReader> reader_;
  std::optional<std::size_t> ids_, labels_;  ///< places of the columns that are read
  PerModality<std::optional<std::size_t>> places_;
  std::vector<std::string> class_names_;
  std::vector<ColumnData> batch_;
  std::size_t n_ = 0, i_ = 0;  ///< rows of the batch, and the next one
  std::size_t n_floats_ = 0;   ///< numbers of the light curves before it
  std::uint64_t row_ = 0;
};

/// Whether a file begins as Parquet does; false for one that cannot be read.
bool is_parquet_file(const std::filesystem::path& file);

}  // namespace astrom3
