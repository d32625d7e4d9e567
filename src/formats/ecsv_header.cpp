// SPDX-License-Identifier: MIT
#include "formats/ecsv_header.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/number.h"

namespace astrom3 {
namespace {

/// A text of YAML at `at`, in quotes or plain up to one of `stops` outside of nested brackets; `at` moves
/// behind it.
std::string take_scalar(std::string_view text, std::size_t& at, std::string_view stops) {
  while (at < text.size() && text[at] == ' ') ++at;
  std::string value;
  const char quote = at < text.size() ? text[at] : '\0';
  if (quote == '"' || quote == '\'') {
    for (++at; at < text.size(); ++at) {
      const bool is_escape =
          at + 1 < text.size() && (quote == '"' ? text[at] == '\\' : text.substr(at, 2) == "''");
      if (is_escape) {
        ++at;
      } else if (text[at] == quote) {
        break;
      }
      value += text[at];
    }
    while (at < text.size() && stops.find(text[at]) == std::string_view::npos) ++at;
    return value;
  }
  int depth = 0;
  for (; at < text.size(); ++at) {
    if (depth == 0 && stops.find(text[at]) != std::string_view::npos) break;
    depth += text[at] == '{' || text[at] == '[';
    depth -= text[at] == '}' || text[at] == ']';
    value += text[at];
  }
  return std::string(trimmed(value));
}

void set(EcsvColumn& column, std::string_view key, std::string value) {
  if (key == "name") column.name = std::move(value);
  if (key == "unit") column.unit = std::move(value);
  if (key == "datatype") column.datatype = std::move(value);
}

/// "{name: flux, unit: uJy, datatype: float64}", which begins at `text[0]`.
EcsvColumn column_of_braces(std::string_view text) {
  EcsvColumn column;
  for (std::size_t at = 1; at < text.size() && text[at] != '}';) {
    const std::string key = take_scalar(text, at, ":,}");
    if (at < text.size() && text[at] == ':') set(column, key, take_scalar(text, ++at, ",}"));
    if (at < text.size() && text[at] == ',') ++at;
  }
  return column;
}

/// Counts the brackets outside of quotes of a text that comes in pieces.
class Brackets {
 public:
  void take(std::string_view piece) {
    for (const char c : piece) {
      if (is_escaped_) {
        is_escaped_ = false;
      } else if (quote_ != '\0') {
        is_escaped_ = c == '\\' && quote_ == '"';
        if (c == quote_) quote_ = '\0';
      } else if ((c == '"' || c == '\'') && (before_ == ' ' || before_ == '{')) {
        quote_ = c;
      } else {
        depth_ += c == '{' || c == '[';
        depth_ -= c == '}' || c == ']';
      }
      before_ = c;
    }
  }
  bool are_closed() const { return depth_ <= 0; }

 private:
  int depth_ = 0;
  char quote_ = '\0', before_ = '\0';
  bool is_escaped_ = false;
};

/// The lines of a header one by one: what section they are in, and what they add to the columns.
class EcsvHeaderReader {
 public:
  void take(std::string_view line) {
    if (!entry_.empty()) return continue_entry(line);
    const std::size_t indent = line.find_first_not_of(' ');
    if (indent == std::string_view::npos) return;
    const std::string_view text = line.substr(indent);
    if (indent == 0 && !text.starts_with("- ")) {
      section_ = text.substr(0, text.find(':'));
      serialized_at_ = 0;
      if (section_ == "delimiter") take_delimiter(text);
    } else if (section_ == "datatype") {
      take_column(text);
    } else if (section_ == "meta") {
      take_meta(text, text.starts_with("- ") ? indent + 2 : indent);
    }
  }

  EcsvHeader header;

 private:
  void take_delimiter(std::string_view text) {
    std::size_t at = text.find(':') + 1;
    const std::string value = take_scalar(text, at, "#");
    if (value.size() == 1) header.delimiter = value.front();
    if (value == "\\t") header.delimiter = '\t';
  }

  void continue_entry(std::string_view line) {
    add_to_entry(" ");
    add_to_entry(trimmed(line));
    finish_entry();
  }

  void add_to_entry(std::string_view piece) {
    entry_ += piece;
    brackets_.take(piece);
  }

  void finish_entry() {
    if (!brackets_.are_closed()) return;
    header.columns.push_back(column_of_braces(std::exchange(entry_, {})));
    brackets_ = {};
  }

  void take_column(std::string_view text) {
    const bool begins = text.starts_with("- ");
    if (begins) text = trimmed(text.substr(2));
    if (begins && text.starts_with('{')) {
      add_to_entry(text);
      return finish_entry();
    }
    if (begins) header.columns.emplace_back();
    if (header.columns.empty()) return;
    std::size_t at = text.find(':');
    if (at == std::string_view::npos) return;
    const std::string_view key = trimmed(text.substr(0, at));
    set(header.columns.back(), key, take_scalar(text, ++at, "#"));
  }

  /// "__serialized_columns__" holds one map per column, which says what it was in Python.
  void take_meta(std::string_view text, std::size_t indent) {
    if (text.starts_with("- ")) text.remove_prefix(2);
    if (text.starts_with("__serialized_columns__:")) {
      serialized_at_ = std::max<std::size_t>(indent, 1);
      name_at_ = 0;
      return;
    }
    if (serialized_at_ == 0 || indent <= serialized_at_) {
      serialized_at_ = 0;
      return;
    }
    if (name_at_ == 0) name_at_ = indent;
    std::size_t at = 0;
    const std::string key = take_scalar(text, at, ":");
    if (indent <= name_at_) {
      serialized_ = key;
      is_time_ = false;
      return;
    }
    if (at < text.size()) ++at;
    const std::string value = take_scalar(text, at, "");
    if (key == "__class__") is_time_ = value.starts_with("astropy.time.");
    for (EcsvColumn& column : header.columns) {
      if (column.name == serialized_ && is_time_ && key == "format") column.time_format = value;
    }
  }

  std::string section_;
  std::string entry_;              // a column in braces that are still open
  Brackets brackets_;              // of entry_
  std::size_t serialized_at_ = 0;  // indent of the key of serialized columns; 0: not in it
  std::size_t name_at_ = 0;        // indent of their names
  std::string serialized_;         // the column whose map this is
  bool is_time_ = false;
};

}  // namespace

std::optional<EcsvHeader> parse_ecsv_header(std::span<const std::string_view> comments) {
  if (comments.empty() || !comments.front().starts_with("# %ECSV")) return std::nullopt;
  EcsvHeaderReader reader;
  for (std::string_view line : comments) {
    if (!line.starts_with('#')) break;
    line.remove_prefix(line.starts_with("# ") ? 2 : 1);
    reader.take(line);
  }
  return std::move(reader.header);
}

}  // namespace astrom3
