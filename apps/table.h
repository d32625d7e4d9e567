// SPDX-License-Identifier: MIT
//
// Small tables for people and programs: aligned text, CSV, JSON.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace astrom3::cli {

/// Nothing, a word, a count or a measurement.
using Cell = std::variant<std::monostate, std::string, std::int64_t, double>;

struct Table {
  std::string name;   ///< the key in JSON, the first column of CSV
  std::string title;  ///< a line above it, in text
  std::vector<std::string> columns;
  std::vector<std::vector<Cell>> rows;
};

enum class TableFormat { text, csv, json };

/// `table` for a spreadsheet: an apostrophe before words that it would take for formulas.
Table safe_for_spreadsheets(Table table);

/// By the ending of `output`: .csv, .json, else text. `json` wins.
TableFormat table_format(const std::string& output, bool json);

/// Text: numbers to four digits. CSV: one table after the other, each with its own header line, an empty line
/// between them, full precision. JSON: one object, a list of objects for each table; `facts` come first.
std::string to_text(const std::vector<Table>& tables, TableFormat format,
                    const std::vector<std::pair<std::string, Cell>>& facts);

/// One table as plain CSV: a header line, one line per row, full precision.
std::string rows_text(const Table& table);

/// A measurement, or nothing where it is NaN.
Cell measured(double value);
Cell measured(const std::optional<double>& value);

/// `value` to so many decimals, so that float noise is not written down.
double rounded(double value, int decimals);

}  // namespace astrom3::cli
