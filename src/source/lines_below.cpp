// SPDX-License-Identifier: MIT
#include "source/lines_below.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/base/error.h"
#include "base/number.h"
#include "formats/csv.h"
#include "formats/table_header.h"
#include "source/column_names.h"
#include "source/text_lines.h"
#include "source/units.h"

namespace astrom3 {
namespace {

constexpr std::array<std::string_view, 24> kTypes{
    "float",   "double", "real",  "int",   "integer", "long",    "short",   "char",
    "string",  "str",    "text",  "bool",  "object",  "date",    "byte",    "float32",
    "float64", "int32",  "int64", "int16", "uint8",   "varchar", "boolean", "bigint"};

/// "[mag]" and "(d)" as "mag" and "d".
std::string_view without_brackets(std::string_view field) {
  const bool has_them = field.size() > 2 && ((field.front() == '[' && field.back() == ']') ||
                                             (field.front() == '(' && field.back() == ')'));
  return has_them ? trimmed(field.substr(1, field.size() - 2)) : field;
}

bool says_nothing(std::string_view field) {
  return parse_number(field).kind == NumberKind::missing;
}

template <typename Is>
bool all_words(std::span<const std::string> fields, const Is& is) {
  bool any = false;
  for (const std::string& field : fields) {
    if (field.empty()) continue;
    if (!is(field)) return false;
    any = true;
  }
  return any;
}

bool are_dashes(std::span<const std::string> fields) {
  const auto is_dash = [](const std::string& field) {
    return field.find_first_not_of("-=+: ") == std::string::npos;
  };
  return all_words(fields, is_dash) &&
         std::any_of(fields.begin(), fields.end(), [](const std::string& field) { return field.size() > 2; });
}

/// The types of RDB: "N" and "16S", numbers and strings with or without their widths.
bool are_rdb_types(std::span<const std::string> fields, char delimiter) {
  const auto is_type = [](const std::string& field) {
    return field.find_first_not_of("0123456789") == field.size() - 1 &&
           (field.back() == 'N' || field.back() == 'S');
  };
  return delimiter == '\t' && all_words(fields, is_type) &&
         std::any_of(fields.begin(), fields.end(),
                     [](const std::string& field) { return field.ends_with('N'); });
}

bool are_types(std::span<const std::string> fields) {
  return all_words(fields, [](const std::string& field) {
    return std::find(kTypes.begin(), kTypes.end(), folded_name(field)) != kTypes.end();
  });
}

/// Whether no field could be data: text without any digit, and no word for a missing value.
bool are_words(std::string_view line, std::span<const std::string> fields) {
  if (std::any_of(line.begin(), line.end(), [](char c) { return c >= '0' && c <= '9'; })) return false;
  return std::all_of(fields.begin(), fields.end(), [](const std::string& field) {
    return parse_number(field).kind == NumberKind::not_a_number;
  });
}

void take_units(std::span<const std::string> fields, ColumnLabels& labels) {
  labels.units.resize(labels.names.size());
  for (std::size_t i = 0; i < std::min(fields.size(), labels.names.size()); ++i) {
    if (!says_nothing(fields[i])) labels.units[i] = without_brackets(fields[i]);
  }
}

/// Whether a line holds units; they are written to `labels`.
bool take_as_units(const TextLine& line, std::span<const std::string> fields, char delimiter,
                   ColumnLabels& labels) {
  const auto n_said = std::count_if(fields.begin(), fields.end(),
                                    [](const std::string& field) { return !says_nothing(field); });
  const bool is_known = are_known_units(fields) && n_said >= 2;
  const bool fits = fields.size() == labels.names.size();
  if (line.is_comment) {
    if (fits && is_known) take_units(fields, labels);
    return false;  // the reader of rows skips it
  }
  if (!is_known && !are_words(line.text, fields)) return false;
  if (fits) {
    take_units(fields, labels);
    return true;
  }
  const bool is_aligned = delimiter == CsvDialect::kBlanks || delimiter == '\t';
  if (!is_aligned || fields.size() > labels.names.size()) return is_aligned && !is_known;
  // It is not known to which columns they belong; this does not matter if they are the default units.
  const bool matters = std::any_of(fields.begin(), fields.end(), [](const std::string& field) {
    const Unit unit = parse_unit(without_brackets(field));
    return unit.kind != UnitKind::none && unit.kind != UnitKind::unknown && unit.scale != 1;
  });
  if (!matters) return true;
  throw Error(Diagnostic{.code = Status::bad_header,
                         .line = line.number,
                         .value = std::string(line.text.substr(0, 80)),
                         .message = "units stand below fewer columns than there are names",
                         .hint = "write a dash below columns without a unit"});
}

}  // namespace

bool are_known_units(std::span<const std::string> fields) {
  return all_words(fields, [](const std::string& field) {
    return says_nothing(field) || parse_unit(without_brackets(field)).kind != UnitKind::unknown;
  });
}

const TextLine& last_header_line(const TextLine& naming, std::span<const TextLine> lines,
                                 const TextLine* data, char delimiter, ColumnLabels& labels) {
  const TextLine* last = &naming;
  if (data == nullptr) return *last;
  for (const TextLine& line : lines) {
    if (&line == data) break;
    const std::string_view text = line.is_comment ? header_text(line.text) : line.text;
    std::vector<std::string> fields = copy_fields(text, delimiter);
    while (fields.size() > labels.names.size() && fields.back().empty()) fields.pop_back();
    const bool is_header = are_dashes(fields) || are_types(fields) || are_rdb_types(fields, delimiter);
    if (line.is_keyword || (line.is_comment && is_header)) continue;
    if (!is_header && !take_as_units(line, fields, delimiter, labels)) {
      if (!line.is_comment) break;
      continue;
    }
    last = &line;
  }
  return *last;
}

}  // namespace astrom3
