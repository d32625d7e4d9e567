// SPDX-License-Identifier: MIT
#include "astrom3/features/catalog.h"

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/features/features.h"
#include "astrom3/features/scaling.h"
#include "base/keyed_hash.h"
#include "base/number.h"
#include "features/feature_index.h"
#include "formats/keyed_table.h"
#include "formats/parquet.h"
#include "formats/table_header.h"
#include "formats/table_rows.h"

namespace astrom3 {
namespace {

/// The cells of one row that are no numbers: the index of the feature, and the text of the cell.
using BadCells = std::vector<std::pair<std::size_t, std::string>>;

struct CatalogRow {
  std::array<double, kFeatureCount> value{};
  std::array<bool, kFeatureCount> is_number{};
  std::int64_t line = 0;
};

/// An id without the parts that people and programs change by accident: case, blanks around the id, leading
/// zeros, a trailing ".0".
std::string loose_id(std::string_view id) {
  std::string loose = folded_name(id);
  if (loose.ends_with(".0")) loose.resize(loose.size() - 2);
  const std::size_t first = loose.find_first_not_of('0');
  return first == std::string::npos ? loose : loose.substr(first);
}

std::string_view expected_of(std::size_t feature) {
  if (feature == index_of(Feature::period)) return "a positive number";
  return feature == index_of(Feature::amplitude) ? "a number that is not negative" : "a number";
}

std::string_view name_of(std::size_t feature) {
  return feature_name(static_cast<Feature>(feature));
}

}  // namespace

struct Catalog::State {
  std::string file;
  bool standardised = false;
  std::array<bool, kFeatureCount> has{};
  std::vector<CatalogRow> rows;
  TextMap<std::size_t> row_of;
  std::map<std::pair<std::size_t, std::size_t>, std::string> bad_cells;  // (row, feature): its text
  std::vector<Diagnostic> warnings;
  std::size_t n_repeated = 0;

  // look_up() changes these from any thread.
  std::unique_ptr<std::atomic<bool>[]> used;

  // Built when an id is not found for the first time, which never happens with most catalogues.
  mutable std::once_flag loose_built;
  mutable TextMap<const std::string*> loose_ids;

