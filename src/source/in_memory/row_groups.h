// SPDX-License-Identifier: MIT
//
// The rows of a long table in memory, sorted into light curves by their ids.
#pragma once

#include <cstdint>
#include <vector>

#include "source/in_memory/leaf.h"

namespace astrom3 {

/// Light curves in the order that a file of these rows gives them in: first every run of rows without an id,
/// each by itself, then the others by their first row.
struct RowGroups {
  struct Group {
    std::int64_t begin = 0, end = 0;  ///< of `order`, or of the rows themselves where that is empty
    bool has_id = true;
  };
  std::vector<Group> groups;
  std::vector<std::int64_t> order;  ///< rows by group; empty where the rows of each stand together

  std::int64_t row(std::int64_t k) const { return order.empty() ? k : order[static_cast<std::size_t>(k)]; }
};

/// Whether an id can name an object: not empty, UTF-8, without NUL.
bool is_id(std::string_view text) noexcept;

/// ids  null: all rows are one light curve
RowGroups group_rows(const Leaf* ids, std::int64_t n_rows);

}  // namespace astrom3
