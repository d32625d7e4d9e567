// SPDX-License-Identifier: MIT
//
// The cells of an Arrow array as text, numbers or lists of float32.
#pragma once

#include <arrow/type_fwd.h>
#include <fmt/format.h>

#include <cstdint>
#include <string>

#include "base/checked_product.h"
#include "formats/parquet.h"
#include "formats/parquet/arrow_error.h"

namespace astrom3 {

inline constexpr std::int64_t kMostRowsOfBatch = 1 << 16;

/// True where a column of Arrow's `type` can be read as `wanted`.
bool is_readable_as(const arrow::DataType& type, CellType wanted);

/// True for timestamps and dates, whose numbers are days since 1970-01-01, and for durations, whose numbers
/// are days.
bool is_time(const arrow::DataType& type);

/// How much memory the cells of one batch may still take. A dictionary or a run of equal values has a few
/// bytes in the file, but each cell that it stands for gets its own text or list.
class CellBudget {
 public:
  static constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 30;

  /// `n` more cells of `bytes` each, of `column`. Throws Error of `context` where they are too many.
  void take(std::uint64_t n, std::uint64_t bytes, const std::string& column, const ErrorContext& context) {
    const auto product = checked_product(n, bytes);
    if (!product.has_value() || *product > left_)
      context.fail(
          fmt::format("at most {} rows take more than {} MiB once they are decoded, which no table of "
                      "light curves does: refused as a decompression bomb",
                      kMostRowsOfBatch, kMostBytes >> 20),
          column);
    left_ -= *product;
  }

 private:
  std::uint64_t left_ = kMostBytes;
};

/// Puts the cells of `array` into `column`, which is cleared first. `array` has passed
/// ValidateFull(); sliced arrays and null cells are fine. Sizes of lists that are 0 in `spec` are
/// set from the first list met.
/// first_row  of the file, for messages
void read_cells(const arrow::Array& array, ColumnSpec& spec, std::uint64_t first_row,
                const ErrorContext& context, CellBudget& budget, ColumnData& column);

}  // namespace astrom3
