// SPDX-License-Identifier: MIT
#include "formats/table_header.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

#include "astrom3/error.h"
#include "formats/csv.h"
#include "formats/number.h"

namespace astrom3 {

std::vector<std::string> copy_fields(std::string_view line, char delimiter) {
  std::string copy(line);
  std::vector<std::string_view> views;
  split_fields(copy, delimiter, views);
  std::vector<std::string> fields;
  fields.reserve(views.size());
  for (const std::string_view field : views) fields.emplace_back(trimmed(field));
  return fields;
}

char guess_delimiter(std::string_view line, char decimal) {
  char best = CsvDialect::kBlanks;
  std::ptrdiff_t best_count = 0;
  for (const char candidate : {',', ';', '\t'}) {
    if (candidate == decimal) continue;
    const auto count = std::count(line.begin(), line.end(), candidate);
    if (count > best_count) {
      best_count = count;
      best = candidate;
    }
  }
  if (best_count == 0 && decimal == ',' && line.find(',') != std::string_view::npos &&
      trimmed(line).find_first_of(" \t") == std::string_view::npos) {
    return ',';
  }
  return best;
}

std::string folded_name(std::string_view name) {
  while (!name.empty() && (name.front() == '#' || name.front() == ' ' || name.front() == '\t')) {
    name.remove_prefix(1);
  }
  std::string folded(trimmed(name));
  for (char& c : folded) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return folded;
}

std::optional<std::size_t> find_column(std::string_view wanted, std::span<const std::string> names) {
  const auto find_unique = [&](auto matches) -> std::optional<std::size_t> {
    const auto first = std::find_if(names.begin(), names.end(), matches);
    if (first == names.end()) return std::nullopt;
    const auto second = std::find_if(first + 1, names.end(), matches);
    if (second != names.end()) {
      throw Error(Diagnostic{.code = Status::ambiguous_column,
                             .field = second - names.begin() + 1,
                             .column = std::string(trimmed(*second)),
                             .message = fmt::format("is there more than once (fields {} and {})",
                                                    first - names.begin() + 1, second - names.begin() + 1),
                             .hint = {"rename one, or choose with {}", {{"columns"}}}});
    }
    return static_cast<std::size_t>(first - names.begin());
  };
  const auto exact = find_unique([&](const std::string& name) { return trimmed(name) == wanted; });
  if (exact.has_value()) return exact;
  const std::string folded = folded_name(wanted);
  return find_unique([&](const std::string& name) { return folded_name(name) == folded; });
}

}  // namespace astrom3
