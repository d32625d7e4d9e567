// SPDX-License-Identifier: MIT
#include "formats/keyed_table.h"

#include <fmt/format.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "formats/byte_reader.h"
#include "formats/csv.h"
#include "formats/decompressed.h"
#include "formats/parquet.h"
#include "formats/table_header.h"
#include "formats/table_rows.h"

namespace astrom3 {

/// Calls `action`; its exceptions get the table's code and file.
template <typename Action>
auto KeyedTable::named(const Action& action) const {
  try {
    return action();
  } catch (const Error& error) {
    Diagnostic diagnostic = error.diagnostic();
    diagnostic.code = code_;
    diagnostic.file = file_.string();
    throw Error(std::move(diagnostic));
  }
}

KeyedTable::KeyedTable(std::filesystem::path file, Status code) : file_(std::move(file)), code_(code) {
  named([&] {
    CsvReader reader(DecompressedReader(ByteReader::open(file_)));
    is_parquet_ = looks_like_parquet(std::as_bytes(std::span(reader.peek(4))));
    rows_ = is_parquet_ ? read_parquet_rows(file_) : read_text_rows(std::move(reader));
  });
}

KeyedTable::KeyedTable(std::unique_ptr<TableRows> rows, std::string name, Status code)
    : file_(std::move(name)), code_(code), rows_(std::move(rows)) {}

std::optional<std::size_t> KeyedTable::find(std::string_view name) const {
  return named([&] { return find_column(name, names()); });
}

std::size_t KeyedTable::find_id(const std::string& id_column) const {
  const std::string wanted = id_column.empty() ? "object_id" : id_column;
  const auto found = find(wanted);
  if (!found) fail(fmt::format("no id column \"{}\"; found: {}", escaped(wanted), listed(names())));
  return *found;
}

void KeyedTable::select(std::vector<TableColumn> columns) {
  columns_ = std::move(columns);
  named([&] { rows_->select(columns_); });
}

bool KeyedTable::next() {
  return named([&] { return rows_->next(); });
}

std::string_view KeyedTable::id(std::size_t cell) const {
  const std::string_view id = text(cell);
  if (id.empty()) fail_in_row(is_null(cell) ? "the id is null" : "the id is empty", cell);
  return id;
}

void KeyedTable::fail(std::string message, Hint hint) const {
  throw Error(Diagnostic{
      .code = code_, .file = file_.string(), .message = std::move(message), .hint = std::move(hint)});
}

void KeyedTable::fail_in_row(std::string message, std::optional<std::size_t> cell) const {
  throw Error(Diagnostic{.code = code_,
                         .file = file_.string(),
                         .line = row(),
                         .column = cell ? names()[columns_[*cell].index] : std::string{},
                         .value = cell ? spelling(*cell) : std::string{},
                         .message = std::move(message)});
}

}  // namespace astrom3
