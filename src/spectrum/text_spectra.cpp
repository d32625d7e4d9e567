// SPDX-License-Identifier: MIT
#include "spectrum/text_spectra.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/spectrum/read_spectra.h"
#include "astrom3/spectrum/spectrum.h"
#include "astrom3/spectrum/spectrum_arrays.h"
#include "base/number.h"
#include "formats/csv.h"
#include "formats/decompressed.h"
#include "formats/ecsv_header.h"
#include "formats/table_header.h"
#include "spectrum/gaia_xp.h"
#include "spectrum/spectrum_columns.h"
#include "spectrum/spectrum_units.h"

namespace astrom3 {
namespace {

constexpr std::size_t kMaxPixels = std::size_t{1} << 20;  // no spectrum has a million of them

[[noreturn]] void fail_text(Status code, std::string message, std::int64_t line = -1, Hint hint = {}) {
  throw Error(Diagnostic{.code = code, .line = line, .message = std::move(message), .hint = std::move(hint)});
}

bool is_a_number(std::string_view field) {
  return parse_number(field).kind == NumberKind::number;
}

/// The lines at the top that begin with '#'.
std::vector<std::string> comments_of(std::string_view head, char line_end) {
  std::vector<std::string> comments;
  while (!head.empty()) {
    const std::size_t stop = head.find(line_end);
    std::string_view line = head.substr(0, stop);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!trimmed(line).empty() && !line.starts_with('#')) break;
    if (line.starts_with('#')) comments.emplace_back(line);
    head.remove_prefix(std::min(line.size() + 1, head.size()));
    if (stop == std::string_view::npos) break;
  }
  return comments;
}

class TextSpectra {
 public:
  TextSpectra(DecompressedReader bytes, const SpectrumReading& reading)
      : reader_(std::move(bytes)), reading_(reading) {}

  std::vector<SpectrumObject> read() {
    const char line_end = begin_table(reader_).line_end;
    const std::vector<std::string> comments = comments_of(reader_.peek(kHeadBytes), line_end);
    const std::vector<std::string_view> views(comments.begin(), comments.end());
    ecsv_ = parse_ecsv_header(views);
    const std::string_view first = skip_to_header(reader_, line_end);
    const char delimiter = ecsv_ ? ecsv_->delimiter : guess_delimiter(first);
    reader_.set_dialect({.delimiter = delimiter, .line_end = line_end});
    find_names(first, delimiter, comments);
    if (is_gaia_xp(names_)) return read_gaia_xp(reader_, names_);
    return {read_pixels()};
  }

 private:
  /// The names of the columns: the first line, or the last comment above numbers, or none.
  void find_names(std::string_view first, char delimiter, const std::vector<std::string>& comments) {
    const std::vector<std::string> fields = copy_fields(first, delimiter);
    const bool has_names = std::none_of(fields.begin(), fields.end(), is_a_number);
    if (has_names) {
      names_ = fields;
      CsvRecord header;
      reader_.next(header);
      return;
    }
    if (!comments.empty()) {
      const std::string_view last = std::string_view(comments.back()).substr(1);
      std::vector<std::string> words = copy_fields(trimmed(last), delimiter);
      if (words.size() != fields.size()) words = copy_fields(trimmed(last), CsvDialect::kBlanks);
      if (words.size() == fields.size() && names_a_spectrum(words)) {
        names_ = words;
        return;
      }
    }
    by_position_ = true;
    for (std::size_t i = 0; i < fields.size(); ++i) names_.push_back(fmt::format("{}", i + 1));
  }

  SpectrumColumns columns() const {
    const bool is_named = !reading_.wavelength_column.empty() && !reading_.flux_column.empty();
    if (!by_position_ || is_named) return find_spectrum_columns(names_, reading_);
    if (names_.size() < 2 || names_.size() > 4) {
      fail_text(Status::missing_column,
                fmt::format("{} columns without names: wavelength, flux and perhaps an error are 2 to 4",
                            names_.size()),
                -1, {"say which they are with {}", {{"spectrum-columns"}}});
    }
    SpectrumColumns columns;
    columns.flux = 1;
    if (names_.size() > 2) {
      columns.error = 2;
      columns.error_kind = ErrorKind::sigma;
    }
    if (!reading_.ivar_column.empty() || !reading_.error_column.empty()) {
      SpectrumReading named = reading_;
      named.wavelength_column = "1";
      named.flux_column = "2";
      return find_spectrum_columns(names_, named);
    }
    return columns;
  }

  SpectrumObject read_pixels() {
    const SpectrumColumns chosen = columns();
    SpectrumObject object;
    object.family = ecsv_ ? "ecsv" : "table";
    Spectrum& s = object.spectrum;
    if (by_position_) s.flags.set(SpectrumFlag::columns_by_position);
    std::vector<double> errors;
    for (CsvRecord record; reader_.next(record);) {
      if (record.problem != Status::ok) fail_text(record.problem, "not UTF-8 text", record.line);
      if (record.fields.size() != names_.size())
        fail_text(Status::field_count,
                  fmt::format("row has {} fields, expected {}", record.fields.size(), names_.size()),
                  record.line);
      s.wavelength.push_back(number(record, chosen.wavelength));
      s.flux.push_back(number(record, chosen.flux));
      if (chosen.error) errors.push_back(number(record, *chosen.error));
      if (s.flux.size() > kMaxPixels)
        fail_text(Status::bad_header, "no spectrum has so many pixels", record.line);
    }
    s.ivar = chosen.error ? ivar_of(errors, chosen.error_kind) : std::vector<double>(s.flux.size(), 0);
    if (!chosen.error) s.flags.set(SpectrumFlag::no_ivar);
    bring_to_units(s, units_of(chosen), reading_);
    return object;
  }

  double number(const CsvRecord& record, std::size_t column) const {
    const ParsedNumber parsed = parse_number(record.fields[column]);
    if (parsed.kind == NumberKind::number) return parsed.value;
    if (parsed.kind == NumberKind::missing) return std::numeric_limits<double>::quiet_NaN();
    if (parsed.kind == NumberKind::nonfinite) return std::numeric_limits<double>::infinity();
    fail_text(Status::not_a_number,
              fmt::format("column \"{}\": expected a number, found \"{}\"", escaped(names_[column]),
                          escaped(record.fields[column])),
              record.line);
  }

  std::string unit_text(std::size_t column) const {
    if (ecsv_) {
      for (const EcsvColumn& c : ecsv_->columns) {
        if (c.name == names_[column]) return c.unit;
      }
      return {};
    }
    return unit_in_name(names_[column]);
  }

  SpectrumUnits units_of(const SpectrumColumns& chosen) const {
    const bool has_sigma = chosen.error && chosen.error_kind == ErrorKind::sigma;
    return {.of_name = chosen.wavelength_unit,
            .wavelength = unit_text(chosen.wavelength),
            .flux = unit_text(chosen.flux),
            .sigma = has_sigma ? unit_text(*chosen.error) : ""};
  }

  CsvReader reader_;
  const SpectrumReading& reading_;
  std::optional<EcsvHeader> ecsv_;
  std::vector<std::string> names_;
  bool by_position_ = false;
};

}  // namespace

std::vector<SpectrumObject> read_text_spectra(DecompressedReader bytes, const SpectrumReading& reading) {
  return TextSpectra(std::move(bytes), reading).read();
}

}  // namespace astrom3
