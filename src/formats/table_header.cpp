// SPDX-License-Identifier: MIT
#include "formats/table_header.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/base/error.h"
#include "base/number.h"
#include "formats/csv.h"
#include "formats/text_encoding.h"

namespace astrom3 {
namespace {

/// `line` without what is in quotes, where it has quotes and they close; else nothing.
std::string without_quoted(std::string_view line) {
  if (line.find('"') == std::string_view::npos) return {};
  std::string kept;
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') quoted = !quoted;
    if (c == '"' || !quoted) kept += c;
  }
  return quoted ? std::string{} : kept;
}

constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string_view without_marks(std::string_view name) noexcept {
  while (!name.empty() && (name.front() == '#' || name.front() == ' ' || name.front() == '\t'))
    name.remove_prefix(1);
  return trimmed(name);
}

}  // namespace

TextTraits begin_table(CsvReader& reader) {
  const std::string_view head = reader.peek(kHeadBytes);
  if (head.empty()) throw Error(Status::empty_file, "the file is empty");
  TextTraits traits = examine_text(head);
  if (traits.status != Status::ok) throw Error(traits.status, traits.message);
  reader.skip(traits.bom_bytes, 0);
  return traits;
}

std::string_view skip_to_header(CsvReader& reader, char line_end) {
  for (std::size_t ahead = 1;;) {
    const std::string_view head = reader.peek(ahead);
    const std::size_t stop = head.find(line_end);
    const bool is_whole = stop != std::string_view::npos || head.size() < ahead;
    if (!is_whole && head.size() <= CsvReader::kMaxRecord) {
      ahead = head.size() + 1;
      continue;
    }
    const std::string_view line = head.substr(0, stop);
    const bool is_blank = line.find_first_not_of(" \t\r") == std::string_view::npos;
    if (!is_whole || head.empty() || (!is_blank && line.front() != CsvDialect{}.comment)) return line;
    reader.skip(std::min(line.size() + 1, head.size()), 1);
    ahead = 1;
  }
}

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
  const std::string unquoted = without_quoted(line);
  if (!unquoted.empty()) line = unquoted;
  char best = CsvDialect::kBlanks;
  std::ptrdiff_t best_count = 0;
  for (const char candidate : {',', ';', '\t', '|'}) {
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

std::string listed(std::span<const std::string> names) {
  constexpr std::size_t kMost = 40;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kMost); ++i)
    text += (i == 0 ? "" : ", ") + escaped(names[i]);
  if (names.size() > kMost) text += fmt::format(", and {} more", names.size() - kMost);
  return text;
}

std::string folded_name(std::string_view name) {
  std::string folded(without_marks(name));
  for (char& c : folded) c = lower(c);
  return folded;
}

bool folds_to(std::string_view name, std::string_view folded) noexcept {
  name = without_marks(name);
  return std::equal(name.begin(), name.end(), folded.begin(), folded.end(),
                    [](char a, char b) { return lower(a) == b; });
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
  return find_unique([&](const std::string& name) { return folds_to(name, folded); });
}

}  // namespace astrom3
