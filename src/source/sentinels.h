// SPDX-License-Identifier: MIT
//
// Whether numbers such as 99.99 stand for "not measured" in a table that does not say so.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace astrom3 {

struct SentinelVerdict {
  bool is_suspected = false;  ///< more than 20 MAD from the median of the others, or 0, -1, -99, ... three
                              ///< times and beyond all others
  bool is_certain = false;    ///< occurs several times, more than 30 robust standard deviations from it
  double value = 0;           ///< as the table has it
  std::size_t n = 0;          ///< how often it occurs
};

/// A suspicious number: as the table has it, and converted to the scale of the other values.
struct Suspect {
  double value = 0, comparable = 0;
};

/// others  the values that are not suspicious: magnitudes, fluxes or errors [N]
/// least_spread  the smallest spread that is used: the errors of a table may all be equal
/// A robust standard deviation is 1.4826 MAD. Fewer than five others decide nothing.
SentinelVerdict judge_sentinels(std::span<const Suspect> suspects, std::vector<double> others,
                                double least_spread);

/// Whether the smallest or the largest value occurs three times or more: otherwise there is no repeated
/// outlier, on any scale.
bool has_repeated_extreme(std::span<const double> values);

/// Whether one value occurs three times or more, beyond 30 robust standard deviations, and no other value
/// lies so far out: numbers that are not in any list may stand for "not measured", too. A spread below
/// `least_spread` counts as that.
bool has_repeated_outlier(std::span<const double> values, double least_spread = 0);

}  // namespace astrom3
