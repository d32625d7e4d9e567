// SPDX-License-Identifier: MIT
#include "metadata/stated_units.h"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "base/number.h"
#include "formats/byte_reader.h"
#include "formats/csv.h"
#include "formats/decompressed.h"
#include "formats/ecsv_header.h"
#include "formats/keyed_table.h"
#include "formats/parquet.h"
#include "formats/table_header.h"
#include "formats/table_leaf.h"
#include "formats/table_rows.h"

namespace astrom3 {
namespace {

namespace fs = std::filesystem;

void take_parquet_units(const fs::path& file, const KeyedTable& table, std::vector<std::string>& units) {
  const auto reader = open_nested_reader(file);
  for (const TableLeaf& leaf : reader->leaves()) {
    const auto found = std::find(table.names().begin(), table.names().end(), leaf.name);
    if (found != table.names().end() && leaf.group.empty())
      units[static_cast<std::size_t>(found - table.names().begin())] = leaf.unit;
  }
}

void take_ecsv_units(const fs::path& file, const KeyedTable& table, std::vector<std::string>& units) {
  CsvReader reader(DecompressedReader(ByteReader::open(file)));
  const std::string_view head = reader.peek(kHeadBytes);
  std::vector<std::string_view> comments;
  for (std::size_t begin = 0; begin < head.size() && head[begin] == '#';) {
    const std::size_t end = std::min(head.find('\n', begin), head.size());
    std::string_view line = head.substr(begin, end - begin);
    if (line.ends_with('\r')) line.remove_suffix(1);
    comments.push_back(line);
    begin = end + 1;
  }
  const auto header = parse_ecsv_header(comments);
  if (!header) return;
  for (const EcsvColumn& column : header->columns) {
    const auto found = std::find(table.names().begin(), table.names().end(), column.name);
    if (found != table.names().end())
      units[static_cast<std::size_t>(found - table.names().begin())] = column.unit;
  }
}

std::vector<std::string> row_texts(const KeyedTable& table) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < table.names().size(); ++i) texts.emplace_back(trimmed(table.text(i)));
  return texts;
}

/// VizieR's text has the units in the first row below the names, and dashes in the second.
void take_units_line(KeyedTable& table, StatedUnits& out) {
  std::vector<TableColumn> all;
  for (std::size_t i = 0; i < table.names().size(); ++i) all.push_back({i, CellType::text});
  table.select(std::move(all));
  if (!table.next()) return;
  std::vector<std::string> first = row_texts(table);
  if (!table.next()) return;
  const std::vector<std::string> second = row_texts(table);
  const bool are_dashes = std::all_of(second.begin(), second.end(), [](const std::string& text) {
    return !text.empty() && text.find_first_not_of('-') == std::string::npos;
  });
  if (!are_dashes) return;
  out.units = std::move(first);
  out.n_rows_before_first = 2;
}

}  // namespace

StatedUnits read_stated_units(const fs::path& file) {
  KeyedTable table(file, Status::bad_metadata);
  StatedUnits out;
  out.units.resize(table.names().size());
  if (table.is_parquet()) {
    take_parquet_units(file, table, out.units);
  } else {
    take_ecsv_units(file, table, out.units);
    take_units_line(table, out);
  }
  return out;
}

}  // namespace astrom3
