// SPDX-License-Identifier: MIT
//
// A table with one row for each object, found by its id: the one reader of catalogues, labels and results.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/base/error.h"
#include "base/number.h"
#include "formats/parquet.h"
#include "formats/table_rows.h"

namespace astrom3 {

/// Reads text (separated by commas, semicolons, tabs or blanks; plain, gzip or Zstandard; UTF-8 with or
/// without a byte order mark) and Parquet, told apart by their first bytes, row by row: memory is bounded by
/// a block or a batch. Every Error that comes out of it has the file and one code; where a row is at fault,
/// its line (in Parquet: its number), the column and the cell.
///
///   KeyedTable table(file, Status::bad_catalog);
///   table.select({{table.find_id(""), CellType::text}, {*table.find("period"), CellType::number}});
///   while (table.next()) use(table.id(0), table.number(1));
class KeyedTable {
 public:
  /// Opens the file and reads the names of its columns. All errors have this `code`.
  KeyedTable(std::filesystem::path file, Status code);
  /// Of rows that are in memory; `name` stands for the file in errors.
  KeyedTable(std::unique_ptr<TableRows> rows, std::string name, Status code);

  const std::vector<std::string>& names() const noexcept { return rows_->names(); }
  /// Key-value pairs of a Parquet file's footer; text has none.
  const KeyValues& metadata() const noexcept { return rows_->metadata(); }
  bool is_parquet() const noexcept { return is_parquet_; }
  /// TableRows::n_commented_rows().
  std::size_t n_commented_rows() const noexcept { return rows_->n_commented_rows(); }

  /// The column of that name, whatever its case. Throws Error when there are two.
  std::optional<std::size_t> find(std::string_view name) const;
  /// The column of ids: `id_column`, or object_id if that is empty. Throws Error if there is no such
  /// column.
  std::size_t find_id(const std::string& id_column) const;

  /// Chooses the columns to read, before the first next(). A cell is named by its column's place in the list.
  void select(std::vector<TableColumn> columns);
  /// Moves on to the next row; false at the end. Views of the row before are no longer valid.
  bool next();

  /// 1-based: the line in text, the row in Parquet; and the word for it, "line" or "row".
  std::int64_t row() const noexcept { return rows_->row(); }
  std::string_view row_word() const noexcept { return rows_->row_word(); }

  bool is_null(std::size_t cell) const { return rows_->is_null(cell); }
  /// The text of a cell, with blanks around it; empty if it is null.
  std::string_view text(std::size_t cell) const { return rows_->text(cell); }
  /// The text of a cell that has to be an id. Throws Error when it is empty or null.
  std::string_view id(std::size_t cell) const;
  /// Null and NaN are missing.
  ParsedNumber number(std::size_t cell) const { return rows_->number(cell); }
  /// The list in a cell; zeros of the same number if it is null. All cells of a batch have the same length.
  std::span<const float> vector(std::size_t cell) const { return rows_->vector(cell); }
  /// The cell as it is written, at most 80 bytes of it.
  std::string spelling(std::size_t cell) const { return rows_->spelling(cell).substr(0, 80); }

  /// Throws Error about the table as a whole.
  [[noreturn]] void fail(std::string message, Hint hint = {}) const;
  /// Throws Error about the current row, and the cell with the error.
  [[noreturn]] void fail_in_row(std::string message, std::optional<std::size_t> cell = {}) const;

 private:
  template <typename Action>
  auto named(const Action& action) const;

  std::filesystem::path file_;
  Status code_;
  bool is_parquet_ = false;
  std::unique_ptr<TableRows> rows_;
  std::vector<TableColumn> columns_;
};

}  // namespace astrom3
