// SPDX-License-Identifier: MIT
//
// Small tables of a variable star, for tests of what strangers' files look like.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <string>

#include "astrom3/source/source.h"

namespace astrom3 {

/// Rows of a sine wave: row(i, magnitude) writes number i.
template <typename Row>
std::string table_of(const std::string& header, std::size_t n, const Row& row) {
  std::string text = header + "\n";
  for (std::size_t i = 0; i < n; ++i) {
    const double mag = 12 + 0.3 * std::sin(2.1 * static_cast<double>(i)) + 0.001 * static_cast<double>(i % 7);
    text += row(i, mag) + "\n";
  }
  return text;
}

inline double day(std::size_t i) {
  return 58000.25 + 1.37 * static_cast<double>(i);
}

inline SourceOptions with_band(const std::string& band) {
  SourceOptions options;
  options.band = band;
  options.split_bands = band == "split";
  if (options.split_bands) options.band.clear();
  options.zero_point_jy = 3631;
  return options;
}

}  // namespace astrom3
