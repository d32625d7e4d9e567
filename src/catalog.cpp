// SPDX-License-Identifier: MIT
#include "astrom3/catalog.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <atomic>
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <span>
#include <unordered_map>
#include <utility>

#include "base/utf8.h"
#include "formats/byte_reader.h"
#include "formats/csv.h"
#include "formats/decompressed.h"
#include "formats/number.h"
#include "formats/parquet.h"
#include "formats/table_header.h"
#include "formats/text_encoding.h"

namespace astrom3 {
namespace {

constexpr std::size_t kHeadBytes = 64 << 10;

struct StringHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
};

template <typename Value>
using StringMap = std::unordered_map<std::string, Value, StringHash, std::equal_to<>>;

/// The text of the cells of a row that are no numbers, with their features.
using BadCells = std::vector<std::pair<std::size_t, std::string>>;

struct CatalogRow {
  std::array<double, kFeatureCount> value{};
  std::array<bool, kFeatureCount> is_number{};
  std::int64_t line = 0;
};

/// An id without what people and programs change by accident: case, blanks around it, leading
/// zeros, a trailing ".0".
std::string loose_id(std::string_view id) {
  std::string loose = folded_name(id);
  if (loose.ends_with(".0")) loose.resize(loose.size() - 2);
  const std::size_t first = loose.find_first_not_of('0');
  return first == std::string::npos ? loose : loose.substr(first);
}

std::size_t index_of(Feature feature) {
  return static_cast<std::size_t>(feature);
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
  std::string row_word = "line";
  bool standardised = false;
  std::array<bool, kFeatureCount> has{};
  std::vector<CatalogRow> rows;
  StringMap<std::size_t> row_of;
  std::map<std::pair<std::size_t, std::size_t>, std::string> bad_cells;  // (row, feature): its text
  std::vector<Diagnostic> warnings;
  std::size_t n_repeated = 0;

  // Changed by look_up() from any thread.
  std::unique_ptr<std::atomic<bool>[]> used;

  // Built on the first miss: most catalogues have none.
  mutable std::once_flag loose_built;
  mutable StringMap<const std::string*> loose_ids;

  [[noreturn]] void fail(std::string message, std::int64_t line = -1, std::string column = {}) const {
    throw Error(Diagnostic{.code = Status::bad_catalog,
                           .file = file,
                           .line = line,
                           .column = std::move(column),
                           .message = std::move(message)});
  }

  void add_row(std::string_view id, const CatalogRow& row, BadCells bad);
  std::vector<std::pair<std::size_t, std::size_t>> find_features(std::span<const std::string> names);
  std::size_t find_id(std::span<const std::string> names, const std::string& id_column) const;
  void read_text(CsvReader& reader, const std::string& id_column);
  void read_parquet(const std::string& id_column);
  void finish();
};

/// Adds a row, or compares it with the earlier row of the same id.
void Catalog::State::add_row(std::string_view id, const CatalogRow& row, BadCells bad) {
  if (id.empty()) fail("the id is empty", row.line);
  if (find_invalid_utf8(id) != std::string_view::npos) fail("the id is not UTF-8", row.line);
  const auto [entry, is_new] = row_of.emplace(id, rows.size());
  if (is_new) {
    for (auto& [feature, text] : bad) bad_cells[{rows.size(), feature}] = std::move(text);
    rows.push_back(row);
    return;
  }
  const CatalogRow& first = rows[entry->second];
  for (std::size_t f = 0; f < kFeatureCount; ++f) {
    const bool same =
        first.is_number[f] == row.is_number[f] && (!row.is_number[f] || first.value[f] == row.value[f]);
    if (same) continue;
    fail(fmt::format("object {} has different values in {}s {} and {}", escaped(id), row_word, first.line,
                     row.line),
         row.line, std::string(name_of(f)));
  }
  if (n_repeated++ == 0) {
    warnings.push_back(
        {.code = Status::bad_catalog,
         .file = file,
         .object_id = std::string(id),
         .line = row.line,
         .message = fmt::format("is already in {} {}, with equal values", row_word, first.line)});
  }
}

std::size_t Catalog::State::find_id(std::span<const std::string> names, const std::string& id_column) const {
  const std::string wanted = id_column.empty() ? "object_id" : id_column;
  const auto found = find_column(wanted, names);
  if (!found.has_value()) {
    fail(fmt::format("no id column; found: {}", fmt::join(names, ", ")), -1, wanted);
  }
  return *found;
}

/// (column, feature) of every feature the table has.
std::vector<std::pair<std::size_t, std::size_t>> Catalog::State::find_features(
    std::span<const std::string> names) {
  std::vector<std::pair<std::size_t, std::size_t>> columns;
  for (std::size_t f = 0; f < kFeatureCount; ++f) {
    const auto found = find_column(name_of(f), names);
    has[f] = found.has_value();
    if (has[f]) columns.emplace_back(*found, f);
  }
  if (columns.empty()) {
    fail(fmt::format("no column is amplitude, period, lksl_statistic or rfr_score; found: {}",
                     fmt::join(names, ", ")));
  }
  return columns;
}

/// CSV or blank-separated, plain or gzip. The first line that is no comment names the columns.
void Catalog::State::read_text(CsvReader& reader, const std::string& id_column) {
  const std::string_view head = reader.peek(kHeadBytes);
  if (head.empty()) fail("the file is empty");
  const TextTraits traits = examine_text(head);
  if (traits.status != Status::ok) fail(traits.message);
  reader.skip(traits.bom_bytes, 0);
  reader.set_dialect({.delimiter = '\0', .line_end = traits.line_end});
  CsvRecord record;
  if (!reader.next(record)) fail("the file has no header");
  const char delimiter = guess_delimiter(record.text);
  const std::vector<std::string> names = copy_fields(record.text, delimiter);
  const std::size_t id = find_id(names, id_column);
  const auto features = find_features(names);
  reader.set_dialect({.delimiter = delimiter, .line_end = traits.line_end});
  while (reader.next(record)) {
    if (record.problem != Status::ok) fail("not UTF-8 text", record.line);
    if (record.fields.size() != names.size()) {
      fail(fmt::format("row has {} fields, the header has {}", record.fields.size(), names.size()),
           record.line);
    }
    CatalogRow row;
    row.line = record.line;
    BadCells bad;
    for (const auto& [column, f] : features) {
      const ParsedNumber number = parse_number(record.fields[column]);
      row.is_number[f] = number.kind == NumberKind::number;
      row.value[f] = number.value;
      if (!row.is_number[f]) bad.emplace_back(f, record.fields[column].substr(0, 80));
    }
    add_row(record.fields[id], row, std::move(bad));
  }
}

void Catalog::State::read_parquet(const std::string& id_column) {
  const std::unique_ptr<ParquetReader> reader = open_parquet_reader(file);
  std::vector<std::string> names;
  for (const ParquetColumnInfo& column : reader->columns()) names.push_back(column.name);
  std::vector<ColumnSpec> wanted{{.name = names[find_id(names, id_column)], .type = CellType::text}};
  const auto features = find_features(names);
  for (const auto& [column, f] : features)
    wanted.push_back({.name = names[column], .type = CellType::number});
  reader->select(std::move(wanted));
  std::vector<ColumnData> columns;
  std::int64_t row_number = 0;
  row_word = "row";
  while (const std::size_t n_rows = reader->next(columns)) {
    for (std::size_t i = 0; i < n_rows; ++i) {
      CatalogRow row;
      row.line = ++row_number;
      BadCells bad;
      if (columns[0].valid[i] == 0) fail("the id is null", row.line);
      for (std::size_t c = 0; c < features.size(); ++c) {
        const std::size_t f = features[c].second;
        const ColumnData& cells = columns[c + 1];
        row.is_number[f] = cells.valid[i] != 0 && std::isfinite(cells.numbers[i]);
        row.value[f] = row.is_number[f] ? cells.numbers[i] : 0;
        if (!row.is_number[f])
          bad.emplace_back(f, cells.valid[i] == 0 ? "null" : fmt::format("{}", cells.numbers[i]));
      }
      add_row(columns[0].text[i], row, std::move(bad));
    }
  }
}

void Catalog::State::finish() {
  if (rows.empty()) fail("a header and no rows");
  if (n_repeated > 1) {
    warnings.front().message += fmt::format("; so are {} more rows of other lines", n_repeated - 1);
  }
  used = std::make_unique<std::atomic<bool>[]>(rows.size());
}

Catalog::Catalog(std::unique_ptr<State> state) : state_(std::move(state)) {}
Catalog::Catalog(Catalog&&) noexcept = default;
Catalog& Catalog::operator=(Catalog&&) noexcept = default;
Catalog::~Catalog() = default;

Catalog Catalog::read(const std::filesystem::path& file, const std::string& id_column, bool standardised) {
  auto state = std::make_unique<State>();
  state->standardised = standardised;
  state->file = file.string();
  try {
    CsvReader reader(DecompressedReader(ByteReader::open(file)));
    const std::string_view head = reader.peek(4);
    if (looks_like_parquet(std::as_bytes(std::span(head)))) {
      state->read_parquet(id_column);
    } else {
      state->read_text(reader, id_column);
    }
    state->finish();
  } catch (const Error& error) {
    // Whatever went wrong below, the catalogue is what cannot be used.
    Diagnostic diagnostic = error.diagnostic();
    diagnostic.code = Status::bad_catalog;
    diagnostic.file = file.string();
    throw Error(std::move(diagnostic));
  }
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
    // A sign says something about raw values only.
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
      // The smallest of those that look alike, so that the answer does not depend on the hash table.
      const std::string*& kept = state_->loose_ids[loose_id(id)];
      if (kept == nullptr || id < *kept) kept = &id;
    }
  });
  const auto found = state_->loose_ids.find(loose_id(object_id));
  if (found == state_->loose_ids.end()) return std::nullopt;
  return *found->second;
}

}  // namespace astrom3
