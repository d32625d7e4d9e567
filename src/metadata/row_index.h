// SPDX-License-Identifier: MIT
//
// The row of a catalogue that belongs to an object, by the ids that are known of it.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <vector>

#include "base/keyed_hash.h"
#include "metadata/catalogue_file.h"

namespace astrom3 {

/// What is found for an object in one catalogue.
struct FoundRow {
  std::optional<std::size_t> row;  ///< nothing: none, or several that differ
  bool several = false;
  bool other_id = false;  ///< only rows share an id that have another one of a survey's
};

class RowIndex {
 public:
  /// `file` must stay where it is.
  explicit RowIndex(const CatalogueFile& file);

  /// Rows that have one of the ids; of a survey (Gaia, 2MASS, AllWISE) both must have the same one where both
  /// have one. Rows that say the same count once. An id of more than 100 rows that differ belongs to several,
  /// whatever the others' ids: so the time is linear in the rows.
  FoundRow find(const ObjectIds& ids) const;

 private:
  /// The rows with one id: those that say the same once, and a bounded number of others.
  struct RowsOfId {
    std::vector<std::size_t> rows;
    bool has_more = false;
  };

  void add(RowsOfId& of_id, std::size_t row) const;

  const CatalogueFile& file_;
  std::array<TextMap<RowsOfId>, kIdKindCount> rows_;
};

}  // namespace astrom3
