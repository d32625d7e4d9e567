// SPDX-License-Identifier: MIT
#include "downstream/result_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/downstream/embeddings.h"
#include "astrom3/sink/file_names.h"
#include "astrom3/sink/sink.h"
#include "base/joined.h"
#include "base/number.h"
#include "base/regular_file.h"
#include "formats/json.h"
#include "formats/keyed_table.h"
#include "formats/npy.h"
#include "formats/parquet.h"
#include "formats/table_header.h"
#include "formats/table_rows.h"

namespace astrom3 {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxIdentityBytes = 1 << 20;
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr std::string_view kListColumns[] = {"embedding", "astrom3", "mean", "fused_embedding"};

/// The columns that are read: the id first, then status and other numbers if they exist, then the vector.
struct ResultPlan {
  std::vector<TableColumn> columns;
  std::optional<std::size_t> status, list;
  std::array<std::optional<std::size_t>, kScalarNames.size()> scalars;
  std::vector<std::size_t> elements;
  std::vector<std::string> vector_names;
};

/// The list column that an embedding may be, or the one that was named; only Parquet has lists.
std::optional<std::size_t> find_list(const KeyedTable& table, const std::string& named) {
  const std::vector<std::string>& names = table.names();
  if (!named.empty()) {
    const auto at = std::find(names.begin(), names.end(), named);
    if (table.is_parquet() && at != names.end()) return static_cast<std::size_t>(at - names.begin());
    table.fail(
        fmt::format("no list \"{}\"{}; found: {}", escaped(named),
                    table.is_parquet() ? "" : ": only Parquet holds the embeddings of several modalities",
                    listed(names)));
  }
  for (const std::string_view name : kListColumns) {
    const auto at = std::find(names.begin(), names.end(), name);
    if (table.is_parquet() && at != names.end()) return static_cast<std::size_t>(at - names.begin());
  }
  return std::nullopt;
}

ResultPlan plan_columns(const KeyedTable& table, VectorKind kind, const std::string& id_column,
                        const std::string& list_column) {
  ResultPlan plan;
  const auto want = [&](std::size_t column, CellType type) {
    plan.columns.push_back({column, type});
    return plan.columns.size() - 1;
  };
  want(table.find_id(id_column), CellType::text);
  const auto list = kind == VectorKind::embedding ? find_list(table, list_column) : std::nullopt;
  const ResultColumns columns = find_result_columns(table.names(), list ? VectorKind::none : kind);
  if (columns.status) plan.status = want(*columns.status, CellType::text);
  for (std::size_t i = 0; i < kScalarNames.size(); ++i) {
    if (columns.scalars[i]) plan.scalars[i] = want(*columns.scalars[i], CellType::number);
  }
  if (list) plan.list = want(*list, CellType::vector);
  for (const std::size_t column : columns.vector) plan.elements.push_back(want(column, CellType::number));
  plan.vector_names = columns.vector_names;
  return plan;
}

/// NaN for an empty cell.
double number_in(const KeyedTable& table, std::size_t cell) {
  const ParsedNumber parsed = table.number(cell);
  if (parsed.kind == NumberKind::number) return parsed.value;
  if (parsed.kind != NumberKind::missing)
    table.fail_in_row(fmt::format("expected a number, found \"{}\"", escaped(table.spelling(cell))), cell);
  return std::nan("");
}

/// Appends the vector of a row; that of a rejected row is not read.
void add_vector(const KeyedTable& table, const ResultPlan& plan, ResultRows& rows) {
  const bool is_ok = !plan.status || table.text(*plan.status) == "ok";
  for (const std::size_t cell : plan.elements)
    rows.vectors.push_back(is_ok ? static_cast<float>(number_in(table, cell)) : kNan);
  if (!plan.list) return;
  const std::span<const float> list = table.vector(*plan.list);
  if (rows.width != 0 && list.size() != rows.width)
    table.fail_in_row(fmt::format("embeddings of {} and of {} numbers", rows.width, list.size()), *plan.list);
  rows.width = list.size();
  const bool is_there = is_ok && !table.is_null(*plan.list);
  for (const float value : list) rows.vectors.push_back(is_there ? value : kNan);
}

ResultRows read_rows(KeyedTable& table, VectorKind kind, const std::string& id_column,
                     const std::string& list_column = {}) {
  const ResultPlan plan = plan_columns(table, kind, id_column, list_column);
  table.select(plan.columns);
  ResultRows rows;
  rows.width = plan.elements.size();
  rows.vector_names = plan.vector_names;
  while (table.next()) {
    rows.object_ids.emplace_back(table.id(0));
    Scalars scalars;
    for (std::size_t i = 0; i < scalars.size(); ++i)
      scalars[i] = plan.scalars[i] ? number_in(table, *plan.scalars[i]) : std::nan("");
    rows.scalars.push_back(scalars);
    add_vector(table, plan, rows);
  }
  return rows;
}

/// The entries of a Parquet file's footer, without those of Arrow and pandas.
Identity identity_in(const KeyValues& metadata) {
  Identity identity;
  for (const auto& entry : metadata) {
    if (entry.first != "ARROW:schema" && entry.first != "pandas") identity.push_back(entry);
  }
  return identity;
}

/// The identity in a file beside the output; nothing if there is no such file.
Identity read_identity(const fs::path& file) {
  std::error_code error;
  if (!fs::exists(file, error)) return {};
  const std::string text = read_text_file(file, kMaxIdentityBytes, Status::bad_tensors);
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
  return file += kMetaSuffix;
}

}  // namespace

ResultRows read_result_file(const fs::path& file, VectorKind kind, const std::string& id_column,
                            const std::string& list_column) {
  KeyedTable table(file, Status::bad_tensors);
  ResultRows rows = read_rows(table, kind, id_column, list_column);
  rows.identity = table.is_parquet() ? identity_in(table.metadata()) : read_identity(identity_path(file));
  return rows;
}

ResultRows read_npy_folder(const fs::path& folder, const std::string& id_column) {
  ResultRows rows = read_result_file(folder / kObjectsName, VectorKind::none, id_column);
  rows.identity = read_identity(folder / kMetaName);
  NpyArray mean = read_npy(folder / kMeanName);
  if (mean.shape.size() != 2 || mean.shape[0] != rows.object_ids.size()) {
    throw Error(Status::bad_tensors, fmt::format("mean.npy has the shape ({}), objects.csv has {} rows",
                                                 joined(mean.shape, ", "), rows.object_ids.size()));
  }
  rows.width = mean.shape[1];
  rows.vectors = std::move(mean.values);
  return rows;
}

}  // namespace astrom3