  std::vector<Feature> select_columns(KeyedTable& table, const std::string& id_column);
  void read(KeyedTable& table, const std::vector<Feature>& features);
  void add_row(const KeyedTable& table, const CatalogRow& row, BadCells bad);
};

/// Chooses the column of ids and the column of every feature that the table has. Returns these features in
/// the order of their columns.
std::vector<Feature> Catalog::State::select_columns(KeyedTable& table, const std::string& id_column) {
  std::vector<TableColumn> columns{{table.find_id(id_column), CellType::text}};
  std::vector<Feature> features;
  for (std::size_t f = 0; f < kFeatureCount; ++f) {
    const auto found = table.find(name_of(f));
    has[f] = found.has_value();
    if (!has[f]) continue;
    columns.push_back({*found, CellType::number});
    features.push_back(static_cast<Feature>(f));
  }
  if (features.empty()) {
    table.fail(fmt::format("no column is amplitude, period, lksl_statistic or rfr_score; found: {}",
                           listed(table.names())));
  }
  table.select(std::move(columns));
  return features;
}

void Catalog::State::read(KeyedTable& table, const std::vector<Feature>& features) {
  while (table.next()) {
    CatalogRow row;
    row.line = table.row();
    BadCells bad;
    for (std::size_t i = 0; i < features.size(); ++i) {
      const std::size_t f = index_of(features[i]);
      const ParsedNumber number = table.number(i + 1);
      row.is_number[f] = number.kind == NumberKind::number;
      if (row.is_number[f]) {
        row.value[f] = number.value;
      } else {
        bad.emplace_back(f, table.spelling(i + 1));
      }
    }
    add_row(table, row, std::move(bad));
  }
  if (rows.empty()) table.fail("a header and no rows");
  if (const std::size_t n = table.n_commented_rows(); n > 0)
    warnings.push_back(
        {.code = Status::bad_catalog,
         .file = file,
         .message = fmt::format("{} that begin{} with # hold{} numbers and {} skipped as comment{}",
                                n == 1 ? "1 line" : fmt::format("{} lines", n), n == 1 ? "s" : "",
                                n == 1 ? "s" : "", n == 1 ? "was" : "were", n == 1 ? "" : "s")});
  if (n_repeated > 1) {
    warnings.front().message += fmt::format("; so are {} more rows of other lines", n_repeated - 1);
  }
  used = std::make_unique<std::atomic<bool>[]>(rows.size());
}

/// Adds the current row of `table`, or compares it with an earlier row of the same id.
void Catalog::State::add_row(const KeyedTable& table, const CatalogRow& row, BadCells bad) {
  const std::string_view id = table.id(0);
  const auto [entry, is_new] = row_of.emplace(id, rows.size());
  if (is_new) {
    for (auto& [feature, text] : bad) bad_cells[{rows.size(), feature}] = std::move(text);
    rows.push_back(row);
    return;
  }
  const CatalogRow& first = rows[entry->second];
  std::size_t cell = 0;
  for (std::size_t f = 0; f < kFeatureCount; ++f) {
    if (has[f]) ++cell;
    const bool same =
        first.is_number[f] == row.is_number[f] && (!row.is_number[f] || first.value[f] == row.value[f]);
    if (same) continue;
    table.fail_in_row(fmt::format("object {} has different values in {}s {} and {}", escaped(id),
                                  table.row_word(), first.line, row.line),
                      cell);
  }
  if (n_repeated++ == 0) {
    warnings.push_back(
        {.code = Status::bad_catalog,
         .file = file,
         .object_id = std::string(id),
         .line = row.line,
         .message = fmt::format("is already in {} {}, with equal values", table.row_word(), first.line)});
  }
}

Catalog::Catalog(std::unique_ptr<State> state) : state_(std::move(state)) {}
Catalog::Catalog(Catalog&&) noexcept = default;
Catalog& Catalog::operator=(Catalog&&) noexcept = default;
Catalog::~Catalog() = default;

Catalog Catalog::read(const std::filesystem::path& file, const std::string& id_column, bool standardised) {
  auto state = std::make_unique<State>();
  state->standardised = standardised;
  state->file = file.string();
  KeyedTable table(file, Status::bad_catalog);
  state->read(table, state->select_columns(table, id_column));
  return Catalog(std::move(state));
}

bool Catalog::has_column(Feature feature) const noexcept {
  return state_->has[static_cast<std::size_t>(feature)];
}

std::size_t Catalog::size() const noexcept {
  return state_->rows.size();
}

Status Catalog::look_up(std::string_view object_id, FeatureOverrides& overrides,
                        Diagnostic& diagnostic) const {
  const auto found = state_->row_of.find(object_id);
  if (found == state_->row_of.end()) {
    diagnostic = {.code = Status::no_catalog_row,
                  .object_id = std::string(object_id),
                  .message = fmt::format("not in the catalogue {}", escaped(state_->file, 4096))};
    if (const auto similar = similar_id(object_id)) {
      diagnostic.hint = fmt::format("the catalogue has \"{}\"; ids are compared exactly", escaped(*similar));
    }
    return diagnostic.code;
  }
  const CatalogRow& row = state_->rows[found->second];
  state_->used[found->second].store(true, std::memory_order_relaxed);
  for (std::size_t f = 0; f < kFeatureCount; ++f) {
    if (!state_->has[f] || overrides[f].has_value()) continue;
    // Only raw values have an impossible sign; z-scores may be negative.
    const bool is_impossible = (f == index_of(Feature::period) && row.value[f] <= 0) ||
                               (f == index_of(Feature::amplitude) && row.value[f] < 0);
    const bool is_possible = row.is_number[f] && (state_->standardised || !is_impossible);
    if (!is_possible) {
      const auto bad = state_->bad_cells.find({found->second, f});
      const std::string text = bad != state_->bad_cells.end() ? bad->second : fmt::format("{}", row.value[f]);
      diagnostic = {.code = Status::bad_aux,
                    .file = state_->file,
                    .object_id = std::string(object_id),
                    .line = row.line,
                    .column = std::string(name_of(f)),
                    .value = text,
                    .message = fmt::format("expected {}, found \"{}\"", expected_of(f), escaped(text))};
      return diagnostic.code;
    }
    overrides[f] = FeatureOverride{
        .value = row.value[f], .standardised = state_->standardised, .source = FeatureSource::catalog};
  }
  return Status::ok;
}

std::size_t Catalog::unused_rows() const {
  std::size_t n_used = 0;
  for (std::size_t i = 0; i < state_->rows.size(); ++i)
    n_used += state_->used[i].load(std::memory_order_relaxed);
  return state_->rows.size() - n_used;
}

const std::vector<Diagnostic>& Catalog::warnings() const noexcept {
  return state_->warnings;
}

std::optional<std::string> Catalog::similar_id(std::string_view object_id) const {
  std::call_once(state_->loose_built, [&] {
    for (const auto& [id, row] : state_->row_of) {
      // Of several ids that look alike the smallest is kept, so that the answer does not depend on the hash
      // table.
      const std::string*& kept = state_->loose_ids[loose_id(id)];
      if (kept == nullptr || id < *kept) kept = &id;
    }
  });
  const auto found = state_->loose_ids.find(loose_id(object_id));
  if (found == state_->loose_ids.end()) return std::nullopt;
  return *found->second;
}

}  // namespace astrom3
