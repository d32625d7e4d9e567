// SPDX-License-Identifier: MIT
//
// The rows of a table one after the other, in any format: KeyedTable reads through this.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/number.h"
#include "formats/csv.h"
#include "formats/parquet.h"

namespace astrom3 {

/// A column to read, and how its cells are read: as text, number or, in Parquet, vector.
struct TableColumn {
  std::size_t index = 0;
  CellType type = CellType::text;
};

/// Cells are named by the place of their column in what select() was given; their views are valid until the
/// next call of next(). What is thrown is an Error that does not name the file: KeyedTable adds it.
class TableRows {
 public:
  virtual ~TableRows() = default;

  const std::vector<std::string>& names() const noexcept { return names_; }
  const KeyValues& metadata() const noexcept { return metadata_; }
  /// Number of lines so far that would be rows with numbers if they did not begin with the mark of a comment.
  std::size_t n_commented_rows() const noexcept { return n_commented_rows_; }
  /// The word for a row in messages: "line" or "row".
  virtual std::string_view row_word() const noexcept = 0;

  virtual void select(const std::vector<TableColumn>& columns) = 0;
  virtual bool next() = 0;
  /// 1-based number of the row that next() read: its line in text.
  virtual std::int64_t row() const noexcept = 0;

  /// Parquet's null. Text has none.
  virtual bool is_null(std::size_t cell) const = 0;
  virtual std::string_view text(std::size_t cell) const = 0;
  virtual ParsedNumber number(std::size_t cell) const = 0;
  virtual std::span<const float> vector(std::size_t cell) const = 0;
  /// The cell as it is written, for messages.
  virtual std::string spelling(std::size_t cell) const = 0;

 protected:
  std::vector<std::string> names_;
  KeyValues metadata_;
  std::size_t n_commented_rows_ = 0;
};

/// Text of any separator. The first line that is neither blank nor a comment names the columns. Below it, a
/// line that begins with '#' is a row if the ids are the first column and its other cells fit their columns.
std::unique_ptr<TableRows> read_text_rows(CsvReader reader);
std::unique_ptr<TableRows> read_parquet_rows(const std::filesystem::path& file);

}  // namespace astrom3
