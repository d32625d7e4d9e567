// SPDX-License-Identifier: MIT
//
// A Parquet file whose first checks are done before Arrow parses it.
#pragma once

#include <parquet/arrow/reader.h>
#include <parquet/arrow/schema.h>

#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

#include "formats/parquet/arrow_error.h"

namespace astrom3 {

struct ParquetFile {
  std::shared_ptr<parquet::arrow::FileReader> reader;
  /// Its columns, with what the writer noted of them (with_stored_notes()). The reader itself goes by
  /// Parquet's own types.
  arrow::FieldVector columns;
};

/// Opens `path` to be read on one thread, page by page; page checksums are verified where there are any.
/// Batches are a few MiB, and the memory that the file may take is limited (LimitedPool). What is read must
/// not outlive the reader. Throws Error of `context` saying what is wrong.
ParquetFile open_parquet_file(const std::filesystem::path& path, const ErrorContext& context);

/// Adds the Parquet columns that `field` is made of.
void collect_leaves(const parquet::arrow::SchemaField& field, std::vector<int>& leaves);

/// Chosen leaves of a file, batch by batch. No batch spans two row groups, whose cells Arrow cannot always
/// join inside lists.
class BatchReader {
 public:
  /// `reader` and `context` must outlive this.
  BatchReader(parquet::arrow::FileReader& reader, std::vector<int> leaves, const ErrorContext& context)
      : reader_(&reader), leaves_(std::move(leaves)), context_(&context) {}

  /// The next batch that has rows, or null at the end.
  std::shared_ptr<arrow::RecordBatch> next();

 private:
  void name_culprit(int group) const;

  parquet::arrow::FileReader* reader_;
  std::vector<int> leaves_;
  const ErrorContext* context_;
  int next_group_ = 0;
  std::unique_ptr<arrow::RecordBatchReader> group_;
};

}  // namespace astrom3
