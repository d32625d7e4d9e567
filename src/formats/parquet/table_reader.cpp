// SPDX-License-Identifier: MIT
#include "formats/parquet/table_reader.h"

#include <arrow/api.h>
#include <arrow/util/key_value_metadata.h>
#include <fmt/format.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>

#include <array>
#include <optional>
#include <string>
#include <utility>

#include "formats/parquet/arrow_error.h"
#include "formats/parquet/column_cells.h"
#include "formats/parquet/column_masks.h"
#include "formats/parquet/open_file.h"

namespace astrom3 {
namespace {

class TableReader final : public ParquetReader {
 public:
  explicit TableReader(const std::filesystem::path& path) : context_{Status::bad_parquet, path.string()} {
    ParquetFile file = open_parquet_file(path, context_);
    reader_ = std::move(file.reader);
    masks_.emplace(*reader_);
    describe(file.columns);
  }

  const std::vector<ParquetColumnInfo>& columns() const override { return columns_; }
  const KeyValues& metadata() const override { return metadata_; }
  std::uint64_t row_count() const override { return n_rows_; }

  void select(std::vector<ColumnSpec> wanted) override {
    context_.guard([&] {
      std::vector<int> leaves;
      for (const ColumnSpec& spec : wanted) {
        const int index = find(spec);
        collect_leaves(reader_->manifest().schema_fields[static_cast<std::size_t>(index)], leaves);
      }
      for (const ColumnSpec& spec : wanted) masks_->add_leaf(spec.name, leaves);
      wanted_ = std::move(wanted);
      rows_read_ = 0;
      batches_.emplace(*reader_, std::move(leaves), context_);
    });
  }

  std::size_t next(std::vector<ColumnData>& columns) override {
    return context_.guard([&]() -> std::size_t {
      if (!batches_) throw Error(Status::internal, "next() before select()");
      const std::shared_ptr<arrow::RecordBatch> batch = batches_->next();
      columns.resize(wanted_.size());
      if (!batch) return finish(columns);
      context_.require(batch->ValidateFull());
      CellBudget budget;
      for (std::size_t i = 0; i < wanted_.size(); ++i) {
        const auto array = batch->GetColumnByName(wanted_[i].name);
        if (!array) context_.fail("the column is not where the footer says", wanted_[i].name);
        read_cells(*array, wanted_[i], rows_read_, context_, budget, columns[i]);
        masks_->apply(*batch, wanted_[i].name, columns[i].valid);
      }
      rows_read_ += static_cast<std::uint64_t>(batch->num_rows());
      return static_cast<std::size_t>(batch->num_rows());
    });
  }

 private:
  void describe(const arrow::FieldVector& columns) {
    const auto footer = reader_->parquet_reader()->metadata();
    n_rows_ = static_cast<std::uint64_t>(footer->num_rows());
    for (const auto& field : columns) {
      columns_.push_back({field->name(), field->type()->ToString()});
      types_.push_back(field->type());
    }
    if (const auto& pairs = footer->key_value_metadata()) {
      for (std::int64_t i = 0; i < pairs->size(); ++i) metadata_.emplace_back(pairs->key(i), pairs->value(i));
    }
  }

  int find(const ColumnSpec& spec) const {
    int found = -1;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].name != spec.name) continue;
      if (found >= 0) context_.fail("the column is there twice", spec.name);
      found = static_cast<int>(i);
    }
    if (found < 0) context_.fail("there is no such column", spec.name);
    const auto& type = *types_[static_cast<std::size_t>(found)];
    static constexpr std::array kNames{"text",
                                       "integers",
                                       "numbers",
                                       "lists of numbers",
                                       "lists of lists of numbers",
                                       "lists of lists of numbers"};
    if (!is_readable_as(type, spec.type)) {
      context_.fail(fmt::format("has type {}, expected {}", type.ToString(),
                                kNames[static_cast<std::size_t>(spec.type)]),
                    spec.name);
    }
    return found;
  }

  std::size_t finish(std::vector<ColumnData>& columns) {
    for (ColumnData& column : columns) column.clear();
    if (rows_read_ != n_rows_ && !wanted_.empty())
      context_.fail(fmt::format("{} rows were read, the footer says {}", rows_read_, n_rows_));
    return 0;
  }

  ErrorContext context_;
  std::shared_ptr<parquet::arrow::FileReader> reader_;
  std::optional<ColumnMasks> masks_;
  std::vector<ParquetColumnInfo> columns_;
  std::vector<std::shared_ptr<arrow::DataType>> types_;
  KeyValues metadata_;
  std::uint64_t n_rows_ = 0;

  std::vector<ColumnSpec> wanted_;
  std::optional<BatchReader> batches_;
  std::uint64_t rows_read_ = 0;
};

}  // namespace

std::unique_ptr<ParquetReader> make_table_reader(const std::filesystem::path& file) {
  return ErrorContext{Status::bad_parquet, file.string()}.guard(
      [&] { return std::make_unique<TableReader>(file); });
}

}  // namespace astrom3
