// SPDX-License-Identifier: MIT
#include "astrom3/labels.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <functional>
#include <optional>
#include <span>
#include <utility>

#include "formats/byte_reader.h"
#include "formats/csv.h"
#include "formats/decompressed.h"
#include "formats/parquet.h"
#include "formats/table_header.h"
#include "formats/text_encoding.h"

namespace astrom3 {
namespace {

constexpr std::size_t kHeadBytes = 64 << 10;
constexpr std::string_view kClassColumns[] = {"class", "label", "var_type", "variable_type"};

[[noreturn]] void fail(std::string message, std::int64_t line = -1) {
  throw Error(Diagnostic{.code = Status::bad_catalog, .line = line, .message = std::move(message)});
}

/// Where id and class are among the columns; nothing where there is no class.
struct LabelColumns {
  std::size_t id = 0, label = 0;
};

std::optional<LabelColumns> find_columns(std::span<const std::string> names, const std::string& id_column) {
  std::optional<std::size_t> label;
  for (const std::string_view name : kClassColumns) {
    if (!label) label = find_column(name, names);
  }
  if (!label) return std::nullopt;
  const std::string wanted = id_column.empty() ? "object_id" : id_column;
  const auto id = find_column(wanted, names);
  if (!id) fail(fmt::format("no id column \"{}\"; found: {}", escaped(wanted), fmt::join(names, ", ")));
  return LabelColumns{*id, *label};
}

/// Adds one; the same id again must have the same class. An empty class is no label.
void add(Labels& labels, std::string_view id, std::string_view label, std::int64_t line) {
  if (label.empty()) return;
  const auto [entry, is_new] = labels.emplace(id, label);
  if (!is_new && entry->second != label)
    fail(fmt::format("object {} is {} here and {} before", escaped(id), escaped(label),
                     escaped(entry->second)),
         line);
}

std::optional<Labels> read_text(CsvReader& reader, const std::string& id_column,
                                std::vector<std::string>& names) {
  const std::string_view head = reader.peek(kHeadBytes);
  const TextTraits traits = examine_text(head);
  if (head.empty() || traits.status != Status::ok) fail(head.empty() ? "the file is empty" : traits.message);
  reader.skip(traits.bom_bytes, 0);
  reader.set_dialect({.delimiter = '\0', .line_end = traits.line_end});
  CsvRecord record;
  if (!reader.next(record)) fail("the file has no header");
  const char delimiter = guess_delimiter(record.text);
  names = copy_fields(record.text, delimiter);
  const auto columns = find_columns(names, id_column);
  if (!columns) return std::nullopt;
  reader.set_dialect({.delimiter = delimiter, .line_end = traits.line_end});
  Labels labels;
  while (reader.next(record)) {
    if (record.problem != Status::ok) fail("not UTF-8 text", record.line);
    if (record.fields.size() != names.size())
      fail(fmt::format("row has {} fields, the header has {}", record.fields.size(), names.size()),
           record.line);
    add(labels, record.fields[columns->id], record.fields[columns->label], record.line);
  }
  return labels;
}

std::optional<Labels> read_parquet(const std::filesystem::path& file, const std::string& id_column,
                                   std::vector<std::string>& names) {
  const std::unique_ptr<ParquetReader> reader = open_parquet_reader(file);
  for (const ParquetColumnInfo& column : reader->columns()) names.push_back(column.name);
  const auto columns = find_columns(names, id_column);
  if (!columns) return std::nullopt;
  reader->select({{.name = names[columns->id], .type = CellType::text},
                  {.name = names[columns->label], .type = CellType::text}});
  Labels labels;
  std::vector<ColumnData> cells;
  std::int64_t row = 0;
  while (const std::size_t n = reader->next(cells)) {
    for (std::size_t i = 0; i < n; ++i) {
      ++row;
      if (cells[0].valid[i] != 0 && cells[1].valid[i] != 0)
        add(labels, cells[0].text[i], cells[1].text[i], row);
    }
  }
  return labels;
}

}  // namespace

Labels read_labels(const std::filesystem::path& file, const std::string& id_column, bool required) {
  try {
    CsvReader reader(DecompressedReader(ByteReader::open(file)));
    std::vector<std::string> names;
    auto labels = looks_like_parquet(std::as_bytes(std::span(reader.peek(4))))
                      ? read_parquet(file, id_column, names)
                      : read_text(reader, id_column, names);
    if (!labels && required) {
      fail(fmt::format("no column is {}; found: {}", fmt::join(kClassColumns, ", "), fmt::join(names, ", ")));
    }
    return std::move(labels).value_or(Labels{});
  } catch (const Error& error) {
    Diagnostic diagnostic = error.diagnostic();
    diagnostic.code = Status::bad_catalog;
    diagnostic.file = file.string();
    throw Error(std::move(diagnostic));
  }
}

void merge_labels(Labels& labels, const Labels& more) {
  for (const auto& [id, label] : more) add(labels, id, label, -1);
}

}  // namespace astrom3
