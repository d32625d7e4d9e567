// SPDX-License-Identifier: MIT
#include "metadata/catalogue_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/stop_scope.h"
#include "formats/keyed_table.h"
#include "formats/parquet.h"
#include "formats/table_header.h"
#include "formats/table_rows.h"
#include "metadata/cells.h"
#include "metadata/column_units.h"
#include "metadata/columns.h"
#include "metadata/galactic.h"
#include "metadata/object_ids.h"
#include "metadata/stated_units.h"

namespace astrom3 {
namespace {

/// Digits behind the point of a number as it is written: 3 of 1.250, 5 of 1.25e-3.
int decimals_of(std::string_view text) {
  const std::size_t exponent_at = text.find_first_of("eE");
  const std::string_view digits = text.substr(0, exponent_at);
  const std::size_t point = digits.find('.');
  const int behind = point == std::string_view::npos ? 0 : static_cast<int>(digits.size() - point) - 1;
  int exponent = 0;
  if (exponent_at != std::string_view::npos) {
    std::string_view rest = text.substr(exponent_at + 1);
    if (rest.starts_with('+')) rest.remove_prefix(1);
    std::from_chars(rest.data(), rest.data() + rest.size(), exponent);
  }
  return std::clamp(behind - exponent, -100, 100);
}

/// Where a wanted number is among the cells that are read, and what brings its parts to our units.
struct Place {
  std::vector<std::size_t> cells;
  std::vector<double> factors;
  std::vector<bool> of_magnitudes;
};

class CatalogueReader {
 public:
  CatalogueReader(const std::filesystem::path& path, std::span<const std::string> columns,
                  const std::string& id_column)
      : columns_(columns), stated_(read_stated_units(path)), table_(path, Status::bad_metadata) {
    out_.path = path;
    out_.name = path.filename().string();
    out_.name = out_.name.substr(0, out_.name.find('.', 1));
    out_.word = table_.row_word();
    find_ids(id_column);
    for (const std::string& column : columns) {
      out_.origins.push_back(origin_of(column));
      places_.push_back(place_of(out_.origins.back()));
    }
    for (const char* name : {"ra", "dec", "l", "b"}) {
      auto origin = origin_of(name);
      if (origin && origin->value != nullptr) origin.reset();  // l and b from ra and dec say nothing new
      angles_.push_back(place_of(origin));
    }
    table_.select(std::move(selected_));
  }

  CatalogueFile read() {
    for (std::size_t n = 0; table_.next(); ++n) {
      if (n % 1024 == 0) throw_if_stopped();
      if (n < stated_.n_rows_before_first) continue;
      CatalogueRow row;
      row.line = table_.row();
      read_ids(row);
      for (std::size_t i = 0; i < columns_.size(); ++i) row.values.push_back(read_value(i, row));
      row.equatorial = position(angles_[0], angles_[1], galactic_of);
      row.given = position(angles_[2], angles_[3], [](double l, double b) { return Galactic{l, b}; });
      note_sizes(row);
      out_.rows.push_back(std::move(row));
    }
    return std::move(out_);
  }

 private:
  std::size_t cell_of(std::size_t column, CellType type) {
    const auto [place, is_new] = cells_.try_emplace(std::pair(column, type), selected_.size());
    if (is_new) selected_.push_back({column, type});
    return place->second;
  }

  void find_ids(const std::string& id_column) {
    const auto& names = table_.names();
    if (!id_column.empty())
      ids_.emplace_back(cell_of(table_.find_id(id_column), CellType::text), IdColumn::object);
    for (std::size_t i = 0; i < names.size(); ++i) {
      const IdColumn kind = id_column_of(names[i]);
      const bool is_taken = kind == IdColumn::object && !id_column.empty();
      if (kind != IdColumn::none && !is_taken) ids_.emplace_back(cell_of(i, CellType::text), kind);
    }
    if (ids_.empty())
      table_.fail(fmt::format(
          "no column of ids (object_id, source_id, designation, 2MASS, AllWISE); found: {}", listed(names)));
  }

  std::optional<ColumnOrigin> origin_of(const std::string& column) const {
    try {
      return find_origin(column, table_.names());
    } catch (const Error& error) {
      table_.fail(fmt::format("column {}: {}", error.diagnostic().column, error.diagnostic().message));
    }
  }

