// SPDX-License-Identifier: MIT
#include "table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "astrom3/base/error.h"
#include "formats/json_writer.h"
#include "formats/spreadsheet_text.h"

namespace astrom3::cli {
namespace {

std::string to_word(const Cell& cell, bool exact) {
  if (const auto* word = std::get_if<std::string>(&cell)) return exact ? *word : escaped(*word, 400);
  if (const auto* count = std::get_if<std::int64_t>(&cell)) return fmt::format("{}", *count);
  if (const auto* number = std::get_if<double>(&cell)) {
    if (exact) return fmt::format("{}", *number);
    return std::fabs(*number) < 5e-4 && *number != 0 ? fmt::format("{:.1e}", *number)
                                                     : fmt::format("{:.4g}", *number);
  }
  return {};
}

std::string csv_field(const std::string& word) {
  if (word.find_first_of(",\"\n\r#") == std::string::npos) return word;
  std::string out = "\"";
  for (const char c : word) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

std::string aligned(const Table& table) {
  std::vector<std::size_t> width;
  std::vector<std::string> columns;
  for (const std::string& column : table.columns) columns.push_back(escaped(column, 400));
  for (const std::string& column : columns) width.push_back(column.size());
  for (const auto& row : table.rows) {
    for (std::size_t c = 0; c < row.size(); ++c) width[c] = std::max(width[c], to_word(row[c], false).size());
  }
  std::string out = table.title + "\n";
  const auto line = [&](const auto& word_of) {
    std::string text;
    for (std::size_t c = 0; c < width.size(); ++c) {
      const auto& [word, left] = word_of(c);
      text += left ? fmt::format("  {:<{}}", word, width[c]) : fmt::format("  {:>{}}", word, width[c]);
    }
    out += text.substr(0, text.find_last_not_of(' ') + 1) + "\n";
  };
  const auto is_word = [&](std::size_t c) {
    return !table.rows.empty() && std::holds_alternative<std::string>(table.rows.front()[c]);
  };
  line([&](std::size_t c) { return std::pair(columns[c], is_word(c)); });
  for (const auto& row : table.rows)
    line([&](std::size_t c) { return std::pair(to_word(row[c], false), is_word(c)); });
  return out;
}

void write(JsonWriter& json, const Cell& cell) {
  std::visit(
      [&](const auto& value) {
        if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::monostate>) {
          json.value(nullptr);
        } else {
          json.value(value);
        }
      },
      cell);
}

std::string csv_text(const std::vector<Table>& tables) {
  std::string out;
  for (const Table& table : tables) {
    if (!out.empty()) out += '\n';
    out += "table";
    for (const std::string& column : table.columns) out += "," + csv_field(column);
    out += '\n';
    for (const auto& row : table.rows) {
      out += csv_field(table.name);
      for (const Cell& cell : row) out += "," + csv_field(to_word(cell, true));
      out += '\n';
    }
  }
  return out;
}

std::string json_text(const std::vector<Table>& tables,
                      const std::vector<std::pair<std::string, Cell>>& facts) {
  JsonWriter json(JsonLayout::block);
  json.begin_object();
  for (const auto& [name, value] : facts) write(json.key(name), value);
  for (const Table& table : tables) {
    json.key(table.name).begin_array();
    for (const auto& row : table.rows) {
      json.begin_object();
      for (std::size_t c = 0; c < row.size(); ++c) write(json.key(table.columns[c]), row[c]);
      json.end();
    }
    json.end();
  }
  return json.end().take() + '\n';
}

}  // namespace

Table safe_for_spreadsheets(Table table) {
  for (std::string& column : table.columns) column = as_spreadsheet_text(std::move(column));
  for (auto& row : table.rows) {
    for (Cell& cell : row) {
      if (auto* word = std::get_if<std::string>(&cell)) *word = as_spreadsheet_text(std::move(*word));
    }
  }
  return table;
}

TableFormat table_format(const std::string& output, bool json) {
  if (json || output.ends_with(".json")) return TableFormat::json;
  return output.ends_with(".csv") ? TableFormat::csv : TableFormat::text;
}

std::string to_text(const std::vector<Table>& tables, TableFormat format,
                    const std::vector<std::pair<std::string, Cell>>& facts) {
  if (format == TableFormat::csv) return csv_text(tables);
  if (format == TableFormat::json) return json_text(tables, facts);
  std::string out;
  for (const auto& [name, value] : facts) out += fmt::format("{}: {}\n", name, to_word(value, false));
  for (const Table& table : tables) out += "\n" + aligned(table);
  return out;
}

std::string rows_text(const Table& table) {
  std::string out;
  for (std::size_t c = 0; c < table.columns.size(); ++c)
    out += (c == 0 ? "" : ",") + csv_field(table.columns[c]);
  out += '\n';
  for (const auto& row : table.rows) {
    for (std::size_t c = 0; c < row.size(); ++c)
      out += (c == 0 ? "" : ",") + csv_field(to_word(row[c], true));
    out += '\n';
  }
  return out;
}

Cell measured(double value) {
  return std::isnan(value) ? Cell() : Cell(value);
}

Cell measured(const std::optional<double>& value) {
  return value ? Cell(*value) : Cell();
}

double rounded(double value, int decimals) {
  const double scale = std::pow(10.0, decimals);
  return std::round(value * scale) / scale;
}

}  // namespace astrom3::cli
