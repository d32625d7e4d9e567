// SPDX-License-Identifier: MIT
//
// The cells of an Arrow array as text, numbers or lists of float32.
#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>

#include "formats/parquet.h"
#include "formats/parquet/arrow_error.h"

namespace astrom3 {

/// True where a column of Arrow's `type` can be read as `wanted`.
bool is_readable_as(const arrow::DataType& type, CellType wanted);

/// True for timestamps and dates, whose numbers are days since 1970-01-01, and for durations, whose numbers
/// are days.
bool is_time(const arrow::DataType& type);

/// Puts the cells of `array` into `column`, which is cleared first. `array` has passed
/// ValidateFull(); sliced arrays and null cells are fine. Sizes of lists that are 0 in `spec` are
/// set from the first list met.
/// first_row  of the file, for messages
void read_cells(const arrow::Array& array, ColumnSpec& spec, std::uint64_t first_row,
                const ErrorContext& context, ColumnData& column);

}  // namespace astrom3
