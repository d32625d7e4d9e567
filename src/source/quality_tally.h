// SPDX-License-Identifier: MIT
//
// What stands in a column of quality that is not used: a hint how to use it has to fit its values.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"

namespace astrom3 {

/// Counts the first values of a column.
class QualityTally {
 public:
  void add(std::string_view value);
  /// Whether more values would not be counted.
  bool is_full() const noexcept { return n_rows_ == kMostRows; }
  /// How the rows of the column `name` that are good can be kept: with the value that says so, or the one
  /// that is most frequent; and, if all are whole numbers, by their bits.
  Hint hint(const std::string& name) const;

 private:
  static constexpr std::size_t kMostValues = 16, kMostRows = 4096;

  std::optional<std::string> good_value(bool marks_good) const;

  std::vector<std::pair<std::string, std::size_t>> values_;
  std::size_t n_rows_ = 0;
  bool are_bits_ = true, are_many_ = false;
};

}  // namespace astrom3