  Place place_of(const std::optional<ColumnOrigin>& origin) {
    Place place;
    if (!origin) return place;
    for (std::size_t i = 0; i < origin->columns.size(); ++i) {
      const std::size_t column = origin->columns[i];
      const std::string_view expected = expected_unit(origin->inputs[i]);
      const auto factor =
          expected.empty() ? std::optional(1.0) : unit_factor(stated_.units[column], expected);
      if (!factor)
        table_.fail(fmt::format("column {} is in {}: expected {}", table_.names()[column],
                                escaped(stated_.units[column]), expected));
      place.cells.push_back(cell_of(column, CellType::number));
      place.factors.push_back(*factor);
      place.of_magnitudes.push_back(expected == "mag");
    }
    return place;
  }

  void read_ids(CatalogueRow& row) {
    for (const auto& [cell, kind] : ids_) {
      const std::string_view text = table_.text(cell);
      const bool is_of_gaia = kind == IdColumn::gaia || kind == IdColumn::gaia_dr2;
      if (is_of_gaia && is_rounded_id(text))
        table_.fail_in_row("the id has lost digits in a floating-point number", cell);
      if (auto found = recognise_id(kind, text)) {
        std::string& id = row.ids[static_cast<std::size_t>(found->kind)];
        if (id.empty()) id = std::move(found->id);
      }
    }
    if (std::all_of(row.ids.begin(), row.ids.end(), [](const std::string& id) { return id.empty(); }))
      ++out_.n_without_id;
  }

  CatalogueValue read_value(std::size_t i, CatalogueRow& row) const {
    const auto& origin = out_.origins[i];
    if (!origin) return {};
    std::vector<double> parts;
    for (std::size_t k = 0; k < places_[i].cells.size(); ++k) {
      const std::size_t cell = places_[i].cells[k];
      const CatalogueCell found = read_catalogue_cell(table_, cell, places_[i].of_magnitudes[k]);
      if (found.status != Status::ok) {
        if (found.status != Status::missing_value) row.spelt[i] = table_.spelling(cell);
        return {.status = found.status};
      }
      parts.push_back(found.value * places_[i].factors[k]);
    }
    if (origin->value == nullptr) {
      const int shift = static_cast<int>(std::lround(std::log10(places_[i].factors[0])));
      const int decimals = decimals_of(table_.spelling(places_[i].cells[0])) - shift;
      return {.value = parts[0], .status = Status::ok, .decimals = static_cast<std::int8_t>(decimals)};
    }
    const double value = origin->value(parts);
    if (std::isfinite(value)) return {.value = value, .status = Status::ok};
    row.spelt[i] = fmt::format("{}", value);
    return {.status = Status::not_a_number};
  }

  std::optional<Galactic> position(const Place& first, const Place& second,
                                   Galactic (*of)(double, double)) const {
    if (first.cells.empty() || second.cells.empty()) return std::nullopt;
    const auto angle = [&](const Place& place) {
      return read_catalogue_cell(table_, place.cells[0], false).value * place.factors[0];
    };
    const double a = angle(first), b = angle(second);
    return std::isfinite(a) && std::isfinite(b) ? std::optional(of(a, b)) : std::nullopt;
  }

  /// What a wrong unit would show in.
  void note_sizes(const CatalogueRow& row) {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i] == "parallax" && row.values[i].is_ok())
        out_.largest_parallax = std::max(out_.largest_parallax, std::fabs(row.values[i].value));
    }
    if (row.given)
      out_.largest_angle = std::max({out_.largest_angle, std::fabs(row.given->l), std::fabs(row.given->b)});
  }

  std::span<const std::string> columns_;
  StatedUnits stated_;
  KeyedTable table_;
  CatalogueFile out_;
  std::vector<std::pair<std::size_t, IdColumn>> ids_;  ///< cells, and what they hold
  std::vector<Place> places_, angles_;                 ///< angles: ra, dec, l, b
  std::vector<TableColumn> selected_;
  std::map<std::pair<std::size_t, CellType>, std::size_t> cells_;
};

}  // namespace

bool CatalogueRow::says_the_same(const CatalogueRow& other) const {
  return ids == other.ids && std::equal(values.begin(), values.end(), other.values.begin(),
                                        [](const CatalogueValue& a, const CatalogueValue& b) {
                                          return a.status == b.status && (!a.is_ok() || a.value == b.value);
                                        });
}

CatalogueFile read_catalogue(const std::filesystem::path& path, std::span<const std::string> columns,
                             const std::string& id_column) {
  return CatalogueReader(path, columns, id_column).read();
}

}  // namespace astrom3
