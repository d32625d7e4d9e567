// SPDX-License-Identifier: MIT
//
// A catalogue read row by row: every object's columns found, judged, transformed and standardised.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <iterator>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/metadata/metadata.h"
#include "base/joined.h"
#include "base/keyed_hash.h"
#include "base/number.h"
#include "formats/keyed_table.h"
#include "formats/memory_rows.h"
#include "formats/parquet.h"
#include "formats/table_header.h"
#include "formats/table_rows.h"
#include "metadata/cells.h"
#include "metadata/columns.h"

namespace astrom3 {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

/// An id as it is compared where it is not there exactly: without blanks and without a release before it.
std::string bare_id(std::string_view id) {
  for (const std::string_view release : {"Gaia EDR3", "Gaia DR3", "EDR3", "DR3"}) {
    if (!id.starts_with(release)) continue;
    id.remove_prefix(release.size());
    break;
  }
  std::string bare;
  std::copy_if(id.begin(), id.end(), std::back_inserter(bare), [](char c) { return c != ' '; });
  return bare;
}

}  // namespace

struct MetadataTable::State {
  MetadataScaling scaling;
  MetadataOptions options;
  std::vector<std::string> ids, origins;
  std::vector<MetadataRow> rows;
  TextMap<std::size_t> by_id, by_bare_id;  ///< SIZE_MAX: several ids are alike without their blanks
  std::vector<Diagnostic> warnings;
  std::vector<ColumnOrigin> found;  ///< one a column
  std::optional<ColumnOrigin> parallax;
  std::optional<std::size_t> status_cell;      ///< of a table that JoinedCatalogues made
  std::map<std::size_t, std::size_t> cell_of;  ///< a column of the table to its place in what is read
  double largest_parallax = 0, largest_angle = 0;

  void find_columns(const KeyedTable& table);
  std::size_t select(KeyedTable& table);
  CatalogueCell read_column(const KeyedTable& table, const ColumnOrigin& origin, bool of_magnitude,
                            std::string& where) const;
  MetadataRow read_row(const KeyedTable& table);
  static void judge_status(std::string_view text, MetadataRow& row);
  void keep(std::string id, MetadataRow row);
  void judge_units(const std::string& file);
};

void MetadataTable::State::find_columns(const KeyedTable& table) {
  std::vector<std::string> missing;
  for (const std::string& column : scaling.columns) {
    auto origin = find_origin(column, table.names());
    if (!origin) {
      const std::string others = alias_words(column);
      missing.push_back(others.empty() ? column : fmt::format("{} ({})", column, others));
      continue;
    }
    origins.push_back(origin->words);
    found.push_back(std::move(*origin));
  }
  if (!missing.empty()) {
    table.fail(fmt::format("{} column{} missing: {}", missing.size(), missing.size() == 1 ? " is" : "s are",
                           joined(missing, ", ")));
  }
  parallax = find_origin("parallax", table.names());
}

std::size_t MetadataTable::State::select(KeyedTable& table) {
  std::optional<std::size_t> id;
  if (!options.id_column.empty()) id = table.find_id(options.id_column);
  for (const char* name : kIdColumns) {
    if (!id) id = table.find(name);
  }
  if (!id) id = table.find_id("");
  std::vector<TableColumn> columns{{*id, CellType::text}};
  const auto add = [&](const ColumnOrigin& origin) {
    for (const std::size_t column : origin.columns) {
      if (cell_of.try_emplace(column, columns.size()).second) columns.push_back({column, CellType::number});
    }
  };
  for (const ColumnOrigin& origin : found) add(origin);
  if (parallax) add(*parallax);
  const auto status = table.find("status"), flags = table.find("flags");
  if (status && flags && *flags == *status + 1) {
    status_cell = columns.size();
    columns.push_back({*status, CellType::text});
  }
  table.select(std::move(columns));
  return *id;
}

/// The number of a column; where it has none, `where` names the cell of the table.
CatalogueCell MetadataTable::State::read_column(const KeyedTable& table, const ColumnOrigin& origin,
                                                bool of_magnitude, std::string& where) const {
  std::vector<double> values;
  for (const std::size_t column : origin.columns) {
    const CatalogueCell cell = read_catalogue_cell(table, cell_of.at(column), of_magnitude);
    if (cell.status != Status::ok) {
      where = fmt::format("column {}: \"{}\"", table.names()[column],
                          escaped(table.spelling(cell_of.at(column))));
      return cell;
    }
    values.push_back(cell.value);
  }
  const double value = origin.value == nullptr ? values[0] : origin.value(values);
  if (std::isfinite(value)) return {.value = value};
  where = fmt::format("{} is {}", origin.words, value);
  return {.value = kMissing, .status = Status::not_a_number};
}

