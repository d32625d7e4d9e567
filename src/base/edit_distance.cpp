// SPDX-License-Identifier: MIT
#include "base/edit_distance.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace astrom3 {

std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit) {
  if (a.size() > b.size()) std::swap(a, b);
  if (b.size() - a.size() > limit) return limit + 1;
  // row[i]: distance of the first i bytes of a from the first j of b. A cell further than `limit`
  // from the diagonal cannot be on a path of at most `limit` edits.
  std::vector<std::size_t> row(a.size() + 1);
  for (std::size_t i = 0; i <= a.size(); ++i) row[i] = i;
  for (std::size_t j = 1; j <= b.size(); ++j) {
    const std::size_t first = j > limit ? j - limit : 1;
    const std::size_t last = std::min(a.size(), j + limit);
    std::size_t diagonal = row[first - 1];
    row[first - 1] = first == 1 ? j : limit + 1;
    for (std::size_t i = first; i <= last; ++i) {
      const std::size_t above = i < j + limit ? row[i] : limit + 1;
      const std::size_t replaced = diagonal + (a[i - 1] != b[j - 1] ? 1 : 0);
      diagonal = row[i];
      row[i] = std::min({replaced, above + 1, row[i - 1] + 1});
    }
  }
  return std::min(row[a.size()], limit + 1);
}

std::optional<std::string> closest(std::string_view word, std::span<const std::string> candidates,
                                   std::size_t limit) {
  std::optional<std::string> best;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate, limit);
    if (distance > limit) continue;
    best = candidate;
    if (distance == 0) break;
    limit = distance - 1;  // only a closer one replaces it
  }
  return best;
}

}  // namespace astrom3
