// SPDX-License-Identifier: MIT
#include "metadata/row_index.h"

#include <algorithm>
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
      if (!id.empty()) add(rows_[kind][id], i);
    }
  }
}

void RowIndex::add(RowsOfId& of_id, std::size_t row) const {
  constexpr std::size_t kMostRows = 100;
  const bool is_known = std::any_of(of_id.rows.begin(), of_id.rows.end(), [&](std::size_t known) {
    return file_.rows[known].says_the_same(file_.rows[row]);
  });
  if (is_known) return;
  if (of_id.rows.size() < kMostRows) {
    of_id.rows.push_back(row);
  } else {
    of_id.has_more = true;
  }
}

FoundRow RowIndex::find(const ObjectIds& ids) const {
  FoundRow found;
  bool has_other = false;
  for (std::size_t kind = 0; kind < kIdKindCount; ++kind) {
    const auto of_id = rows_[kind].find(ids[kind]);
    if (ids[kind].empty() || of_id == rows_[kind].end()) continue;
    found.several = found.several || of_id->second.has_more;
    for (const std::size_t i : of_id->second.rows) {
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
  found.other_id = has_other && !found.row && !found.several;
  if (found.several) found.row.reset();
  return found;
}

}  // namespace astrom3
