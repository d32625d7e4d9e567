// SPDX-License-Identifier: MIT
#include "formats/parquet/astropy_notes.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "formats/parquet/trimmed.h"

namespace astrom3 {
namespace {

/// The front of a YAML mapping's text: a scalar, which it loses; nothing where the scalar has no end.
std::optional<std::string> take_scalar(std::string_view& text, std::string_view ends) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  const char quote = text.empty() ? '\0' : text.front();
  if (quote != '\'' && quote != '"') {
    const std::size_t n = std::min(text.find_first_of(ends), text.size());
    std::string plain(trimmed_text(text.substr(0, n)));
    text.remove_prefix(n);
    return plain;
  }
  std::string scalar;
  for (std::size_t i = 1; i < text.size(); ++i) {
    const bool is_escape = quote == '"' ? text[i] == '\\' : text.substr(i, 2) == "''";
    if (text[i] == quote && !is_escape) {
      text.remove_prefix(i + 1);
      text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
      return scalar;
    }
    if (is_escape && ++i == text.size()) break;
    scalar += text[i];
  }
  return {};
}

/// One column's notes.
struct Notes {
  std::string name, unit;

  void set(const std::string& key, std::string value) {
    if (key == "name") name = std::move(value);
    if (key == "unit") unit = std::move(value);
  }

  /// From `name: flux, unit: mJy`; keeps what it has where the text goes on otherwise, as with nested
  /// mappings.
  void read_pairs(std::string_view text) {
    while (!text.empty()) {
      const std::optional<std::string> key = take_scalar(text, ":");
      if (!key.has_value() || text.empty() || text.front() != ':') return;
      text.remove_prefix(1);
      std::optional<std::string> value = take_scalar(text, ",{}[]");
      if (!value.has_value() || (!text.empty() && text.front() != ',')) return;
      set(*key, *std::move(value));
      text.remove_prefix(std::min<std::size_t>(1, text.size()));
    }
  }

  /// From one of the lines `name: flux` and `unit: mJy`.
  void read_line(std::string_view line) {
    const std::optional<std::string> key = take_scalar(line, ":");
    if (!key.has_value() || line.empty() || line.front() != ':') return;
    line.remove_prefix(1);
    if (auto value = take_scalar(line, "\n"); value.has_value()) set(*key, *std::move(value));
  }

  /// From an item of the list: a mapping in braces, or one line for each key.
  void read_item(std::string_view item) {
    item = trimmed_text(item);
    if (item.starts_with('{')) return read_pairs(item.substr(1, item.rfind('}') - 1));
    while (!item.empty()) {
      const std::size_t n = std::min(item.find('\n'), item.size());
      read_line(item.substr(0, n));
      item.remove_prefix(std::min(n + 1, item.size()));
    }
  }
};

}  // namespace

UnitsByName units_in_astropy_notes(std::string_view yaml) {
  UnitsByName units;
  std::string item;
  const auto take_item = [&] {
    Notes notes;
    notes.read_item(item);
    if (!notes.name.empty() && !notes.unit.empty()) units.emplace(notes.name, notes.unit);
    item.clear();
  };
  bool is_in_columns = false;
  while (!yaml.empty()) {
    const std::string_view line = yaml.substr(0, yaml.find('\n'));
    yaml.remove_prefix(std::min(line.size() + 1, yaml.size()));
    const bool is_item = line.starts_with("- ");
    if (is_item || !line.starts_with(' ')) take_item();
    if (!is_item && !line.starts_with(' ')) is_in_columns = trimmed_text(line) == "datatype:";
    if (is_in_columns && (is_item || !item.empty())) item.append(line.substr(2 * is_item)).append("\n");
  }
  take_item();
  return units;
}

}  // namespace astrom3
