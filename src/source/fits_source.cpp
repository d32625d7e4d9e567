// SPDX-License-Identifier: MIT
#include "source/fits_source.h"

#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/source/source.h"
#include "base/number.h"
#include "formats/byte_reader.h"
#include "formats/decompressed.h"
#include "formats/fits.h"
#include "formats/table_header.h"
#include "source/column_names.h"
#include "source/columns.h"
#include "source/grouped_source.h"
#include "source/object_builder.h"
#include "source/observation_intake.h"
#include "source/survey_formats.h"
#include "source/table_plan.h"

namespace astrom3 {
namespace {

std::vector<std::string> names_of(const FitsTable& table) {
  std::vector<std::string> names;
  for (const FitsColumn& column : table.columns) names.push_back(column.name);
  return names;
}

/// Names and units; a time without a unit of its own has the TIMEUNIT of the table's or the file's header
/// (FITS standard 4.0, section 9.3).
ColumnLabels labels_of(const FitsTable& table, const FitsHeader& header, const FitsHeader& primary) {
  ColumnLabels labels{.names = names_of(table)};
  const std::string of_table = header.text("TIMEUNIT");
  const std::string time_unit = of_table.empty() ? primary.text("TIMEUNIT") : of_table;
  for (const FitsColumn& column : table.columns) {
    const std::string name = folded_name(column.name);
    const bool is_time = column.unit.empty() && (name == "time" || name == "t");
    labels.units.push_back(is_time ? time_unit : column.unit);
    labels.may_be_categories.push_back(column.is_text() ||
                                       (column.is_number() && column.type != 'E' && column.type != 'D'));
  }
  return labels;
}

}  // namespace

struct FitsSource::Cells {
  const FitsSource& source;
  mutable std::string buffer{};  ///< of the last text()

  const FitsColumn& column(std::size_t i) const { return source.table_.columns[i]; }

