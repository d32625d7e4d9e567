// SPDX-License-Identifier: MIT
//
// Describes a column of a table whose rows may hold lists, in a file or in memory.
#pragma once

#include <cstdint>
#include <string>

namespace astrom3 {

/// A column of numbers or text.
struct TableLeaf {
  enum class Shape : std::uint8_t {
    scalar,   ///< one cell per row
    series,   ///< a list of cells per row
    triples,  ///< a list of lists per row
    other,    ///< lists deeper than that
  };
  std::string name;   ///< its own: "mag"
  std::string group;  ///< the list or struct it is in: "lightcurve"; "" at the top
  Shape shape = Shape::other;
  bool is_number = false;
  bool is_time = false;      ///< a date or duration: as a number, days (of dates since 1970-01-01)
  bool is_real = false;      ///< of floating-point numbers or decimals
  bool is_readable = false;  ///< as text; false for times and dates, among others
  std::string type;          ///< Arrow's name of the whole column, for messages
  std::string unit{};        ///< as the file or table has it; "" if it has none
};

}  // namespace astrom3
