// SPDX-License-Identifier: MIT
#include "formats/memory_rows.h"

#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/number.h"
#include "formats/table_rows.h"

namespace astrom3 {
namespace {

class MemoryRows final : public TableRows {
 public:
  MemoryRows(std::vector<CellColumn> columns, std::size_t n_rows)
      : columns_(std::move(columns)), n_rows_(n_rows) {
    for (const CellColumn& column : columns_) names_.push_back(column.name);
  }

  std::string_view row_word() const noexcept override { return "row"; }
  void select(const std::vector<TableColumn>& columns) override {
    selected_ = columns;
    texts_.resize(columns.size());
  }

  bool next() override {
    if (row_ >= n_rows_) return false;
    ++row_;
    return true;
  }

  std::int64_t row() const noexcept override { return static_cast<std::int64_t>(row_); }
  bool is_null(std::size_t) const override { return false; }
  std::string_view text(std::size_t cell) const override {
    const CellColumn& column = column_of(cell);
    if (column.numbers.empty()) return column.texts[row_ - 1];
    const double value = column.numbers[row_ - 1];
    texts_[cell] = std::isnan(value) ? std::string() : fmt::format("{}", value);
    return texts_[cell];
  }
  std::span<const float> vector(std::size_t) const override { return {}; }

  ParsedNumber number(std::size_t cell) const override {
    const CellColumn& column = column_of(cell);
    if (column.numbers.empty()) return parse_number(column.texts[row_ - 1]);
    const double value = column.numbers[row_ - 1];
    if (std::isnan(value)) return {.kind = NumberKind::missing};
    return {.kind = std::isfinite(value) ? NumberKind::number : NumberKind::nonfinite, .value = value};
  }

  std::string spelling(std::size_t cell) const override { return std::string(text(cell)); }

 private:
  const CellColumn& column_of(std::size_t cell) const { return columns_[selected_[cell].index]; }

  std::vector<CellColumn> columns_;
  std::size_t n_rows_, row_ = 0;  ///< the number of rows so far
  std::vector<TableColumn> selected_;
  mutable std::vector<std::string> texts_;  ///< of numbers, where they were asked for
};

}  // namespace

std::unique_ptr<TableRows> read_memory_rows(std::vector<CellColumn> columns, std::size_t n_rows) {
  return std::make_unique<MemoryRows>(std::move(columns), n_rows);
}

}  // namespace astrom3
