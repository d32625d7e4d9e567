// SPDX-License-Identifier: MIT
#include "metadata/row_index.h"

#include <cstddef>
#include <string>

#include "metadata/catalogue_file.h"
#include "metadata/object_ids.h"

namespace astrom3 {
namespace {

bool contradict(const ObjectIds& a, const ObjectIds& b) {
  for (std::size_t kind = 1; kind < kIdKindCount; ++kind) {  // 0: names that everybody may choose
    if (!a[kind].empty() && !b[kind].empty() && a[kind] != b[kind]) return true;
  }
  return false;
}

}  // namespace

RowIndex::RowIndex(const CatalogueFile& file) : file_(file) {
  for (std::size_t i = 0; i < file.rows.size(); ++i) {
    for (std::size_t kind = 0; kind < kIdKindCount; ++kind) {
      const std::string& id = file.rows[i].ids[kind];
      if (!id.empty()) rows_[kind][id].push_back(i);
    }
  }
}

FoundRow RowIndex::find(const ObjectIds& ids) const {
  FoundRow found;
  bool has_other = false;
  for (std::size_t kind = 0; kind < kIdKindCount; ++kind) {
    const auto of_id = rows_[kind].find(ids[kind]);
    if (ids[kind].empty() || of_id == rows_[kind].end()) continue;
    for (const std::size_t i : of_id->second) {
      const CatalogueRow& row = file_.rows[i];
      if (contradict(row.ids, ids)) {
        has_other = true;
      } else if (!found.row) {
        found.row = i;
      } else if (*found.row != i && !file_.rows[*found.row].says_the_same(row)) {
        found.several = true;
      }
    }
  }
  found.other_id = has_other && !found.row;
  if (found.several) found.row.reset();
  return found;
}

}  // namespace astrom3
