// SPDX-License-Identifier: MIT
//
// By how many letters two words differ: for "did you mean".
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace astrom3 {

/// Number of insertions, deletions and replacements of one byte that turn `a` into `b`; `limit` + 1 if
/// more than `limit` are needed. Time O(limit * length).
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit);

/// The candidate closest to `word`, at most `limit` edits away; the first of equals.
std::optional<std::string> closest(std::string_view word, std::span<const std::string> candidates,
                                   std::size_t limit);

}  // namespace astrom3
