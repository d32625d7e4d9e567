// SPDX-License-Identifier: MIT
#include "formats/parquet/open_file.h"

#include <arrow/api.h>
#include <arrow/io/file.h>
#include <arrow/util/key_value_metadata.h>
#include <fmt/format.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>
#include <parquet/properties.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "formats/parquet/column_cells.h"
#include "formats/parquet/limited_pool.h"
#include "formats/parquet/stored_schema.h"

namespace astrom3 {
namespace {

// Decoded. Little enough that a batch is still in the second-level cache when light curves are made of it,
// and much enough that what a batch costs by itself does not count.
constexpr std::int64_t kBatchBytes = 2 << 20;
constexpr std::int64_t kSmallestFile = 12;  // magic, an empty footer's length, magic

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

/// Bytes of a row of the group: as encoded, or as numbers of eight bytes, whatever is more. A dictionary says
/// in a few bits what takes eight bytes in memory.
std::int64_t bytes_per_row(const parquet::RowGroupMetaData& group) {
  std::int64_t decoded = 0;
  for (int i = 0; i < group.num_columns(); ++i)
    decoded += group.ColumnChunk(i)->num_values() * static_cast<std::int64_t>(sizeof(double));
  return std::max(group.total_byte_size(), decoded) / std::max<std::int64_t>(1, group.num_rows());
}

std::int64_t rows_per_batch(const parquet::FileMetaData& metadata) {
  std::int64_t bytes = 0;
  for (int i = 0; i < metadata.num_row_groups(); ++i)
    bytes = std::max(bytes, bytes_per_row(*metadata.RowGroup(i)));
  return std::clamp<std::int64_t>(kBatchBytes / std::max<std::int64_t>(1, bytes), 1, kMostRowsOfBatch);
}

/// Takes the stored Arrow schema out of the footer, so that Arrow does not make types of it: they may
/// contradict the columns. Arrow has no option for this, and the metadata belong to this reader alone.
std::vector<StoredField> take_stored_schema(const parquet::FileMetaData& footer,
                                            const ErrorContext& context) {
  const std::string key = "ARROW:schema";
  const auto& pairs = footer.key_value_metadata();
  std::vector<StoredField> fields;
  if (pairs == nullptr) return fields;
  if (const int first = pairs->FindKey(key); first >= 0) {
    try {
      fields = read_stored_schema(pairs->value(first));
    } catch (const Error& error) {
      context.fail(error.diagnostic().message);
    }
  }
  for (int i = pairs->FindKey(key); i >= 0; i = pairs->FindKey(key))
    context.require(const_cast<arrow::KeyValueMetadata&>(*pairs).Delete(i));
  return fields;
}

arrow::FieldVector columns_of(parquet::arrow::FileReader& reader, const std::vector<StoredField>& stored,
                              const ErrorContext& context) {
  std::shared_ptr<arrow::Schema> schema;
  context.require(reader.GetSchema(&schema));
  arrow::FieldVector columns = schema->fields();
  for (std::size_t i = 0; i < columns.size() && columns.size() == stored.size(); ++i) {
    if (columns[i]->name() == stored[i].name) columns[i] = with_stored_notes(columns[i], stored[i]);
  }
  return columns;
}

}  // namespace

ParquetFile open_parquet_file(const std::filesystem::path& path, const ErrorContext& context) {
  std::error_code error;
  // A pipe would block for ever.
  if (!std::filesystem::is_regular_file(path, error))
    context.fail(error ? "cannot open: " + error.message() : "not a regular file");
  const std::shared_ptr<arrow::io::ReadableFile> file =
      context.require(arrow::io::ReadableFile::Open(path.string()));
  require_magic(*file, context);

  /// The reader with the memory it takes, which must be there for longer.
  struct OpenFile {
    explicit OpenFile(std::int64_t file_bytes) : pool(file_bytes) {}
    LimitedPool pool;
    std::unique_ptr<parquet::arrow::FileReader> reader;
  };
  const auto open = std::make_shared<OpenFile>(context.require(file->GetSize()));
  parquet::ReaderProperties properties(&open->pool);
  properties.enable_buffered_stream();  // pages as they are needed, not whole column chunks
  properties.set_page_checksum_verification(true);
  parquet::arrow::FileReaderBuilder builder;
  context.require(builder.Open(file, properties));
  const std::vector<StoredField> stored = take_stored_schema(*builder.raw_reader()->metadata(), context);
  parquet::ArrowReaderProperties arrow_properties(/*use_threads=*/false);
  arrow_properties.set_pre_buffer(false);
  arrow_properties.set_coerce_int96_timestamp_unit(arrow::TimeUnit::MICRO);  // nanoseconds end in 2262
  arrow_properties.set_batch_size(rows_per_batch(*builder.raw_reader()->metadata()));
  builder.memory_pool(&open->pool)->properties(arrow_properties);
  context.require(builder.Build(&open->reader));
  if (open->reader->parquet_reader()->metadata()->num_rows() < 0)
    context.fail("the footer gives a negative number of rows");
  arrow::FieldVector columns = columns_of(*open->reader, stored, context);
  return {.reader = {open, open->reader.get()}, .columns = std::move(columns)};
}

void collect_leaves(const parquet::arrow::SchemaField& field, std::vector<int>& leaves) {
  if (field.is_leaf()) leaves.push_back(field.column_index);
  for (const auto& child : field.children) collect_leaves(child, leaves);
}

/// Throws Error with the name of the column that alone takes more memory than there may be.
void BatchReader::name_culprit(int group) const {
  for (const int leaf : leaves_) {
    const auto alone = reader_->GetRecordBatchReader({group}, {leaf});
    arrow::Status read = alone.status();
    std::shared_ptr<arrow::RecordBatch> batch;
    do {
      if (read.ok()) read = (*alone)->ReadNext(&batch);
    } while (read.ok() && batch != nullptr);
    if (read.IsOutOfMemory())
      context_->fail(read.message(),
                     reader_->parquet_reader()->metadata()->schema()->Column(leaf)->path()->ToDotString());
  }
}

std::shared_ptr<arrow::RecordBatch> BatchReader::next() {
  for (;;) {
    if (group_ == nullptr) {
      if (next_group_ == reader_->num_row_groups()) return nullptr;
      group_ = context_->require(reader_->GetRecordBatchReader({next_group_++}, leaves_));
    }
    std::shared_ptr<arrow::RecordBatch> batch;
    if (const arrow::Status read = group_->ReadNext(&batch); !read.ok()) {
      if (read.IsOutOfMemory()) name_culprit(next_group_ - 1);
      context_->require(read);
    }
    if (batch == nullptr) {
      group_.reset();
    } else if (batch->num_rows() > 0) {
      return batch;
    }
  }
}

}  // namespace astrom3
