// SPDX-License-Identifier: MIT
//
// The rows of a table in Parquet.
#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/stop_scope.h"
#include "base/number.h"
#include "formats/parquet.h"
#include "formats/table_rows.h"

namespace astrom3 {
namespace {

class ParquetRows final : public TableRows {
 public:
  explicit ParquetRows(std::unique_ptr<ParquetReader> reader) : reader_(std::move(reader)) {
    for (const ParquetColumnInfo& column : reader_->columns()) names_.push_back(column.name);
    metadata_ = reader_->metadata();
  }

  std::string_view row_word() const noexcept override { return "row"; }

  void select(const std::vector<TableColumn>& columns) override {
    types_.clear();
    std::vector<ColumnSpec> wanted;
    for (const TableColumn& column : columns) {
      types_.push_back(column.type);
      wanted.push_back({.name = names_[column.index], .type = column.type});
    }
    reader_->select(std::move(wanted));
  }

  bool next() override {
    ++row_number_;
    if (++row_ < n_rows_) return true;
    row_ = 0;
    throw_if_stopped();
    n_rows_ = reader_->next(columns_);
    return n_rows_ > 0;
  }

  std::int64_t row() const noexcept override { return row_number_; }
  bool is_null(std::size_t cell) const override { return columns_[cell].valid[row_] == 0; }
  std::string_view text(std::size_t cell) const override { return columns_[cell].text[row_]; }

  ParsedNumber number(std::size_t cell) const override {
    const double value = columns_[cell].numbers[row_];
    if (is_null(cell) || std::isnan(value)) return {.kind = NumberKind::missing};
    return {.kind = std::isfinite(value) ? NumberKind::number : NumberKind::nonfinite, .value = value};
  }

  std::span<const float> vector(std::size_t cell) const override {
    const std::vector<float>& floats = columns_[cell].floats;
    const std::size_t width = floats.size() / n_rows_;
    return std::span(floats).subspan(row_ * width, width);
  }

  std::string spelling(std::size_t cell) const override {
    if (is_null(cell)) return "null";
    if (types_[cell] == CellType::text) return std::string(text(cell));
    return types_[cell] == CellType::number ? fmt::format("{}", columns_[cell].numbers[row_]) : "a list";
  }

 private:
  std::unique_ptr<ParquetReader> reader_;
  std::vector<CellType> types_;
  std::vector<ColumnData> columns_;
  std::size_t n_rows_ = 0, row_ = 0;  // of the batch in columns_
  std::int64_t row_number_ = 0;
};

}  // namespace

std::unique_ptr<TableRows> read_parquet_rows(const std::filesystem::path& file) {
  return std::make_unique<ParquetRows>(open_parquet_reader(file));
}

}  // namespace astrom3
