// SPDX-License-Identifier: MIT
#include "source/text_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <span>
#include <utility>

#include "base/number.h"
#include "formats/csv.h"
#include "formats/table_header.h"
#include "source/column_names.h"
#include "source/photometry.h"

namespace astrom3 {
namespace {

constexpr std::size_t kMaxHeaderLines = 1000;

struct Line {
  std::string_view text;  // without line end; comments keep their '#'
  std::int64_t number = 0;
  std::size_t end = 0;  // offset behind its line end
  bool is_comment = false;
};

/// The lines of `head` that are not blank, at most kMaxHeaderLines; a line that `head` cuts off is
/// left out.
std::vector<Line> first_lines(std::string_view head, bool complete, char line_end) {
  std::vector<Line> lines;
  std::int64_t number = 0;
  for (std::size_t begin = 0; begin < head.size() && lines.size() < kMaxHeaderLines;) {
    std::size_t stop = head.find(line_end, begin);
    if (stop == std::string_view::npos) {
      if (!complete) break;
      stop = head.size();
    }
    std::string_view text = head.substr(begin, stop - begin);
    if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
    ++number;
    begin = std::min(stop + 1, head.size());
    if (!trimmed(text).empty()) lines.push_back({text, number, begin, text.front() == '#'});
  }
  return lines;
}

/// Text that names columns, without the '#' in front.
std::string_view header_text(std::string_view line) {
  while (!line.empty() && (line.front() == '#' || line.front() == ' ' || line.front() == '\t'))
    line.remove_prefix(1);
  return line;
}

/// Whether at least half of the fields are numbers, missing values or limits, and at least one is a
/// number.
bool looks_like_data(std::string_view line, char delimiter, const SourceOptions& options) {
  const NumberStyle style{options.decimal, options.d_exponent};
  std::size_t n_numbers = 0;
  std::size_t n_numeric = 0;
  const std::vector<std::string> fields = copy_fields(line, delimiter);
  for (const std::string& field : fields) {
    const NumberKind kind = parse_number(field, style).kind;
    n_numbers += kind == NumberKind::number;
    n_numeric += kind != NumberKind::not_a_number;
  }
  return n_numbers > 0 && 2 * n_numeric >= fields.size();
}

/// Whether any field (or, with `first_only`, the first) is a number: such a line may be a damaged
/// row, and is no title to be skipped.
bool holds_a_number(std::string_view line, char delimiter, bool first_only, const SourceOptions& options) {
  std::vector<std::string> fields = copy_fields(line, delimiter);
  if (first_only && fields.size() > 1) fields.resize(1);
  return std::any_of(fields.begin(), fields.end(), [&](const std::string& field) {
    return parse_number(field, {options.decimal, options.d_exponent}).kind == NumberKind::number;
  });
}

bool names_columns(const Line& line, const SourceOptions& options) {
  const std::string_view text = header_text(line.text);
  const std::vector<std::string> fields = copy_fields(text, guess_delimiter(text, options.decimal));
  if (const SurveyFormat* named = find_survey_format(options.format))
    return recognise_survey(fields) == named;
  if (options.format != "csv" && recognise_survey(fields) != nullptr) return true;
  const std::vector<std::string_view> views(fields.begin(), fields.end());
  return names_a_light_curve(views, options);
}

/// The five columns of ASAS-SN's variable star files carry their own proof: flux follows from
/// magnitude. Returns the band whose zero point fits, or nothing.
std::optional<std::string> asassn_band(std::string_view line) {
  const std::vector<std::string> fields = copy_fields(line, CsvDialect::kBlanks);
  std::array<double, 5> values{};
  if (fields.size() != values.size()) return std::nullopt;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const ParsedNumber number = parse_number(fields[i]);
    if (number.kind != NumberKind::number) return std::nullopt;
    values[i] = number.value;
  }
  for (const std::string_view band : {"V", "g"}) {
    const FluxWithError expected = flux_from_magnitude(values[1], values[2], *default_zero_point_jy(band));
    // Both columns are rounded to about three digits; the two zero points differ by 5.5 %.
    if (std::abs(values[3] - expected.flux) <= 0.025 * expected.flux) return std::string(band);
  }
  return std::nullopt;
}

struct HeaderSearch {
  const Line* naming = nullptr;  // the last line that names columns
  const Line* data = nullptr;    // the first line of numbers
  const Line* late = nullptr;    // names columns, but below data
};

HeaderSearch search_header(std::span<const Line> lines, const SourceOptions& options) {
  HeaderSearch found;
  for (const Line& line : lines) {
    if (found.data != nullptr && (&line - found.data) > 3) break;
    if (names_columns(line, options)) {
      (found.data == nullptr ? found.naming : found.late) = &line;
    } else if (found.data == nullptr && !line.is_comment) {
      const char delimiter = guess_delimiter(line.text, options.decimal);
      if (looks_like_data(line.text, delimiter, options)) found.data = &line;
    }
  }
  return found;
}

[[noreturn]] void fail_at(const Line& line, Status code, std::string message, Hint hint = {}) {
  throw Error(Diagnostic{.code = code,
                         .line = line.number,
                         .value = std::string(line.text.substr(0, 80)),
                         .message = std::move(message),
                         .hint = std::move(hint)});
}

/// A table whose columns have no names, only numbers.
TextLayout numbered_layout(std::span<const Line> lines, const Line& data, const SourceOptions& options) {
  TextLayout layout;
  layout.delimiter = guess_delimiter(data.text, options.decimal);
  layout.plan = plan_numbered_table(copy_fields(data.text, layout.delimiter).size(),
                                    find_survey_format(options.format), options);
  for (const Line& line : lines) {
    if (&line == &data || (!line.is_comment && holds_a_number(line.text, layout.delimiter, false, options)))
      break;
    layout.header_bytes = line.end;
    layout.header_lines = line.number;
  }
  return layout;
}

/// Whether the options say what the fields of a table without header are.
bool knows_fields(const SourceOptions& options) {
  const SurveyFormat* named = find_survey_format(options.format);
  return columns_are_numbers(options) || (named != nullptr && named->signature.empty());
}

/// Two header lines that name nothing above the five columns of ASAS-SN's database.
std::optional<TextLayout> unnamed_asassn_layout(std::span<const Line> lines, const Line& data,
                                                const SourceOptions& options) {
  const auto n_above = &data - lines.data();
  if (n_above != 2 || !options.columns.empty()) return std::nullopt;
  const auto is_row = [&](const Line& line) {
    return !line.is_comment && holds_a_number(line.text, CsvDialect::kBlanks, true, options);
  };
  if (std::any_of(lines.begin(), lines.begin() + n_above, is_row)) return std::nullopt;
  const auto band = asassn_band(data.text);
  if (!band.has_value()) return std::nullopt;
  TextLayout layout;
  layout.delimiter = CsvDialect::kBlanks;
  layout.plan = plan_table(
      {.names = {"HJD", "MAG", "MAG_ERR", "FLUX", "FLUX_ERR"}, .units = {"", "", "", "mJy", "mJy"}}, nullptr,
      options);
  layout.plan.format = "asassn_dat";
  layout.plan.band = *band;
  layout.header_bytes = (&data - 1)->end;
  layout.header_lines = (&data - 1)->number;
  return layout;
}

/// The line above the data; without data, the first line that is no comment. Null where the data are first.
const Line* line_above_data(std::span<const Line> lines, const Line* data) {
  const Line* header = nullptr;
  for (const Line& line : lines) {
    if (&line == data) break;
    if (header == nullptr || header->is_comment || (!line.is_comment && data != nullptr)) header = &line;
  }
  return header;
}

TextLayout unnamed_layout(std::span<const Line> lines, const HeaderSearch& found,
                          const SourceOptions& options) {
  if (found.data != nullptr) {
    if (knows_fields(options)) return numbered_layout(lines, *found.data, options);
    if (auto layout = unnamed_asassn_layout(lines, *found.data, options)) return *std::move(layout);
    if (found.late != nullptr) {
      fail_at(
          *found.data, Status::bad_header,
          fmt::format("this line is data but stands above the column names in line {}", found.late->number));
    }
  }
  if (const SurveyFormat* named = find_survey_format(options.format);
      named != nullptr && !named->signature.empty()) {
    std::string wanted(named->signature);
    std::replace(wanted.begin(), wanted.end(), '|', ',');
    fail_at(lines.front(), Status::bad_header,
            fmt::format("no line names the columns of {}: {}", named->title, wanted),
            "is it another format?");
  }
  // Let the column search say what the header lacks.
  const Line* const header = line_above_data(lines, found.data);
  if (header == nullptr) {
    fail_at(lines.front(), Status::bad_header, "no line names the columns; the first one is data",
            {"name the columns by field number, e.g. {}, or the format, e.g. {}",
             {{"columns", "time=1,mag=2,mag_err=3"}, {"format", "ogle"}}});
  }
  const std::string_view text = header_text(header->text);
  const ColumnLabels labels{.names = copy_fields(text, guess_delimiter(text, options.decimal))};
  try {
    (void)map_columns(labels, options);
  } catch (const Error& error) {
    Diagnostic diagnostic = error.diagnostic();
    diagnostic.line = header->number;
    throw Error(std::move(diagnostic));
  }
  fail_at(*header, Status::bad_header, "the columns cannot be recognised in this line");
}

/// The fields between the '|' of a line of an IPAC table.
std::vector<std::string> ipac_fields(std::string_view line) {
  line = trimmed(line);
  line.remove_prefix(1);
  if (line.ends_with('|')) line.remove_suffix(1);
  return copy_fields(line, '|');
}

/// A table of IRSA or the NASA Exoplanet Archive: keywords behind '\', lines of names, types, units and
/// nulls between '|', and rows aligned with blanks; nothing where this is none. A unit of flux joins the name
/// of its column.
/// Source  IPAC Table Format Definition, https://irsa.ipac.caltech.edu/applications/DDGEN/Doc/ipac_tbl.html
std::optional<TextLayout> ipac_layout(std::span<const Line> lines, const SourceOptions& options) {
  constexpr std::size_t kUnitLine = 2;
  const auto is_keyword = [](const Line& line) { return line.text.front() == '\\'; };
  const auto first = std::find_if_not(lines.begin(), lines.end(), is_keyword);
  const auto is_header = [](const Line& line) { return trimmed(line.text).front() == '|'; };
  const auto rows = std::find_if_not(first, lines.end(), is_header);
  if (first == rows) return std::nullopt;
  TextLayout layout;
  layout.delimiter = CsvDialect::kBlanks;
  layout.header_bytes = (rows - 1)->end;
  layout.header_lines = (rows - 1)->number;
  ColumnLabels labels{.names = ipac_fields(first->text)};
  if (rows - first > static_cast<std::ptrdiff_t>(kUnitLine)) {
    labels.units = ipac_fields((first + kUnitLine)->text);
    for (std::string& unit : labels.units) {
      if (unit == "-" || unit == "--" || folded_name(unit) == "null") unit.clear();
    }
  }
  const SurveyFormat* const survey = survey_of(labels.names, options);
  try {
    layout.plan = plan_table(std::move(labels), survey, options);
  } catch (const Error& error) {
    Diagnostic diagnostic = error.diagnostic();
    diagnostic.line = first->number;
    throw Error(std::move(diagnostic));
  }
  if (survey == nullptr) layout.plan.format = "ipac";
  return layout;
}

/// What stands behind `key` up to a comma or brace; a text in quotes whole, without them.
std::string_view value_behind(std::string_view text, std::string_view key) {
  const std::size_t at = text.find(key);
  if (at == std::string_view::npos) return {};
  text = trimmed(text.substr(at + key.size()));
  const char quote = text.empty() ? '\0' : text.front();
  if (quote == '"' || quote == '\'') return text.substr(1, text.find(quote, 1) - 1);
  return trimmed(text.substr(0, text.find_first_of(",}")));
}

/// ECSV writes the units above the names, "# - {name: flux, unit: uJy, datatype: float64}".
/// Source  Aldcroft 2021, APE 6, https://github.com/astropy/astropy-APEs/blob/main/APE6.rst
void add_ecsv_units(std::span<const Line> lines, ColumnLabels& labels) {
  if (!lines.front().text.starts_with("# %ECSV")) return;
  labels.units.resize(labels.names.size());
  for (const Line& line : lines) {
    if (!line.is_comment) return;
    const auto named =
        std::find(labels.names.begin(), labels.names.end(), value_behind(line.text, "{name: "));
    const std::string_view unit = value_behind(line.text, "unit: ");
    if (named != labels.names.end() && !unit.empty())
      labels.units[static_cast<std::size_t>(named - labels.names.begin())] = unit;
  }
}

/// The delimiter of the rows: the header's own, unless the header is a comment or a survey's, which
/// may be written otherwise than the rows.
char row_delimiter(const Line& header, const Line* data, std::size_t n_names, bool is_survey,
                   const SourceOptions& options) {
  const char of_header = guess_delimiter(header_text(header.text), options.decimal);
  if ((!header.is_comment && !is_survey) || data == nullptr) return of_header;
  const char of_data = guess_delimiter(data->text, options.decimal);
  return copy_fields(data->text, of_data).size() == n_names ? of_data : of_header;
}

/// Below the names in a table of blanks or tabs one line of units or dashes may stand: text without
/// any digit, in which not every field is a word for a missing value.
const Line* last_header_line(const Line* naming, const Line* data, char delimiter) {
  if (delimiter == ',' || delimiter == ';' || data == nullptr || data - naming != 2) return naming;
  const Line* const below = naming + 1;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (std::any_of(below->text.begin(), below->text.end(), is_digit)) return naming;
  const std::vector<std::string> fields = copy_fields(below->text, delimiter);
  const bool has_word = std::any_of(fields.begin(), fields.end(), [](const std::string& field) {
    return parse_number(field).kind == NumberKind::not_a_number;
  });
  return has_word ? below : naming;
}

}  // namespace

