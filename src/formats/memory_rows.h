// SPDX-License-Identifier: MIT
//
// The rows of a table that is in memory.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "formats/table_rows.h"

namespace astrom3 {

/// A column of numbers or of texts.
struct CellColumn {
  std::string name;
  std::vector<double> numbers;     ///< NaN is a missing value
  std::vector<std::string> texts;  ///< if it holds texts: as the cells of a text file
};

/// All columns have `n_rows` cells. The text of a number is its shortest spelling, 100 and not 100.0; that of
/// a missing one is empty.
std::unique_ptr<TableRows> read_memory_rows(std::vector<CellColumn> columns, std::size_t n_rows);

}  // namespace astrom3
