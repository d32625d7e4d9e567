// SPDX-License-Identifier: MIT
//
// One catalogue in memory: the ids of its rows and the wanted columns, in the units of docs/multimodal.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "astrom3/base/error.h"
#include "metadata/columns.h"
#include "metadata/galactic.h"
#include "metadata/object_ids.h"

namespace astrom3 {

struct CatalogueValue {
  double value = std::numeric_limits<double>::quiet_NaN();
  Status status = Status::missing_value;
  std::int8_t decimals = 0;  ///< how many are written, in the unit of docs/multimodal.md

  bool is_ok() const noexcept { return status == Status::ok; }
};

struct CatalogueRow {
  ObjectIds ids;
  std::int64_t line = 0;
  std::vector<CatalogueValue> values;         ///< one for each wanted column
  std::map<std::size_t, std::string> spelt;   ///< cells that hold no number, by the column they were for
  std::optional<Galactic> equatorial, given;  ///< position from ra and dec; as l and b say

  bool says_the_same(const CatalogueRow& other) const;
};

struct CatalogueFile {
  std::filesystem::path path;
  std::string name;  ///< of the file without folder and extensions
  std::vector<std::optional<ColumnOrigin>> origins;
  std::vector<CatalogueRow> rows;
  std::size_t n_without_id = 0;
  std::string word = "line";  ///< for a row in messages
  double largest_parallax = 0, largest_angle = 0;

  bool is_direct(std::size_t column) const { return origins[column] && origins[column]->value == nullptr; }
};

/// id_column  a column of the objects' own ids; empty: by the names in object_ids.h
/// Throws Error bad_metadata as JoinedCatalogues.
CatalogueFile read_catalogue(const std::filesystem::path& path, std::span<const std::string> columns,
                             const std::string& id_column);

}  // namespace astrom3
