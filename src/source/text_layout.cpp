// SPDX-License-Identifier: MIT
#include "source/text_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/source/source.h"
#include "base/number.h"
#include "formats/csv.h"
#include "formats/ecsv_header.h"
#include "formats/table_header.h"
#include "source/column_names.h"
#include "source/columns.h"
#include "source/keyed_text.h"
#include "source/lines_below.h"
#include "source/photometry.h"
#include "source/survey_formats.h"
#include "source/table_plan.h"
#include "source/text_lines.h"

namespace astrom3 {
namespace {

using Line = TextLine;

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
/// row, and is not a title that can be skipped.
bool holds_a_number(std::string_view line, char delimiter, bool first_only, const SourceOptions& options) {
  std::vector<std::string> fields = copy_fields(line, delimiter);
  if (first_only && fields.size() > 1) fields.resize(1);
  return std::any_of(fields.begin(), fields.end(), [&](const std::string& field) {
    return parse_number(field, {options.decimal, options.d_exponent}).kind == NumberKind::number;
  });
}

bool names_columns(const Line& line, const SourceOptions& options) {
  if (line.is_keyword) return false;
  const std::string_view text = header_text(line.text);
  const std::vector<std::string> fields = copy_fields(text, guess_delimiter(text, options.decimal));
  if (const SurveyFormat* named = find_survey_format(options.format))
    return recognise_survey(fields) == named;
  if (options.format != "csv" && recognise_survey(fields) != nullptr) return true;
  const std::vector<std::string_view> views(fields.begin(), fields.end());
  return names_a_light_curve(views, options);
}

/// The five columns of ASAS-SN's variable star files can be recognised because flux and magnitude
/// agree. Returns the band whose zero point fits, or nothing.
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
  const Line* prose = nullptr;   // a comment with the words of a header that the rows do not fit
};

std::vector<std::string> fields_of(std::string_view text, const SourceOptions& options) {
  std::vector<std::string> fields = copy_fields(text, guess_delimiter(text, options.decimal));
  while (fields.size() > 1 && fields.back().empty()) fields.pop_back();
  return fields;
}

/// Whether a comment with the words of a header is prose: it has not as many fields as the first rows,
/// separated by anything that may separate them. One of them may be damaged.
bool is_prose(const Line& line, std::span<const Line> lines, const Line& data, const SourceOptions& options) {
  if (!line.is_comment) return false;
  const std::vector<std::string> names = fields_of(header_text(line.text), options);
  if (recognise_survey(names) != nullptr) return false;
  const auto rows = lines.subspan(static_cast<std::size_t>(&data - lines.data()));
  return std::none_of(rows.begin(), rows.begin() + std::min<std::ptrdiff_t>(std::ssize(rows), 4),
                      [&](const Line& row) {
                        return fields_of(row.text, options).size() == names.size() ||
                               copy_fields(row.text, CsvDialect::kBlanks).size() == names.size();
                      });
}

/// Whether `line` holds the units of the columns that `names` names: "MJD mJy mJy" could name columns, too.
bool are_units_below(const Line& line, const Line* names, const SourceOptions& options) {
  if (names == nullptr) return false;
  const std::vector<std::string> fields = fields_of(header_text(line.text), options);
  return fields.size() == fields_of(header_text(names->text), options).size() && are_known_units(fields);
}

HeaderSearch search_header(std::span<const Line> lines, const SourceOptions& options) {
  HeaderSearch found;
  std::vector<const Line*> candidates;
  for (const Line& line : lines) {
    if (found.data != nullptr && (&line - found.data) > 3) break;
    if (names_columns(line, options)) {
      if (found.data != nullptr) {
        found.late = &line;
      } else if (!are_units_below(line, candidates.empty() ? nullptr : candidates.back(), options)) {
        candidates.push_back(&line);
      }
    } else if (found.data == nullptr && !line.is_comment) {
      const char delimiter = guess_delimiter(line.text, options.decimal);
      if (looks_like_data(line.text, delimiter, options)) found.data = &line;
    }
  }
  while (!candidates.empty() && found.data != nullptr &&
         is_prose(*candidates.back(), lines, *found.data, options)) {
    if (found.prose == nullptr) found.prose = candidates.back();
    candidates.pop_back();
  }
  if (!candidates.empty()) found.naming = candidates.back();
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
  std::vector<std::string> fields = copy_fields(data.text, layout.delimiter);
  layout.plan = plan_numbered_table(fields.size(), find_survey_format(options.format), options);
  while (!fields.empty() && fields.back().empty()) fields.pop_back();
  layout.n_required = fields.size();
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

/// Two header lines without names above the five columns of ASAS-SN's database.
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

/// Says why no line names the columns.
[[noreturn]] void fail_without_header(std::span<const Line> lines, const HeaderSearch& found,
                                      const SourceOptions& options) {
  const Line* const header = line_above_data(lines, found.data);
  const bool is_no_header =
      header != nullptr && found.data != nullptr && is_prose(*header, lines, *found.data, options);
  if (const Line* const prose = is_no_header ? header : found.prose; prose != nullptr) {
    fail_at(*prose, Status::bad_header,
            fmt::format("this comment is no header: the rows have {} fields",
                        fields_of(found.data->text, options).size()),
            {"name the columns by field number, e.g. {}", {{"columns", "time=1,mag=2,mag_err=3"}}});
  }
  if (header == nullptr) {
    fail_at(lines.front(), Status::bad_header, "no line names the columns; the first one is data",
            {"name the columns by field number, e.g. {}, or the format, e.g. {}",
             {{"columns", "time=1,mag=2,mag_err=3"}, {"format", "ogle"}}});
  }
  // The column search says what the header lacks.
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
  fail_without_header(lines, found, options);
}

/// plan_table() for names in the line `naming`.
TablePlan plan_named(const Line& naming, ColumnLabels labels, const SurveyFormat* survey,
                     const SourceOptions& options) {
  try {
    return plan_table(std::move(labels), survey, options);
  } catch (const Error& error) {
    Diagnostic diagnostic = error.diagnostic();
    diagnostic.line = naming.number;
    throw Error(std::move(diagnostic));
  }
}

/// The fields between the '|' of a line of an IPAC table.
std::vector<std::string> ipac_fields(std::string_view line) {
  line = trimmed(line);
  line.remove_prefix(1);
  if (line.ends_with('|')) line.remove_suffix(1);
  return copy_fields(line, '|');
}

/// A table of IRSA or the NASA Exoplanet Archive: keywords behind '\', lines of names, types, units and
/// nulls between '|', and rows aligned with blanks; nothing if this is no such table. A unit of flux is added
/// to the name of its column.
/// Source  IPAC Table Format Definition, https://irsa.ipac.caltech.edu/applications/DDGEN/Doc/ipac_tbl.html
std::optional<TextLayout> ipac_layout(std::span<const Line> lines, const SourceOptions& options) {
  constexpr std::size_t kUnitLine = 2, kMostHeaderLines = 4;
  const auto is_keyword = [](const Line& line) { return line.text.front() == '\\'; };
  const auto first = std::find_if_not(lines.begin(), lines.end(), is_keyword);
  const auto is_header = [](const Line& line) { return trimmed(line.text).front() == '|'; };
  const auto rows = std::find_if_not(first, lines.end(), is_header);
  // In a table that people draw, all rows stand between bars.
  if (first == rows || rows - first > static_cast<std::ptrdiff_t>(kMostHeaderLines)) return std::nullopt;
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
  layout.plan = plan_named(*first, std::move(labels), survey, options);
  if (survey == nullptr) layout.plan.format = "ipac";
  return layout;
}

bool is_text(const EcsvColumn& column) {
  return column.datatype == "string" || column.datatype == "str";
}

/// The unit of the numbers that ECSV keeps of an astropy Time, and "" if it keeps texts. A format whose years
/// differ in length is its own unit, which is then unknown.
std::string unit_of_time(const EcsvColumn& column) {
  constexpr std::array kUnits{std::pair{"mjd", "d"},    std::pair{"jd", "d"},     std::pair{"plot_date", "d"},
                              std::pair{"jyear", "yr"}, std::pair{"unix", "s"},   std::pair{"unix_tai", "s"},
                              std::pair{"gps", "s"},    std::pair{"cxcsec", "s"}, std::pair{"galexsec", "s"},
                              std::pair{"sec", "s"}};
  const std::string& format = column.time_format;
  const auto known =
      std::find_if(kUnits.begin(), kUnits.end(), [&](const auto& unit) { return format == unit.first; });
  if (known != kUnits.end()) return known->second;
  return is_text(column) ? std::string{} : format;
}

/// Throws Error bad_header if the column of the times holds no numbers, or only a part of each time.
void check_ecsv_time(const EcsvColumn& time, const Line& naming) {
  const std::string_view name = time.name;
  const bool is_half = name.ends_with(".jd1") || name.ends_with(".jd2");
  if (!is_half && !is_text(time)) return;
  throw Error(Diagnostic{.code = Status::bad_header,
                         .line = naming.number,
                         .column = time.name,
                         .message = is_half ? "the times are the sum of two columns, jd1 and jd2"
                                            : "the times are text, not numbers",
                         .hint = "write the table with the attribute mjd of its times"});
}

/// A table of astropy: the comments above the names have the units. Nothing if this is no such table.
std::optional<TextLayout> ecsv_layout(std::span<const Line> lines, const SourceOptions& options) {
  std::vector<std::string_view> comments;
  for (const Line& line : lines) {
    if (!line.is_comment) break;
    comments.push_back(line.text);
  }
  const auto header = parse_ecsv_header(comments);
  if (!header.has_value()) return std::nullopt;
  if (comments.size() == lines.size())
    fail_at(lines.back(), Status::bad_header,
            "no names of columns follow the header of this ECSV table, or it has more than 20,000 lines or 1 "
            "MiB");
  const Line& naming = lines[comments.size()];
  TextLayout layout;
  layout.delimiter = header->delimiter;
  layout.header_bytes = naming.end;
  layout.header_lines = naming.number;
  ColumnLabels labels{.names = copy_fields(naming.text, layout.delimiter)};
  if (labels.names.size() != header->columns.size() && guess_delimiter(naming.text) != layout.delimiter)
    labels.names = copy_fields(naming.text, layout.delimiter = guess_delimiter(naming.text));
  labels.units.resize(labels.names.size());
  const auto said_of = [&](const std::string& name) {
    return std::find_if(header->columns.begin(), header->columns.end(),
                        [&](const EcsvColumn& column) { return column.name == name; });
  };
  for (std::size_t i = 0; i < labels.names.size(); ++i) {
    const auto said = said_of(labels.names[i]);
    if (said == header->columns.end()) continue;
    labels.units[i] = said->unit.empty() ? unit_of_time(*said) : said->unit;
  }
  const SurveyFormat* const survey = survey_of(labels.names, options);
  layout.plan = plan_named(naming, std::move(labels), survey, options);
  const auto time = said_of(layout.plan.name_of(layout.plan.columns().time));
  if (time != header->columns.end()) check_ecsv_time(*time, naming);
  if (survey == nullptr) layout.plan.format = layout.delimiter == CsvDialect::kBlanks ? "dat" : "csv";
  return layout;
}

/// SNANA's and SALT2's text of supernovae; nothing if this is neither.
std::optional<TextLayout> keyed_layout(std::span<const Line> lines, const SourceOptions& options) {
  auto found = find_keyed_text(lines);
  if (!found.has_value()) return std::nullopt;
  TextLayout layout;
  layout.delimiter = CsvDialect::kBlanks;
  layout.header_bytes = found->naming->end;
  layout.header_lines = found->naming->number;
  layout.has_keys = found->has_keys;
  layout.object_id = std::move(found->object_id);
  SourceOptions known = options;
  if (known.id_column.empty() && found->has_keys)
    known.id_column = found->id_column.empty() ? std::string(kNoColumn) : found->id_column;
  if (!found->has_keys && find_column("Date", found->names).has_value())
    known.columns.try_emplace("time", "Date");
  const SurveyFormat* const survey = survey_of(found->names, options);
  layout.plan = plan_named(*found->naming, {.names = std::move(found->names)}, survey, known);
  if (survey == nullptr) layout.plan.format = "dat";
  return layout;
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

/// The number of names up to the last that is not blank.
std::size_t count_to_last(std::span<const std::string> names) {
  while (!names.empty() && names.back().empty()) names = names.first(names.size() - 1);
  return names.size();
}

TextLayout named_layout(std::span<const Line> lines, const HeaderSearch& found,
                        const SourceOptions& options) {
  TextLayout layout;
  const std::string_view text = header_text(found.naming->text);
  ColumnLabels labels{.names = copy_fields(text, guess_delimiter(text, options.decimal))};
  const SurveyFormat* const survey = survey_of(labels.names, options);
  layout.delimiter =
      row_delimiter(*found.naming, found.data, labels.names.size(), survey != nullptr, options);
  const auto below = lines.subspan(static_cast<std::size_t>(found.naming - lines.data()) + 1);
  const Line& last = last_header_line(*found.naming, below, found.data, layout.delimiter, labels);
  for (const Line* line = found.naming + 1; line <= &last; ++line)
    layout.below_names.emplace_back(trimmed(line->text));
  layout.header_bytes = last.end;
  layout.header_lines = last.number;
  layout.n_required = count_to_last(labels.names);
  layout.plan = plan_named(*found.naming, std::move(labels), survey, options);
  if (survey == nullptr) layout.plan.format = layout.delimiter == CsvDialect::kBlanks ? "dat" : "csv";
  return layout;
}

/// Every column is compared with every known name, which takes a second for very many columns.
void require_few_columns(std::span<const Line> lines, const SourceOptions& options) {
  constexpr std::ptrdiff_t kMostColumns = 20'000;
  for (const Line& line : lines) {
    if (std::ssize(line.text) <= kMostColumns) continue;
    const char delimiter = guess_delimiter(line.text, options.decimal);
    const bool is_blanks = delimiter == CsvDialect::kBlanks;
    const std::ptrdiff_t n = is_blanks ? std::ssize(copy_fields(line.text, delimiter))
                                       : std::count(line.text.begin(), line.text.end(), delimiter) + 1;
    if (n > kMostColumns)
      fail_at(line, Status::bad_header,
              fmt::format("{} fields; tables have at most {} columns", n, kMostColumns));
  }
}

}  // namespace

TextLayout recognise_layout(std::string_view head, bool complete, LineNumbering numbering,
                            const SourceOptions& options) {
  const std::vector<Line> lines = first_lines(head, complete, numbering);
  if (lines.empty()) {
    if (!complete)
      throw Error(Diagnostic{.code = Status::line_too_long, .line = 1, .message = "longer than 1 MiB"});
    throw Error(Status::no_rows, "nothing but blank lines");
  }
  require_few_columns(lines, options);
  if (auto layout = ipac_layout(lines, options)) return *std::move(layout);
  if (auto layout = ecsv_layout(lines, options)) return *std::move(layout);
  if (auto layout = keyed_layout(lines, options)) return *std::move(layout);
  const HeaderSearch found = search_header(lines, options);
  return found.naming != nullptr ? named_layout(lines, found, options)
                                 : unnamed_layout(lines, found, options);
}

}  // namespace astrom3
