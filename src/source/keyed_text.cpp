// SPDX-License-Identifier: MIT
#include "source/keyed_text.h"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/number.h"
#include "formats/csv.h"
#include "formats/table_header.h"
#include "source/text_lines.h"

namespace astrom3 {
namespace {

std::optional<KeyedText> find_snana(std::span<const TextLine> lines) {
  KeyedText found;
  bool begins_with_key = false;
  for (const TextLine& line : lines) {
    if (line.is_comment) continue;
    const std::vector<std::string> fields = copy_fields(line.text, CsvDialect::kBlanks);
    // Below the first key free text may stand, between DOCUMENTATION: and DOCUMENTATION_END:.
    if (!begins_with_key && (fields.empty() || !is_key(fields.front()))) return std::nullopt;
    begins_with_key = true;
    if (is_key_of_row(fields.front())) return std::nullopt;
    if (fields.front() == "SNID:" && fields.size() > 1) found.object_id = fields[1];
    if (!is_key_of_names(fields.front())) continue;
    found.names = fields;
    found.naming = &line;
    found.has_keys = true;
    if (std::find(fields.begin(), fields.end(), "CID") != fields.end()) found.id_column = "CID";
    return found;
  }
  return std::nullopt;
}

/// The word of "#word :"; empty where the line is none.
std::string_view named_by(const TextLine& line) {
  if (line.text.front() != '#') return {};
  const std::string_view text = header_text(line.text);
  const std::size_t stop = text.find(':');
  if (stop == std::string_view::npos) return {};
  const std::string_view word = trimmed(text.substr(0, stop));
  const bool is_word = !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
  });
  return is_word ? word : std::string_view{};
}

std::optional<KeyedText> find_salt(std::span<const TextLine> lines) {
  KeyedText found;
  for (const TextLine& line : lines) {
    if (!line.is_comment) return std::nullopt;
    if (line.is_keyword) continue;
    const std::string_view name = named_by(line);
    if (folded_name(name) == "end" && found.names.size() >= 2) {
      found.naming = &line;
      return found;
    }
    if (name.empty()) {
      found.names.clear();
    } else {
      found.names.emplace_back(name);
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<KeyedText> find_keyed_text(std::span<const TextLine> lines) {
  if (auto snana = find_snana(lines)) return snana;
  return find_salt(lines);
}

}  // namespace astrom3
