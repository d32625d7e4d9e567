// SPDX-License-Identifier: MIT
#include "metadata/cells.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "base/number.h"
#include "formats/keyed_table.h"

namespace astrom3 {
namespace {

// What catalogues write where there is nothing. A proper motion or an angle may well be 99.99 or -99.
constexpr std::array kSentinels{-999.0, -999.9, -9999.0, 9999.0, 99999.0};
constexpr std::array kMagnitudeSentinels{99.0, 99.9, 99.99, 99.999, 99.9999, -99.0, -99.9, -99.99, -99.999};

constexpr double kSmallestMas = 0.02;  // all parallaxes below it: rather arcseconds
constexpr double kTwoPi = 6.2831854;

template <typename List, typename Value>
bool is_in(const List& list, Value value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

}  // namespace

bool is_magnitude(std::string_view column) {
  constexpr std::array<std::string_view, 4> kColours{"bp_rp", "j_k", "w1_w2", "w3_w4"};
  return column.find("mag") != std::string_view::npos || is_in(kColours, column);
}

CatalogueCell read_catalogue_cell(const KeyedTable& table, std::size_t cell, bool of_magnitude) {
  const ParsedNumber number = table.number(cell);
  CatalogueCell out;
  if (number.kind == NumberKind::missing) {
    const std::string text = table.is_parquet() ? "" : std::string(trimmed(table.text(cell)));
    const bool is_nan = text == "nan" || text == "NaN" || text == "NAN";
    out.status = is_nan ? Status::not_a_number : Status::missing_value;
  } else if (number.kind == NumberKind::nonfinite) {
    out.status = Status::nonfinite;
  } else if (number.kind != NumberKind::number) {
    out.status = Status::not_a_number;
  } else if (is_in(kSentinels, number.value) || (of_magnitude && is_in(kMagnitudeSentinels, number.value))) {
    out.status = Status::sentinel;
  } else {
    out.value = number.value;
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> doubtful_units(double largest_parallax, double largest_angle,
                                                                std::size_t n_rows) {
  std::vector<std::pair<std::string, std::string>> doubts;
  if (largest_parallax > 0 && largest_parallax < kSmallestMas)
    doubts.emplace_back(
        "parallax", fmt::format("no parallax is above {:.3g}: they are read as mas, and look like arcseconds",
                                largest_parallax));
  if (largest_angle > 0 && largest_angle <= kTwoPi && n_rows > 1)
    doubts.emplace_back(
        "l", fmt::format("no angle is above {:.3g}: l and b are read as degrees, and look like radians",
                         largest_angle));
  return doubts;
}

}  // namespace astrom3
