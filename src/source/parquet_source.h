// SPDX-License-Identifier: MIT
//
// A Parquet table as a source of objects: one observation per row, or one object per row with lists.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/source/source.h"
#include "formats/parquet.h"
#include "source/grouped_source.h"
#include "source/nested_plan.h"

namespace astrom3 {

/// Lists may be columns of their own, lists of structs, structs of lists, or one column of triples
/// (time, flux, error). Every batch is validated in full before it is used.
class ParquetSource final : public GroupedSource {
 public:
  /// place  where the bytes are     file  its name, which is the id in a table without ids
  ParquetSource(std::filesystem::path place, const std::string& file, const SourceOptions& options);

  TableDescription describe() const override;
  std::uint64_t bytes_read() const override;
  std::uint64_t bytes_total() const override { return size_; }

 private:
  struct Cells;
  /// Where the cells of a column are in the batch; null if the column is not read.
  struct ColumnCells {
    const LeafData* data = nullptr;
    bool is_text = false;
    bool is_series = false;  ///< an element each, rather than one value a row
  };

  void open() override;
  bool read_row() override;
  void describe_failure(Diagnostic& diagnostic) const override;
  void select_columns();
  bool read_batch();
  void take_row(std::size_t row);
  void take_object(std::size_t row, ObjectBuilder& object);
  bool take_numbers(std::size_t row, ObjectBuilder& object);
  std::optional<Diagnostic> fault_of_row(std::size_t row);

  std::string_view id_of(std::size_t row, bool& is_null) const;
  Diagnostic at_row(std::size_t row, Status code, std::string message) const;

  std::filesystem::path place_;
  std::uint64_t size_ = 0;
  std::unique_ptr<ParquetNestedReader> reader_;
  NestedLayout layout_ = NestedLayout::rows;
  std::vector<std::size_t> leaf_of_;  ///< of each column of the plan
  std::vector<LeafData> data_;
  std::vector<ColumnCells> cells_of_;  ///< of each column
  std::vector<ListLength> lists_;      ///< of the row in hand
  std::size_t n_rows_in_batch_ = 0;
  std::size_t next_row_ = 0;
  std::uint64_t rows_before_ = 0;  ///< of the file, before this batch
};

}  // namespace astrom3