MetadataRow MetadataTable::State::read_row(const KeyedTable& table) {
  MetadataRow row;
  std::vector<double> raw;
  const auto take = [&](const ColumnOrigin& origin, bool of_magnitude) {
    std::string where;
    const CatalogueCell cell = read_column(table, origin, of_magnitude, where);
    // Only what is not there can be imputed; what cannot be read is a fault of the table.
    const bool is_absent = cell.status == Status::missing_value || cell.status == Status::sentinel;
    if (cell.status != Status::ok && !(is_absent && options.impute_mean) && row.status == Status::ok) {
      row.status = cell.status;
      row.message = where;
    }
    return cell.value;
  };
  for (std::size_t i = 0; i < found.size(); ++i) {
    raw.push_back(take(found[i], is_magnitude(scaling.columns[i])));
    const bool is_angle =
        scaling.transforms[i] == Transform::cosine || scaling.transforms[i] == Transform::sine;
    if (is_angle && std::isfinite(raw[i])) largest_angle = std::max(largest_angle, std::fabs(raw[i]));
    if (scaling.columns[i] == "pm" && raw[i] < 0 && row.status == Status::ok) {
      row.status = Status::not_a_number;
      row.message = fmt::format("pm is {}: a length is not below 0", raw[i]);
    }
  }
  if (status_cell) judge_status(table.text(*status_cell), row);
  const double p = parallax ? take(*parallax, false) : kMissing;
  if (std::isfinite(p)) largest_parallax = std::max(largest_parallax, std::fabs(p));
  if (row.status != Status::ok) return row;
  return standardise_metadata(scaling, raw, p, options);
}

/// A row that was rejected when catalogues were joined stays rejected: that its values contradict one another
/// can no longer be seen. A missing value can.
void MetadataTable::State::judge_status(std::string_view text, MetadataRow& row) {
  for (const Status status : {Status::ambiguous, Status::not_a_number, Status::nonfinite}) {
    if (trimmed(text) != status_name(status)) continue;
    row.status = status;
    row.message = "rejected when the catalogues were joined";
  }
}

void MetadataTable::State::keep(std::string id, MetadataRow row) {
  const auto [place, is_new] = by_id.try_emplace(id, rows.size());
  if (!is_new) {
    rows[place->second] = {.status = Status::ambiguous,
                           .message = fmt::format("several rows for \"{}\"", escaped(id)),
                           .x = {},
                           .flags = {}};
    return;
  }
  const auto [bare, is_first] = by_bare_id.try_emplace(bare_id(id), rows.size());
  if (!is_first) bare->second = std::numeric_limits<std::size_t>::max();
  rows.push_back(std::move(row));
  ids.push_back(std::move(id));
}

void MetadataTable::State::judge_units(const std::string& file) {
  for (auto& [column, message] : doubtful_units(largest_parallax, largest_angle, rows.size()))
    warnings.push_back(
        Diagnostic{.code = Status::bad_metadata, .file = file, .column = column, .message = message});
}

MetadataTable::MetadataTable(const std::filesystem::path& file, MetadataScaling scaling,
                             MetadataOptions options)
    : state_(std::make_unique<State>()) {
  KeyedTable table(file, Status::bad_metadata);
  take(table, std::move(scaling), std::move(options), file.string());
}

MetadataTable::MetadataTable(std::vector<MetadataColumn> columns, std::size_t n_rows, MetadataScaling scaling,
                             MetadataOptions options)
    : state_(std::make_unique<State>()) {
  std::vector<CellColumn> cells;
  std::vector<std::string> names;
  for (MetadataColumn& column : columns) {
    names.push_back(column.name);
    cells.push_back({std::move(column.name), std::move(column.numbers), std::move(column.texts)});
  }
  const bool has_ids = !options.id_column.empty() ||
                       std::any_of(kIdColumns.begin(), kIdColumns.end(),
                                   [&](const char* name) { return find_column(name, names).has_value(); });
  if (!has_ids) {
    CellColumn numbers{.name = kIdColumns.front(), .numbers = {}, .texts = {}};
    for (std::size_t i = 0; i < n_rows; ++i) numbers.texts.push_back(std::to_string(i));
    cells.push_back(std::move(numbers));
  }
  KeyedTable table(read_memory_rows(std::move(cells), n_rows), "metadata", Status::bad_metadata);
  take(table, std::move(scaling), std::move(options), "metadata");
}

void MetadataTable::take(KeyedTable& table, MetadataScaling scaling, MetadataOptions options,
                         const std::string& name) {
  state_->scaling = std::move(scaling);
  state_->options = std::move(options);
  try {
    state_->find_columns(table);
  } catch (const Error& error) {
    if (error.code() != Status::ambiguous_column) throw;
    Diagnostic diagnostic = error.diagnostic();  // the search knows neither the table nor its options
    diagnostic.code = Status::bad_metadata;
    diagnostic.file = name;
    diagnostic.hint = "rename one of them";
    throw Error(std::move(diagnostic));
  }
  state_->select(table);
  while (table.next()) state_->keep(std::string(table.id(0)), state_->read_row(table));
  state_->judge_units(name);
}

MetadataTable::~MetadataTable() = default;
MetadataTable::MetadataTable(MetadataTable&&) noexcept = default;
MetadataTable& MetadataTable::operator=(MetadataTable&&) noexcept = default;

const MetadataScaling& MetadataTable::scaling() const noexcept {
  return state_->scaling;
}
std::size_t MetadataTable::size() const noexcept {
  return state_->rows.size();
}
const std::vector<std::string>& MetadataTable::ids() const noexcept {
  return state_->ids;
}
const std::vector<std::string>& MetadataTable::origins() const noexcept {
  return state_->origins;
}
const std::vector<Diagnostic>& MetadataTable::warnings() const noexcept {
  return state_->warnings;
}

const MetadataRow* MetadataTable::find(std::string_view object_id) const {
  if (const auto exact = state_->by_id.find(object_id); exact != state_->by_id.end())
    return &state_->rows[exact->second];
  const auto bare = state_->by_bare_id.find(bare_id(object_id));
  if (bare == state_->by_bare_id.end() || bare->second >= state_->rows.size()) return nullptr;
  return &state_->rows[bare->second];
}

}  // namespace astrom3
