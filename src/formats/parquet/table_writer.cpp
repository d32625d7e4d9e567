// SPDX-License-Identifier: MIT
#include "formats/parquet/table_writer.h"

#include <arrow/api.h>
#include <arrow/buffer_builder.h>
#include <arrow/io/interfaces.h>
#include <arrow/util/compression.h>
#include <arrow/util/key_value_metadata.h>
#include <fmt/format.h>
#include <parquet/arrow/writer.h>
#include <parquet/properties.h>

#include <exception>
#include <limits>
#include <string>
#include <utility>

#include "formats/parquet/arrow_error.h"

namespace astrom3 {
namespace {

constexpr int kZstdLevel = 3;

/// Passes bytes to a consumer. An exception of the consumer is kept, since Arrow must not see it.
class ConsumerStream final : public arrow::io::OutputStream {
 public:
  explicit ConsumerStream(ByteConsumer consumer) : consumer_(std::move(consumer)) {}

  using arrow::io::OutputStream::Write;
  arrow::Status Write(const void* data, int64_t n) override {
    if (!consumer_) return arrow::Status::IOError("the output was given up");
    try {
      consumer_({static_cast<const std::byte*>(data), static_cast<std::size_t>(n)});
    } catch (...) {
      abandon();
      failure_ = std::current_exception();
      return arrow::Status::IOError("the output failed");
    }
    position_ += n;
    return arrow::Status::OK();
  }
  arrow::Result<int64_t> Tell() const override { return position_; }
  arrow::Status Close() override {
    closed_ = true;
    return arrow::Status::OK();
  }
  bool closed() const override { return closed_; }

  /// Ignores all further bytes: Arrow writes a footer even for a table that is discarded.
  void abandon() { consumer_ = nullptr; }
  void rethrow_failure() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  ByteConsumer consumer_;
  std::exception_ptr failure_;
  int64_t position_ = 0;
  bool closed_ = false;
};

int32_t list_size(std::size_t n, const ErrorContext& context) {
  if (n == 0 || n > static_cast<std::size_t>(std::numeric_limits<int32_t>::max()))
    context.fail(fmt::format("a list of {} values", n));
  return static_cast<int32_t>(n);
}

std::shared_ptr<arrow::DataType> arrow_type(const ColumnSpec& spec, const ErrorContext& context) {
  switch (spec.type) {
    case CellType::text:
      return arrow::utf8();
    case CellType::integer:
      return arrow::int64();
    case CellType::number:
      return arrow::float64();
    case CellType::vector:
      return arrow::fixed_size_list(arrow::float32(), list_size(spec.width, context));
    case CellType::matrix:
      return arrow::fixed_size_list(arrow::fixed_size_list(arrow::float32(), list_size(spec.width, context)),
                                    list_size(spec.steps, context));
    case CellType::rows:
      break;  // read only
  }
  context.fail("unknown cell type");
}

std::shared_ptr<parquet::WriterProperties> writer_properties(const std::vector<ColumnSpec>& columns) {
  parquet::WriterProperties::Builder builder;
  // With checksums a reader can detect damaged pages.
  builder.enable_page_checksum()->disable_dictionary();
  if (arrow::util::Codec::IsAvailable(arrow::Compression::ZSTD))
    builder.compression(arrow::Compression::ZSTD)->compression_level(kZstdLevel);
  for (const ColumnSpec& column : columns) {
    if (column.type == CellType::text) builder.enable_dictionary(column.name);
    // The smallest and largest coordinates of an embedding are of no use to a reader.
    if (column.type == CellType::vector) builder.disable_statistics(column.name + ".list.element");
    if (column.type == CellType::matrix)
      builder.disable_statistics(column.name + ".list.element.list.element");
  }
  return builder.build();
}

class TableWriter final : public ParquetWriter {
 public:
  TableWriter(std::vector<ColumnSpec> columns, const KeyValues& metadata, ByteConsumer consumer)
      : columns_(std::move(columns)), stream_(std::make_shared<ConsumerStream>(std::move(consumer))) {
    arrow::FieldVector fields;
    for (const ColumnSpec& column : columns_)
      fields.push_back(arrow::field(column.name, arrow_type(column, context_), column.nullable));
    // Metadata in the schema is also in the footer, and readers return it with the table.
    auto pairs = std::make_shared<arrow::KeyValueMetadata>();
    for (const auto& [key, value] : metadata) pairs->Append(key, value);
    schema_ = arrow::schema(std::move(fields), std::move(pairs));
    writer_ = checked(parquet::arrow::FileWriter::Open(
        *schema_, arrow::default_memory_pool(), stream_, writer_properties(columns_),
        parquet::ArrowWriterProperties::Builder().store_schema()->build()));
  }

