// SPDX-License-Identifier: MIT
#include "embeddings/result_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <system_error>
#include <utility>

#include "formats/byte_reader.h"
#include "formats/csv.h"
#include "formats/decompressed.h"
#include "formats/json.h"
#include "formats/npy.h"
#include "formats/number.h"
#include "formats/parquet.h"
#include "formats/table_header.h"
#include "formats/text_encoding.h"

namespace astrom3 {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kHeadBytes = 1 << 20;
constexpr std::size_t kMaxIdentityBytes = 1 << 20;
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr std::string_view kListColumns[] = {"embedding", "astrom3", "mean"};

[[noreturn]] void fail(std::string message, std::int64_t line = -1, std::string column = {},
                       std::string_view value = {}) {
  throw Error(Diagnostic{.code = Status::bad_tensors,
                         .line = line,
                         .column = std::move(column),
                         .value = std::string(value.substr(0, 80)),
                         .message = std::move(message)});
}

std::size_t find_id(const std::vector<std::string>& names, const std::string& id_column) {
  const auto found = find_column(id_column.empty() ? "object_id" : id_column, names);
  if (!found) {
    fail(fmt::format("no id column \"{}\"; found: {}", id_column.empty() ? "object_id" : escaped(id_column),
                     fmt::join(names, ", ")));
  }
  return *found;
}

/// The columns of a row from its text.
class TextRows {
 public:
  TextRows(const std::vector<std::string>& names, VectorKind kind, const std::string& id_column)
      : names_(names), id_(find_id(names, id_column)), columns_(find_result_columns(names, kind)) {
    rows_.width = columns_.vector.size();
    rows_.vector_names = columns_.vector_names;
  }

  void add(const CsvRecord& record) {
    if (record.problem != Status::ok) fail("not UTF-8 text", record.line);
    if (record.fields.size() != names_.size()) {
      fail(fmt::format("row has {} fields, the header has {}", record.fields.size(), names_.size()),
           record.line);
    }
    if (record.fields[id_].empty()) fail("the id is empty", record.line, names_[id_]);
    rows_.object_ids.emplace_back(record.fields[id_]);
    const bool is_ok = !columns_.status || record.fields[*columns_.status] == "ok";
    Scalars scalars;
    for (std::size_t i = 0; i < scalars.size(); ++i)
      scalars[i] = columns_.scalars[i] ? number(record, *columns_.scalars[i]) : std::nan("");
    rows_.scalars.push_back(scalars);
    for (const std::size_t column : columns_.vector)
      rows_.vectors.push_back(is_ok ? static_cast<float>(number(record, column)) : kNan);
  }

  ResultRows take() { return std::move(rows_); }

 private:
  /// NaN for an empty cell.
  double number(const CsvRecord& record, std::size_t column) const {
    const ParsedNumber parsed = parse_number(record.fields[column]);
    if (parsed.kind == NumberKind::number) return parsed.value;
    if (parsed.kind != NumberKind::missing)
      fail(fmt::format("expected a number, found \"{}\"", escaped(record.fields[column])), record.line,
           names_[column], record.fields[column]);
    return std::nan("");
  }

  std::vector<std::string> names_;
  std::size_t id_;
  ResultColumns columns_;
  ResultRows rows_;
};

ResultRows read_text(CsvReader& reader, VectorKind kind, const std::string& id_column) {
  const std::string_view head = reader.peek(kHeadBytes);
  if (head.empty()) fail("the file is empty");
  const TextTraits traits = examine_text(head);
  if (traits.status != Status::ok) fail(traits.message);
  reader.skip(traits.bom_bytes, 0);
  reader.set_dialect({.delimiter = ',', .line_end = traits.line_end});
  CsvRecord record;
  if (!reader.next(record)) fail("the file has no header");
  TextRows rows(copy_fields(record.text, ','), kind, id_column);
  while (reader.next(record)) rows.add(record);
  return rows.take();
}

/// What is to be read of a Parquet file: the id, then status and scalars where they are, then the vector.
struct ParquetPlan {
  std::vector<ColumnSpec> wanted;
  std::optional<std::size_t> status, list;
  std::array<std::optional<std::size_t>, kScalarNames.size()> scalars;
  std::vector<std::size_t> elements;
  std::vector<std::string> vector_names;
};

ParquetPlan plan_parquet(const std::vector<std::string>& names, VectorKind kind,
                         const std::string& id_column) {
  ParquetPlan plan;
  const auto want = [&](std::size_t column, CellType type) {
    plan.wanted.push_back({.name = names[column], .type = type});
    return plan.wanted.size() - 1;
  };
  want(find_id(names, id_column), CellType::text);
  std::optional<std::size_t> list;
  for (const std::string_view name : kListColumns) {
    const auto at = std::find(names.begin(), names.end(), name);
    if (!list && at != names.end()) list = static_cast<std::size_t>(at - names.begin());
  }
  const bool is_list = kind == VectorKind::embedding && list;
  const ResultColumns columns = find_result_columns(names, is_list ? VectorKind::none : kind);
  if (columns.status) plan.status = want(*columns.status, CellType::text);
  for (std::size_t i = 0; i < kScalarNames.size(); ++i) {
    if (columns.scalars[i]) plan.scalars[i] = want(*columns.scalars[i], CellType::number);
  }
  if (is_list) plan.list = want(*list, CellType::vector);
  for (const std::size_t column : columns.vector) plan.elements.push_back(want(column, CellType::number));
  plan.vector_names = columns.vector_names;
  return plan;
}

/// The vectors of one batch, appended.
void add_vectors(const ParquetPlan& plan, const std::vector<ColumnData>& columns, std::size_t n,
                 ResultRows& rows) {
  const auto is_ok = [&](std::size_t i) { return !plan.status || columns[*plan.status].text[i] == "ok"; };
  if (!plan.list) {
    rows.width = plan.elements.size();
    for (std::size_t i = 0; i < n; ++i) {
      for (const std::size_t c : plan.elements)
        rows.vectors.push_back(
            is_ok(i) && columns[c].valid[i] != 0 ? static_cast<float>(columns[c].numbers[i]) : kNan);
    }
    return;
  }
  const ColumnData& list = columns[*plan.list];
  const std::size_t width = list.floats.size() / n;
  if (rows.width != 0 && width != rows.width)
    fail(fmt::format("embeddings of {} and of {} numbers", rows.width, width));
  rows.width = width;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t d = 0; d < width; ++d)
      rows.vectors.push_back(is_ok(i) && list.valid[i] != 0 ? list.floats[i * width + d] : kNan);
  }
}

