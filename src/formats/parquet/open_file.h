// SPDX-License-Identifier: MIT
//
// A Parquet file opened with care: what it is is checked before its parser sees it.
#pragma once

#include <parquet/arrow/reader.h>
#include <parquet/arrow/schema.h>

#include <filesystem>
#include <memory>
#include <vector>

#include "formats/parquet/arrow_error.h"

namespace astrom3 {

/// Opens `path` to be read on one thread, page by page, with page checksums verified where there
/// are any. Batches are a few MiB. Throws Error of `context` saying what is wrong.
std::unique_ptr<parquet::arrow::FileReader> open_parquet_file(const std::filesystem::path& path,
                                                              const ErrorContext& context);

/// Adds the Parquet columns that `field` is made of.
void collect_leaves(const parquet::arrow::SchemaField& field, std::vector<int>& leaves);

/// Every row group of the file, its leaves `leaves` only, batch by batch.
std::unique_ptr<arrow::RecordBatchReader> read_batches(parquet::arrow::FileReader& reader,
                                                       const std::vector<int>& leaves,
                                                       const ErrorContext& context);

}  // namespace astrom3
