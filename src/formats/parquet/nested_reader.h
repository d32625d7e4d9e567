// SPDX-License-Identifier: MIT
//
// A Parquet table whose rows may hold lists, to flat cells with Arrow.
#pragma once

#include <filesystem>
#include <memory>

#include "formats/parquet.h"

namespace astrom3 {

/// See open_nested_reader().
std::unique_ptr<ParquetNestedReader> make_nested_reader(const std::filesystem::path& file);

}  // namespace astrom3