ResultRows read_parquet(const fs::path& file, VectorKind kind, const std::string& id_column) {
  const std::unique_ptr<ParquetReader> reader = open_parquet_reader(file);
  std::vector<std::string> names;
  for (const ParquetColumnInfo& column : reader->columns()) names.push_back(column.name);
  const ParquetPlan plan = plan_parquet(names, kind, id_column);
  ResultRows rows;
  rows.vector_names = plan.vector_names;
  for (const auto& entry : reader->metadata()) {
    if (entry.first != "ARROW:schema" && entry.first != "pandas") rows.identity.push_back(entry);
  }
  reader->select(plan.wanted);
  std::vector<ColumnData> columns;
  while (const std::size_t n = reader->next(columns)) {
    for (std::size_t i = 0; i < n; ++i) {
      if (columns[0].valid[i] == 0)
        fail("the id is null", static_cast<std::int64_t>(rows.object_ids.size()) + 1, plan.wanted[0].name);
      Scalars scalars;
      for (std::size_t s = 0; s < scalars.size(); ++s) {
        const auto c = plan.scalars[s];
        scalars[s] = c && columns[*c].valid[i] != 0 ? columns[*c].numbers[i] : std::nan("");
      }
      rows.scalars.push_back(scalars);
      rows.object_ids.push_back(std::move(columns[0].text[i]));
    }
    add_vectors(plan, columns, n, rows);
  }
  return rows;
}

/// An identity that lies beside its file; nothing where it is not there.
Identity read_identity(const fs::path& file) {
  std::error_code error;
  if (!fs::is_regular_file(file, error)) return {};
  ByteReader reader = ByteReader::open(file);
  std::string text(std::min<std::uint64_t>(reader.size(), kMaxIdentityBytes), '\0');
  text.resize(reader.read(text));
  const JsonValue json = parse_json(text, {.code = Status::bad_tensors, .file = file.string()});
  Identity identity;
  for (std::size_t i = 0; i < json.keys.size(); ++i) {
    const JsonValue& value = json.elements[i];
    identity.emplace_back(json.keys[i], value.is(JsonKind::string) ? value.text : value.described());
  }
  return identity;
}

/// OUT.meta.json of OUT.csv, OUT.csv.gz.
fs::path identity_path(fs::path file) {
  for (const char* suffix : {".gz", ".zst", ".csv", ".parquet"}) {
    if (file.extension() == suffix) file.replace_extension();
  }
  return file += ".meta.json";
}

}  // namespace

ResultRows read_result_file(const fs::path& file, VectorKind kind, const std::string& id_column) {
  CsvReader reader(DecompressedReader(ByteReader::open(file)));
  if (looks_like_parquet(std::as_bytes(std::span(reader.peek(4)))))
    return read_parquet(file, kind, id_column);
  ResultRows rows = read_text(reader, kind, id_column);
  rows.identity = read_identity(identity_path(file));
  return rows;
}

ResultRows read_npy_folder(const fs::path& folder, const std::string& id_column) {
  ResultRows rows = read_result_file(folder / "objects.csv", VectorKind::none, id_column);
  rows.identity = read_identity(folder / "meta.json");
  NpyArray mean = read_npy(folder / "mean.npy");
  if (mean.shape.size() != 2 || mean.shape[0] != rows.object_ids.size()) {
    fail(fmt::format("mean.npy has the shape ({}), objects.csv has {} rows", fmt::join(mean.shape, ", "),
                     rows.object_ids.size()));
  }
  rows.width = mean.shape[1];
  rows.vectors = std::move(mean.values);
  return rows;
}

}  // namespace astrom3
