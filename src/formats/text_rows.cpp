// SPDX-License-Identifier: MIT
//
// The rows of a table in text.
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "base/number.h"
#include "formats/csv.h"
#include "formats/parquet.h"
#include "formats/table_header.h"
#include "formats/table_rows.h"
#include "formats/text_encoding.h"

namespace astrom3 {
namespace {

class TextRows final : public TableRows {
 public:
  explicit TextRows(CsvReader reader) : reader_(std::move(reader)) {
    const char line_end = begin_table(reader_).line_end;
    const char delimiter = guess_delimiter(skip_to_header(reader_, line_end));
    reader_.set_dialect({.delimiter = delimiter, .line_end = line_end, .gives_comments = true});
    if (!reader_.next(record_)) throw Error(Status::bad_header, "the file has no header");
    for (const std::string_view field : record_.fields) names_.emplace_back(trimmed(field));
  }

  std::string_view row_word() const noexcept override { return "line"; }

  void select(const std::vector<TableColumn>& columns) override { columns_ = columns; }

  bool next() override {
    do {
      if (!reader_.next(record_)) return false;
    } while (record_.is_comment && !is_row_behind_mark());
    if (record_.problem != Status::ok) fail(record_.problem, "not UTF-8 text");
    if (record_.fields.size() != names_.size())
      fail(Status::field_count,
           fmt::format("row has {} fields, the header has {}", record_.fields.size(), names_.size()));
    return true;
  }

  std::int64_t row() const noexcept override { return record_.line; }
  bool is_null(std::size_t /*cell*/) const override { return false; }
  std::string_view text(std::size_t cell) const override { return record_.fields[columns_[cell].index]; }
  ParsedNumber number(std::size_t cell) const override { return parse_number(text(cell)); }
  std::span<const float> vector(std::size_t /*cell*/) const override { return {}; }
  std::string spelling(std::size_t cell) const override { return std::string(text(cell)); }

 private:
  /// A line that begins with '#' is a row where its first column has the ids and everything else fits. One
  /// that fits otherwise was a row: it is counted.
  bool is_row_behind_mark() {
    if (record_.problem != Status::ok || record_.fields.size() != names_.size()) return false;
    const bool fits = std::all_of(columns_.begin(), columns_.end(), [this](const TableColumn& column) {
      return column.type != CellType::number || column.index == 0 ||
             parse_number(record_.fields[column.index]).kind != NumberKind::not_a_number;
    });
    const std::string_view first = record_.fields.front();
    const bool is_header = trimmed(first.substr(1)) == names_.front();
    if (!fits || is_header) return false;
    const bool is_id = !columns_.empty() && columns_.front().index == 0 && first.size() > 1 &&
                       first[1] != ' ' && first[1] != '\t';
    if (!is_id && has_numbers()) ++n_commented_rows_;
    return is_id;
  }

  bool has_numbers() const {
    return std::any_of(columns_.begin(), columns_.end(),
                       [](const TableColumn& column) { return column.type == CellType::number; });
  }

  [[noreturn]] void fail(Status code, std::string message) const {
    throw Error(Diagnostic{.code = code, .line = record_.line, .message = std::move(message)});
  }

  CsvReader reader_;
  CsvRecord record_;
  std::vector<TableColumn> columns_;
};

}  // namespace

std::unique_ptr<TableRows> read_text_rows(CsvReader reader) {
  return std::make_unique<TextRows>(std::move(reader));
}

}  // namespace astrom3
