// SPDX-License-Identifier: MIT
//
// The masks of a table that astropy wrote: a column "flux.mask" of booleans says which cells of "flux" are
// missing.
#pragma once

#include <arrow/type_fwd.h>
#include <parquet/arrow/reader.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace astrom3 {

class ColumnMasks {
 public:
  /// Without astropy's notes in the footer there are none, whatever columns are called.
  explicit ColumnMasks(const parquet::arrow::FileReader& reader);

  /// Adds the Parquet column of the mask of `column`, where it has one, to those that are read.
  void add_leaf(const std::string& column, std::vector<int>& leaves) const;
  /// Makes the cells of `column` null that are masked.
  void apply(const arrow::RecordBatch& batch, const std::string& column,
             std::vector<std::uint8_t>& valid) const;

 private:
  std::map<std::string, int> leaf_of_;  ///< by the name of the column that is masked
};

}  // namespace astrom3
