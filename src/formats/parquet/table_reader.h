// SPDX-License-Identifier: MIT
//
// A flat Parquet table to columns with Arrow.
#pragma once

#include <filesystem>
#include <memory>

#include "formats/parquet.h"

namespace astrom3 {

/// See open_parquet_reader().
std::unique_ptr<ParquetReader> make_table_reader(const std::filesystem::path& file);

}  // namespace astrom3
