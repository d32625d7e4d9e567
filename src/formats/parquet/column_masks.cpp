// SPDX-License-Identifier: MIT
#include "formats/parquet/column_masks.h"

#include <arrow/api.h>
#include <arrow/util/key_value_metadata.h>
#include <parquet/arrow/schema.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>

#include <algorithm>
#include <string_view>

#include "formats/parquet/astropy_notes.h"

namespace astrom3 {
namespace {

constexpr std::string_view kEnd = ".mask";

}  // namespace

ColumnMasks::ColumnMasks(const parquet::arrow::FileReader& reader) {
  const auto& pairs = reader.parquet_reader()->metadata()->key_value_metadata();
  if (pairs == nullptr || pairs->FindKey(kAstropyNotes) < 0) return;
  for (const auto& column : reader.manifest().schema_fields) {
    std::string name = column.field->name();
    if (!column.is_leaf() || column.field->type()->id() != arrow::Type::BOOL || !name.ends_with(kEnd))
      continue;
    name.resize(name.size() - kEnd.size());
    leaf_of_.emplace(std::move(name), column.column_index);
  }
}

void ColumnMasks::add_leaf(const std::string& column, std::vector<int>& leaves) const {
  const auto mask = leaf_of_.find(column);
  if (mask == leaf_of_.end()) return;
  if (std::find(leaves.begin(), leaves.end(), mask->second) == leaves.end()) leaves.push_back(mask->second);
}

void ColumnMasks::apply(const arrow::RecordBatch& batch, const std::string& column,
                        std::vector<std::uint8_t>& valid) const {
  if (!leaf_of_.contains(column)) return;
  const auto mask = batch.GetColumnByName(column + std::string(kEnd));
  if (mask == nullptr || mask->type_id() != arrow::Type::BOOL) return;
  const auto& is_masked = static_cast<const arrow::BooleanArray&>(*mask);
  for (std::size_t row = 0; row < valid.size(); ++row) {
    const auto i = static_cast<std::int64_t>(row);
    if (is_masked.IsValid(i) && is_masked.Value(i)) valid[row] = 0;
  }
}

}  // namespace astrom3
