// SPDX-License-Identifier: MIT
//
// Columns to Parquet bytes with Arrow.
#pragma once

#include <memory>
#include <vector>

#include "formats/parquet.h"

namespace astrom3 {

/// See open_parquet_writer().
std::unique_ptr<ParquetWriter> make_table_writer(std::vector<ColumnSpec> columns, const KeyValues& metadata,
                                                 ByteConsumer consumer);

}  // namespace astrom3
