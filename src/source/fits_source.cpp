// SPDX-License-Identifier: MIT
#include "source/fits_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "formats/table_header.h"
#include "source/column_names.h"
#include "source/photometry.h"
#include "source/text_source.h"

namespace astrom3 {
namespace {

std::vector<std::string> names_of(const FitsTable& table) {
  std::vector<std::string> names;
  for (const FitsColumn& column : table.columns) names.push_back(column.name);
  return names;
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
    const ParsedNumber flags = fits_number(column(i), source.row_);
    if (flags.kind == NumberKind::missing) return 0;
    return flags.kind == NumberKind::number ? flag_bits(flags.value) : std::nullopt;
  }
  Diagnostic at(std::size_t i, Status code, const std::string& message, Hint hint) const {
    Diagnostic diagnostic{.code = code,
                          .file = source.file_,
                          .column = column(i).name,
                          .message = fmt::format("row {}: {}", source.n_rows_, message),
                          .hint = hint};
    diagnostic.value = std::string(text(i).substr(0, 80));
    return diagnostic;
  }
};

FitsSource::FitsSource(ByteReader bytes, const std::string& file, const SourceOptions& options)
    : bytes_(std::move(bytes)), file_(file), file_id_(object_id_of(file)), options_(options) {}

TableDescription FitsSource::describe() const {
  return intake_.has_value() ? intake_->describe("FITS binary table") : TableDescription{};
}

bool FitsSource::next(SourceObject& object) {
  for (;;) {
    if (!parts_.empty()) {
      object = std::move(parts_.back());
      parts_.pop_back();
      return true;
    }
    if (auto ready = groups_.pop_ready()) {
      if (ready->take_parts(file_, plan_.columns(), parts_)) continue;
      object = ready->finish(file_, plan_.columns());
      return true;
    }
    if (file_rejection_.has_value()) {
      object = *std::exchange(file_rejection_, std::nullopt);
      return true;
    }
    if (at_end_) return false;
    try {
      if (!is_open_) open();
      if (reader_->next_row(row_)) {
        read_row();
      } else {
        if (n_rows_ == 0) throw Error(Status::no_rows, "a table without rows");
        groups_.close();
        at_end_ = true;
      }
    } catch (const Error& error) {
      fail_file(error.diagnostic());
    }
  }
}

void FitsSource::open() {
  is_open_ = true;
  const std::size_t hdu = find_table();
  reader_.emplace(DecompressedReader(bytes_.from_start()));
  for (std::size_t i = 0; i <= hdu; ++i) {
    reader_->next_hdu();
    if (i == 0) primary_ = reader_->header();
  }
  table_ = reader_->table();
  row_.resize(table_.row_bytes);
  plan();
  check_columns();
  measure_times_in_days();
  intake_.emplace(options_);
  intake_->start(plan_);
}

/// The number of the table's HDU. Reading every header says what else there is, and that the file
/// is whole.
std::size_t FitsSource::find_table() {
  FitsReader reader{DecompressedReader(bytes_.from_start())};
  std::vector<std::size_t> tables;
  std::string listed;
  for (std::size_t i = 0; reader.next_hdu(); ++i) {
    listed += fmt::format("{}{} {} {}", i > 0 ? ", " : "", i, escaped(reader.kind()),
                          escaped(reader.header().text("EXTNAME")));
    if (reader.is_light_curve_table()) tables.push_back(i);
    if (options_.hdu == i && !reader.is_light_curve_table())
      throw Error(Status::bad_header,
                  fmt::format("HDU {} is no binary table: {}", i, escaped(reader.kind())));
    if (options_.hdu == i) return i;
  }
  if (options_.hdu.has_value())
    throw Error(Status::bad_header, fmt::format("no HDU {}; there are {}", *options_.hdu, listed));
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

void FitsSource::plan() {
  std::vector<std::string> names = names_of(table_);
  const SurveyFormat* survey = options_.format == "csv" ? nullptr : find_survey_format(options_.format);
  if (survey == nullptr && options_.format != "csv") survey = recognise_survey(names);
  if (survey != nullptr && !survey->error_card.empty() && !options_.missing_error.has_value() &&
      !options_.columns.contains("flux")) {
    options_.missing_error = card(survey->error_card);
  }
  plan_ = plan_table(std::move(names), survey, options_);
  if (survey == nullptr) plan_.format = "fits";
  const auto unit = flux_unit_called(table_.columns[plan_.columns().value].unit);
  if (unit.has_value() && !plan_.columns().is_magnitude && !options_.flux_unit.has_value())
    plan_.mjy_per_unit = mjy_per_unit(*unit);
  if (survey == nullptr || survey->magnitude_card.empty() || options_.flux_unit.has_value()) return;
  const auto magnitude = card(survey->magnitude_card);
  if (!magnitude.has_value()) {
    throw Error(Status::bad_header,
                fmt::format("fluxes are relative, and {} does not say to what", survey->magnitude_card),
                {"{} takes them as they are", {{"flux-unit", "mJy"}}});
  }
  plan_.mjy_per_unit = survey->mjy_per_unit * std::pow(10.0, -0.4 * *magnitude);
}

/// What is read has to be one number a row.
void FitsSource::check_columns() const {
  const ColumnMap& columns = plan_.columns();
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
  for (const BoundRule& bound : plan_.rules) {
    if (!table_.columns[bound.column].is_number() && !table_.columns[bound.column].is_text())
      throw Error(Diagnostic{.code = Status::bad_header,
                             .column = table_.columns[bound.column].name,
                             .message = "is neither text nor one number"});
  }
}

/// Times that their unit or the survey says to be no days become days.
void FitsSource::measure_times_in_days() {
  struct TimeUnit {
    std::string_view name;
    double per_day;
  };
  constexpr std::array kUnits{
      TimeUnit{"s", 86400},      TimeUnit{"sec", 86400},     TimeUnit{"seconds", 86400},
      TimeUnit{"second", 86400}, TimeUnit{"min", 1440},      TimeUnit{"h", 24},
      TimeUnit{"hr", 24},        TimeUnit{"yr", 1 / 365.25}, TimeUnit{"a", 1 / 365.25}};
  FitsColumn& time = table_.columns[plan_.columns().time];
  const std::string unit = folded_name(time.unit);
  const SurveyFormat* const survey = plan_.survey;
  double per_day = survey != nullptr ? survey->time_units_per_day : 1;
  for (const TimeUnit& known : kUnits) {
    if (known.name == unit) per_day = known.per_day;
  }
  time.scale /= per_day;
  time.zero /= per_day;
  if (survey != nullptr && !survey->epoch_card.empty()) time.zero += card(survey->epoch_card).value_or(0);
}

void FitsSource::read_row() {
  ++n_rows_;
  const auto id_column = plan_.columns().object_id;
  const std::string id = id_column.has_value() ? fits_text(table_.columns[*id_column], row_) : file_id_;
  ObjectBuilder& object =
      id.empty() ? groups_.without_id(id) : groups_.find_or_add(id, static_cast<std::int64_t>(n_rows_));
  const std::size_t before = object.memory_bytes();
  if (id.empty())
    object.reject(
        {.code = Status::bad_id, .file = file_, .message = fmt::format("row {}: the id is empty", n_rows_)});
  intake_->take(object, Cells{*this});
  groups_.account(before, object.memory_bytes());
  if (id_column.has_value() && !groups_.is_streaming() && groups_.must_stream(options_.memory_bytes))
    groups_.start_streaming();
}

void FitsSource::fail_file(Diagnostic diagnostic) {
  at_end_ = true;
  diagnostic.file = file_;
  if (groups_.close_rejecting(diagnostic) > 0) return;
  diagnostic.object_id = file_id_;
  file_rejection_ = rejected_object(std::move(diagnostic));
}

}  // namespace astrom3