TextLayout recognise_layout(std::string_view head, bool complete, char line_end,
                            const SourceOptions& options) {
  const std::vector<Line> lines = first_lines(head, complete, line_end);
  if (lines.empty()) {
    if (!complete)
      throw Error(Diagnostic{.code = Status::line_too_long, .line = 1, .message = "longer than 1 MiB"});
    throw Error(Status::no_rows, "nothing but blank lines");
  }
  if (auto layout = ipac_layout(lines, options)) return *std::move(layout);
  const HeaderSearch found = search_header(lines, options);
  if (found.naming == nullptr) return unnamed_layout(lines, found, options);

  TextLayout layout;
  const std::string_view text = header_text(found.naming->text);
  ColumnLabels labels{.names = copy_fields(text, guess_delimiter(text, options.decimal))};
  add_ecsv_units(lines, labels);
  const SurveyFormat* const survey = survey_of(labels.names, options);
  layout.delimiter =
      row_delimiter(*found.naming, found.data, labels.names.size(), survey != nullptr, options);
  const Line* const last = last_header_line(found.naming, found.data, layout.delimiter);
  layout.header_bytes = last->end;
  layout.header_lines = last->number;
  try {
    layout.plan = plan_table(std::move(labels), survey, options);
  } catch (const Error& error) {
    Diagnostic diagnostic = error.diagnostic();
    diagnostic.line = found.naming->number;
    throw Error(std::move(diagnostic));
  }
  if (survey == nullptr) layout.plan.format = layout.delimiter == CsvDialect::kBlanks ? "dat" : "csv";
  return layout;
}

}  // namespace astrom3