  ~TableWriter() override {
    stream_->abandon();
    writer_.reset();
  }
  TableWriter(const TableWriter&) = delete;
  TableWriter& operator=(const TableWriter&) = delete;

  void write(std::span<const ColumnData> columns, std::size_t n_rows) override {
    context_.guard([&] {
      if (columns.size() != columns_.size())
        throw Error(Status::internal, fmt::format("{} columns for {}", columns.size(), columns_.size()));
      const auto n = static_cast<int64_t>(n_rows);
      arrow::ArrayVector arrays;
      for (std::size_t i = 0; i < columns.size(); ++i) arrays.push_back(to_array(i, columns[i], n_rows));
      const auto table = arrow::Table::Make(schema_, std::move(arrays), n);
      if (n > 0) checked(writer_->WriteTable(*table, n));
    });
  }

  void close() override {
    context_.guard([&] {
      checked(writer_->Close());
      checked(stream_->Close());
    });
  }

 private:
  /// The consumer's own error is thrown rather than the one that Arrow makes of it.
  void checked(const arrow::Status& status) const {
    stream_->rethrow_failure();
    context_.require(status);
  }
  template <typename T>
  T checked(arrow::Result<T> result) const {
    checked(result.status());
    return std::move(result).ValueUnsafe();
  }

  void require_cells(const ColumnSpec& spec, std::size_t n, std::size_t expected) const {
    if (n == expected) return;
    throw Error(Status::internal, fmt::format("column {}: {} cells for {}", spec.name, n, expected));
  }

  std::shared_ptr<arrow::Buffer> validity(const ColumnData& column) const {
    arrow::TypedBufferBuilder<bool> bits;
    checked(bits.Append(column.valid.data(), static_cast<int64_t>(column.valid.size())));
    return checked(bits.Finish());
  }

  std::shared_ptr<arrow::Array> to_array(std::size_t index, const ColumnData& column, std::size_t n) const {
    const ColumnSpec& spec = columns_[index];
    require_cells(spec, column.valid.size(), n);
    const auto length = static_cast<int64_t>(n);
    switch (spec.type) {
      case CellType::text:
        return text_array(spec, column, n);
      case CellType::integer:
        require_cells(spec, column.integers.size(), n);
        return std::make_shared<arrow::Int64Array>(length, arrow::Buffer::Wrap(column.integers),
                                                   validity(column));
      case CellType::number:
        require_cells(spec, column.numbers.size(), n);
        return std::make_shared<arrow::DoubleArray>(length, arrow::Buffer::Wrap(column.numbers),
                                                    validity(column));
      case CellType::vector:
      case CellType::matrix:
      case CellType::rows:
        break;
    }
    const std::size_t steps = spec.type == CellType::matrix ? spec.steps : 1;
    require_cells(spec, column.floats.size(), n * steps * spec.width);
    std::shared_ptr<arrow::Array> values = std::make_shared<arrow::FloatArray>(
        static_cast<int64_t>(column.floats.size()), arrow::Buffer::Wrap(column.floats));
    std::shared_ptr<arrow::DataType> type = schema_->field(static_cast<int>(index))->type();
    if (spec.type == CellType::matrix) {
      values = std::make_shared<arrow::FixedSizeListArray>(type->field(0)->type(),
                                                           static_cast<int64_t>(n * steps), values);
    }
    return std::make_shared<arrow::FixedSizeListArray>(type, length, values, validity(column));
  }

  std::shared_ptr<arrow::Array> text_array(const ColumnSpec& spec, const ColumnData& column,
                                           std::size_t n) const {
    require_cells(spec, column.text.size(), n);
    arrow::StringBuilder builder;
    for (std::size_t i = 0; i < n; ++i)
      checked(column.valid[i] != 0 ? builder.Append(column.text[i]) : builder.AppendNull());
    return checked(builder.Finish());
  }

  ErrorContext context_{Status::output_error, {}};
  std::vector<ColumnSpec> columns_;
  std::shared_ptr<ConsumerStream> stream_;
  std::shared_ptr<arrow::Schema> schema_;
  std::unique_ptr<parquet::arrow::FileWriter> writer_;
};

}  // namespace

std::unique_ptr<ParquetWriter> make_table_writer(std::vector<ColumnSpec> columns, const KeyValues& metadata,
                                                 ByteConsumer consumer) {
  return ErrorContext{Status::output_error, {}}.guard(
      [&] { return std::make_unique<TableWriter>(std::move(columns), metadata, std::move(consumer)); });
}

}  // namespace astrom3