  ParsedNumber number(std::size_t i) const {
    return column(i).is_number() ? fits_number(column(i), source.row_) : parse_number(text(i));
  }
  std::string_view text(std::size_t i) const {
    buffer = fits_text(column(i), source.row_);
    return buffer;
  }
  std::optional<std::uint64_t> bits(std::size_t i) const {
    if (!column(i).is_number()) return flag_bits(text(i));
    return flag_bits(fits_number(column(i), source.row_));
  }
  Diagnostic at(std::size_t i, Status code, const std::string& message, Hint hint) const {
    Diagnostic diagnostic{.code = code,
                          .file = source.file(),
                          .column = column(i).name,
                          .message = fmt::format("row {}: {}", source.n_rows_, message),
                          .hint = hint};
    diagnostic.value = std::string(text(i).substr(0, 80));
    return diagnostic;
  }
};

FitsSource::FitsSource(ByteReader bytes, const std::string& file, const SourceOptions& options)
    : GroupedSource(file, options), bytes_(std::move(bytes)) {}

TableDescription FitsSource::describe() const {
  return intake().describe("FITS binary table");
}

void FitsSource::open() {
  const std::size_t hdu = find_table();
  reader_.emplace(DecompressedReader(bytes_.from_start()));
  for (std::size_t i = 0; i <= hdu; ++i) {
    reader_->next_hdu();
    if (i == 0) primary_ = reader_->header();
  }
  table_ = reader_->table();
  row_.resize(table_.row_bytes);
  TablePlan plan = plan_rows();
  check_columns(plan);
  start(std::move(plan));
  warn_of_header(header_notes());
}

/// The number of the table's HDU. Reading every header says what else there is, and that the file
/// is whole.
std::size_t FitsSource::find_table() {
  FitsReader reader{DecompressedReader(bytes_.from_start())};
  std::vector<std::size_t> tables;
  std::string listed;
  constexpr std::size_t kMostListed = 40;
  for (std::size_t i = 0; reader.next_hdu(); ++i) {
    if (i < kMostListed)
      listed += fmt::format("{}{} {} {}", i > 0 ? ", " : "", i, escaped(reader.kind()),
                            escaped(reader.header().text("EXTNAME")));
    if (i == kMostListed) listed += ", and more";
    if (reader.is_light_curve_table()) tables.push_back(i);
    if (options().hdu == i && !reader.is_light_curve_table())
      throw Error(Status::bad_header,
                  fmt::format("HDU {} is no binary table: {}", i, escaped(reader.kind())));
    if (options().hdu == i) return i;
  }
  if (options().hdu.has_value())
    throw Error(Status::bad_header, fmt::format("no HDU {}; there are {}", *options().hdu, listed));
  if (tables.empty()) throw Error(Status::bad_header, fmt::format("no binary table; there are {}", listed));
  if (tables.size() > 1)
    throw Error(Status::bad_header, fmt::format("several binary tables; there are {}", listed),
                {"choose one with {}", {{"hdu", "NUMBER"}}});
  return tables.front();
}

/// A number of the table's header, else of the file's.
std::optional<double> FitsSource::card(std::string_view keyword) const {
  const auto number = reader_->header().number(keyword);
  return number.has_value() ? number : primary_.number(keyword);
}

/// What the headers say about the unit of fluxes, as comments of a text would.
std::string FitsSource::header_notes() const {
  std::string notes;
  for (const char* const keyword : {"ZP", "ZEROPT", "ZEROPNT", "ZEROPOIN", "MAGZERO", "MAGZPT", "MAGZP",
                                    "PHOTZP", "PHOTZPT", "ZPT", "ABZP", "ZPMAG"}) {
    if (const auto number = card(keyword)) notes += fmt::format("# zero point {} = {}\n", keyword, *number);
  }
  for (const FitsHeader* const header : {&reader_->header(), &primary_}) {
    const std::string unit = header->text("BUNIT");
    if (!unit.empty()) notes += fmt::format("# BUNIT, unit of flux: {}\n", unit);
    for (std::string_view rest = header->notes(); !rest.empty();) {
      const std::size_t stop = rest.find('\n');
      notes += fmt::format("# {}\n", rest.substr(0, stop));
      rest.remove_prefix(stop + 1);
    }
  }
  for (std::size_t i = 0; i < table_.columns.size(); ++i) {
    const std::string said = reader_->header().text(fmt::format("TCOMM{}", i + 1));
    if (!said.empty()) notes += fmt::format("# {}: {}\n", table_.columns[i].name, said);
  }
  return notes;
}

TablePlan FitsSource::plan_rows() const {
  SourceOptions known = options();
  const SurveyFormat* const survey = survey_of(names_of(table_), known);
  if (survey != nullptr && !survey->error_card.empty() && !known.missing_error.has_value() &&
      !known.columns.contains("flux")) {
    known.missing_error = card(survey->error_card);
  }
  TablePlan plan = plan_table(labels_of(table_, reader_->header(), primary_), survey, known,
                              [this](std::string_view keyword) { return card(keyword); });
  if (survey == nullptr) plan.format = "fits";
  if (survey != nullptr && !survey->epoch_card.empty()) plan.epoch = card(survey->epoch_card).value_or(0);
  return plan;
}

/// A column that is read must hold one number per row.
void FitsSource::check_columns(const TablePlan& plan) const {
  const ColumnMap& columns = plan.columns();
  for (const auto i : {std::optional(columns.time), std::optional(columns.value), columns.error}) {
    if (!i.has_value() || table_.columns[*i].is_number()) continue;
    const FitsColumn& column = table_.columns[*i];
    throw Error(Diagnostic{
        .code = Status::bad_header,
        .column = column.name,
        .message = fmt::format("has format {}{}, expected one number", column.repeat, column.type)});
  }
  for (const auto i : {columns.band, columns.object_id}) {
    if (i.has_value() && !table_.columns[*i].is_number() && !table_.columns[*i].is_text())
      throw Error(Diagnostic{.code = Status::bad_header,
                             .column = table_.columns[*i].name,
                             .message = "is neither text nor one number"});
  }
  for (const BoundRule& bound : plan.rules) {
    if (!table_.columns[bound.column].is_number() && !table_.columns[bound.column].is_text())
      throw Error(Diagnostic{.code = Status::bad_header,
                             .column = table_.columns[bound.column].name,
                             .message = "is neither text nor one number"});
  }
}

bool FitsSource::read_row() {
  if (!reader_->next_row(row_)) return false;
  ++n_rows_;
  const auto id_column = columns().object_id;
  const std::string id = id_column.has_value() ? fits_text(table_.columns[*id_column], row_) : file_id();
  if (id.empty()) {
    add_row_without_id(
        id,
        {.code = Status::bad_id, .file = file(), .message = fmt::format("row {}: the id is empty", n_rows_)});
    return true;
  }
  add_row(id, static_cast<std::int64_t>(n_rows_),
          [this](ObjectBuilder& object) { intake().take(object, Cells{*this}); });
  return true;
}

}  // namespace astrom3
