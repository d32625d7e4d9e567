// SPDX-License-Identifier: MIT
#include "formats/parquet/table_reader.h"

#include <arrow/api.h>
#include <arrow/io/file.h>
#include <arrow/util/key_value_metadata.h>
#include <fmt/format.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/schema.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>
#include <parquet/properties.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>

#include "formats/parquet/arrow_error.h"
#include "formats/parquet/column_cells.h"

namespace astrom3 {
namespace {

constexpr std::int64_t kBatchBytes = 8 << 20;
constexpr std::int64_t kMaxBatchRows = 1 << 16;
constexpr std::int64_t kSmallestFile = 12;  // magic, an empty footer's length, magic
constexpr std::string_view kSchemaKey = "ARROW:schema";

std::string read_text(arrow::io::RandomAccessFile& file, std::int64_t offset, std::int64_t n,
                      const ErrorContext& context) {
  return context.require(file.ReadAt(offset, n))->ToString();
}

/// Says what is wrong with a file that is no Parquet file at all, better than its parser could.
void require_magic(arrow::io::RandomAccessFile& file, const ErrorContext& context) {
  const std::int64_t size = context.require(file.GetSize());
  if (size < kSmallestFile)
    context.fail(fmt::format("the file is {} bytes; a Parquet file needs at least {}", size, kSmallestFile));
  const std::string head = read_text(file, 0, 4, context);
  const std::string tail = read_text(file, size - 4, 4, context);
  if (head == "PARE" || tail == "PARE") context.fail("encrypted Parquet is not supported");
  if (head != "PAR1") context.fail("not a Parquet file: it does not start with PAR1");
  if (tail != "PAR1") context.fail("the footer is missing: the file was cut, or its writer was killed");
}

void collect_leaves(const parquet::arrow::SchemaField& field, std::vector<int>& leaves) {
  if (field.is_leaf()) leaves.push_back(field.column_index);
  for (const auto& child : field.children) collect_leaves(child, leaves);
}

std::int64_t rows_per_batch(const parquet::FileMetaData& metadata) {
  std::int64_t bytes = 0;
  for (int i = 0; i < metadata.num_row_groups(); ++i)
    bytes = std::max(bytes, metadata.RowGroup(i)->total_byte_size() /
                                std::max<std::int64_t>(1, metadata.RowGroup(i)->num_rows()));
  return std::clamp<std::int64_t>(kBatchBytes / std::max<std::int64_t>(1, bytes), 1, kMaxBatchRows);
}

class TableReader final : public ParquetReader {
 public:
  explicit TableReader(const std::filesystem::path& path) : context_{Status::bad_parquet, path.string()} {
    std::error_code error;
    // A pipe would block for ever.
    if (!std::filesystem::is_regular_file(path, error))
      context_.fail(error ? "cannot open: " + error.message() : "not a regular file");
    const std::shared_ptr<arrow::io::ReadableFile> file =
        context_.require(arrow::io::ReadableFile::Open(path.string()));
    require_magic(*file, context_);

    parquet::ReaderProperties properties = parquet::default_reader_properties();
    properties.enable_buffered_stream();  // pages as they are needed, not whole column chunks
    properties.set_page_checksum_verification(true);
    parquet::arrow::FileReaderBuilder builder;
    context_.require(builder.Open(file, properties));
    parquet::ArrowReaderProperties arrow_properties(/*use_threads=*/false);
    arrow_properties.set_pre_buffer(false);
    arrow_properties.set_batch_size(rows_per_batch(*builder.raw_reader()->metadata()));
    builder.properties(arrow_properties);
    context_.require(builder.Build(&reader_));
    describe();
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
      std::vector<int> groups(static_cast<std::size_t>(reader_->num_row_groups()));
      std::iota(groups.begin(), groups.end(), 0);
      wanted_ = std::move(wanted);
      rows_read_ = 0;
      batches_ = context_.require(reader_->GetRecordBatchReader(groups, leaves));
    });
  }

  std::size_t next(std::vector<ColumnData>& columns) override {
    return context_.guard([&]() -> std::size_t {
      if (!batches_) throw Error(Status::internal, "next() before select()");
      std::shared_ptr<arrow::RecordBatch> batch;
      do {
        context_.require(batches_->ReadNext(&batch));
      } while (batch && batch->num_rows() == 0);
      columns.resize(wanted_.size());
      if (!batch) return finish(columns);
      context_.require(batch->ValidateFull());
      for (std::size_t i = 0; i < wanted_.size(); ++i) {
        const auto array = batch->GetColumnByName(wanted_[i].name);
        if (!array) context_.fail("the column is not where the footer says", wanted_[i].name);
        read_cells(*array, wanted_[i], rows_read_, context_, columns[i]);
      }
      rows_read_ += static_cast<std::uint64_t>(batch->num_rows());
      return static_cast<std::size_t>(batch->num_rows());
    });
  }

 private:
  void describe() {
    const auto footer = reader_->parquet_reader()->metadata();
    if (footer->num_rows() < 0) context_.fail("the footer gives a negative number of rows");
    n_rows_ = static_cast<std::uint64_t>(footer->num_rows());
    std::shared_ptr<arrow::Schema> schema;
    context_.require(reader_->GetSchema(&schema));
    for (const auto& field : schema->fields()) {
      columns_.push_back({field->name(), field->type()->ToString()});
      types_.push_back(field->type());
    }
    if (const auto& pairs = footer->key_value_metadata()) {
      for (std::int64_t i = 0; i < pairs->size(); ++i) {
        if (pairs->key(i) != kSchemaKey) metadata_.emplace_back(pairs->key(i), pairs->value(i));
      }
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
    static constexpr std::array kNames{"text", "integers", "numbers", "lists of numbers",
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
  std::unique_ptr<parquet::arrow::FileReader> reader_;
  std::vector<ParquetColumnInfo> columns_;
  std::vector<std::shared_ptr<arrow::DataType>> types_;
  KeyValues metadata_;
  std::uint64_t n_rows_ = 0;

  std::vector<ColumnSpec> wanted_;
  std::unique_ptr<arrow::RecordBatchReader> batches_;
  std::uint64_t rows_read_ = 0;
};

}  // namespace

std::unique_ptr<ParquetReader> make_table_reader(const std::filesystem::path& file) {
  return ErrorContext{Status::bad_parquet, file.string()}.guard(
      [&] { return std::make_unique<TableReader>(file); });
}

}  // namespace astrom3
