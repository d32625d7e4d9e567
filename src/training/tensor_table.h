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

#include "astrom3/training/training_tensors.h"
#include "formats/parquet.h"

namespace astrom3::training {

/// The column of a modality: photometry, spectra, metadata.
const char* tensor_column(Modality modality) noexcept;

/// One object. The numbers live until the next row is read; those of a modality that is null, or is not
/// read, are empty.
struct TensorTableRow {
  std::string object_id, label;
  PerModality<std::span<const float>> values;
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
/// Throws Error bad_tensors.
TensorTableFacts look_at_table(const std::filesystem::path& file, const std::string& id_column,
                               bool wants_ids);

/// Reads one table batch by batch: memory is bounded by a batch.
class TensorTable {
 public:
  /// Throws Error bad_tensors.
  TensorTable(const TensorSource& source, const TrainingTensors& tensors, const PerModality<bool>& used);

  /// False at the end. Throws Error bad_tensors naming the row: sizes that are not those of `tensors`, a
  /// value that is not finite, a label without a name.
  bool next(TensorTableRow& row);

 private:
  bool fill();
  std::span<const float> values_of(Modality modality);
  std::string label_of(const ColumnData& labels) const;
  [[noreturn]] void fail(const char* column, std::string message) const;

  TensorSource source_;
  const TrainingTensors& tensors_;
  std::unique_ptr<ParquetReader> reader_;
  std::optional<std::size_t> ids_, labels_;  ///< places of the columns that are read
  PerModality<std::optional<std::size_t>> places_;
  std::vector<std::string> class_names_;
  std::vector<ColumnData> batch_;
  std::size_t n_ = 0, i_ = 0,
              n_floats_ = 0;  ///< rows of the batch, the next one, numbers of light curves before it
  std::uint64_t row_ = 0;     ///< of the table, from 1
};

}  // namespace astrom3::training
