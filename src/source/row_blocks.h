// SPDX-License-Identifier: MIT
//
// Whether a column that nobody reads may say whose a row is, although its name does not.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/hash_set.h"

namespace astrom3 {

/// How the words or whole numbers of a column stand in the order of a table.
class RowBlocks {
 public:
  /// Adds the value beside the next observation. Columns of other numbers, or of more than kMostValues values
  /// that come back or change with nearly every row, are no names of objects, and not looked at any longer:
  /// what is remembered stays small beside the observations.
  void add(std::string_view value, double time);
  /// Whether the table seems to hold several objects, one below the other: each value stands in one block of
  /// rows, there are at least two and three rows a block on average, and most blocks overlap in time with the
  /// block before. The rows of one star would be in order of time, so that its blocks would not overlap.
  bool are_objects() const noexcept;
  /// Whether at least two values take turns, each in at least four rows on average. They may be objects or
  /// bands; nothing but the user knows.
  bool take_turns() const noexcept;
  std::size_t memory_bytes() const noexcept { return seen_.memory_bytes(); }
  /// The first two values.
  const std::array<std::string, 2>& examples() const noexcept { return examples_; }

 private:
  static constexpr std::size_t kMostValues = 1000;
  struct Range {
    double first = HUGE_VAL, last = -HUGE_VAL;
  };

  void change_to(std::string_view value);
  void give_up();
  static bool overlap(const Range& a, const Range& b) noexcept {
    return a.first < b.last && b.first < a.last;
  }

  std::string value_;  ///< of the last row
  std::array<std::string, 2> examples_;
  HashSet seen_;
  Range before_, now_;
  std::size_t n_rows_ = 0, n_blocks_ = 0, n_overlaps_ = 0;
  bool is_given_up_ = false;
};

/// Whether the name is that of an instrument, a place, a part of a survey or a circumstance: one star is
/// observed by several cameras, in several fields and by several observers.
bool names_a_circumstance(std::string_view name);

}  // namespace astrom3
