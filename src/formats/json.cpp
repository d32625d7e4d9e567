// SPDX-License-Identifier: MIT
#include "formats/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <nlohmann/json.hpp>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "base/utf8.h"

namespace astrom3 {
namespace {

/// Reads the text and lets the handler see how far the lexer has come.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* position, const char** furthest) : position_(position), furthest_(furthest) {}
  reference operator*() const { return *position_; }
  CountingIterator& operator++() {
    *furthest_ = ++position_;
    return *this;
  }
  CountingIterator operator++(int) {
    CountingIterator before = *this;
    ++*this;
    return before;
  }
  friend bool operator==(const CountingIterator& a, const CountingIterator& b) {
    return a.position_ == b.position_;
  }

 private:
  const char* position_;
  const char** furthest_;
};

/// Throws the error at byte `offset` of `text`, with its line and column (counted in characters).
[[noreturn]] void fail_at(std::string_view text, std::size_t offset, const JsonSource& source,
                          std::string message, std::string pointer = {}) {
  const std::string_view before = text.substr(0, offset);
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  const auto is_character = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
  const auto lines = std::count(before.begin(), before.end(), '\n');
  const auto characters =
      std::count_if(before.begin() + static_cast<std::string_view::difference_type>(line_start), before.end(),
                    is_character);
  throw Error(Diagnostic{.code = source.code,
                         .file = source.file,
                         .line = lines + 1,
                         .field = characters + 1,
                         .byte = static_cast<std::int64_t>(source.first_byte + offset),
                         .column = std::move(pointer),
                         .message = std::move(message)});
}

bool is_number_character(char c) {
  return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

/// Builds the JsonValue from the parser's events and enforces what the parser does not.
class TreeBuilder {
 public:
  TreeBuilder(std::string_view text, const JsonSource& source, const JsonLimits& limits)
      : text_(text), source_(source), limits_(limits), furthest_(text.data()) {}

  const char** furthest() { return &furthest_; }
  JsonValue& root() { return root_; }

  bool null() {
    add(JsonKind::null);
    return true;
  }
  bool boolean(bool value) {
    add(JsonKind::boolean).boolean = value;
    return true;
  }
  bool number_unsigned(std::uint64_t value) {
    JsonValue& added = add_number(JsonKind::unsigned_integer);
    added.unsigned_value = value;
    added.number = static_cast<double>(value);
    return true;
  }
  bool number_integer(std::int64_t value) {
    JsonValue& added = add_number(JsonKind::negative_integer);
    added.integer_value = value;
    added.number = value == 0 ? -0.0 : static_cast<double>(value);
    return true;
  }
  bool number_float(double value, const std::string& /*spelling*/) {
    add_number(JsonKind::floating).number = value;
    return true;
  }
  bool string(std::string& value) {
    add(JsonKind::string).text = std::move(value);
    return true;
  }
  bool binary(std::vector<std::uint8_t>& /*value*/) { return false; }  // not in JSON

  bool start_object(std::size_t /*elements*/) { return open(JsonKind::object); }
  bool start_array(std::size_t /*elements*/) { return open(JsonKind::array); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }

  bool key(std::string& value) {
    const std::size_t offset = token_start();
    if (!open_.back().seen.insert(value).second) {
      fail_at(text_, offset, source_, fmt::format("duplicate key \"{}\"", escaped(value)), pointer());
    }
    open_.back().value->keys.push_back(std::move(value));
    finish_token();
    return true;
  }

  bool parse_error(std::size_t position, const std::string& /*token*/,
                   const nlohmann::json::exception& error) {
    // The library's sentence is "[...] parse error at ...: syntax error while ... - what is wrong".
    std::string_view what = error.what();
    if (const auto dash = what.find(" - "); dash != std::string_view::npos) what.remove_prefix(dash + 3);
    if (const auto bracket = what.find("] "); what.starts_with("[json")) what.remove_prefix(bracket + 2);
    const std::size_t offset = std::min(position == 0 ? 0 : position - 1, text_.size());
    fail_at(text_, offset, source_, fmt::format("not valid JSON: {}", escaped(what, 200)), pointer());
  }

 private:
  struct OpenValue {
    JsonValue* value;
    std::set<std::string, std::less<>> seen;  // ordered: no input makes it quadratic
  };

  /// Where the token just read begins: after the last one, past white space, commas and colons.
  std::size_t token_start() const {
    return std::min(text_.find_first_not_of(" \t\r\n,:", token_end_), text_.size());
  }
  void finish_token() { token_end_ = static_cast<std::size_t>(furthest_ - text_.data()); }

  JsonValue& add(JsonKind kind) {
    const std::size_t offset = token_start();
    if (++count_ > limits_.max_values) {
      fail_at(text_, offset, source_, fmt::format("more than {} JSON values", limits_.max_values));
    }
    JsonValue& added = open_.empty() ? root_ : open_.back().value->elements.emplace_back();
    added.kind = kind;
    added.offset = offset;
    finish_token();
    return added;
  }

  JsonValue& add_number(JsonKind kind) {
    JsonValue& added = add(kind);
    // The lexer has looked one character beyond a number.
    token_end_ = added.offset;
    while (token_end_ < text_.size() && is_number_character(text_[token_end_])) ++token_end_;
    added.text = text_.substr(added.offset, token_end_ - added.offset);
    return added;
  }

  bool open(JsonKind kind) {
    if (open_.size() >= limits_.max_depth) {
      fail_at(text_, token_start(), source_, fmt::format("nested deeper than {} levels", limits_.max_depth));
    }
    // The vector that holds the new value does not grow while the value is open.
    open_.push_back({&add(kind), {}});
    return true;
  }

  bool close() {
    open_.pop_back();
    finish_token();
    return true;
  }

  /// The JSON pointer of the value being read.
  std::string pointer() const {
    std::string out;
    for (const OpenValue& open : open_) {
      const JsonValue& value = *open.value;
      if (value.is(JsonKind::object)) {
        if (value.keys.size() > value.elements.size() || &open != &open_.back()) {
          out = json_pointer(out, value.keys.empty() ? "" : value.keys.back());
        }
      } else {
        out = json_pointer(out, fmt::format("{}", value.elements.size() - (&open != &open_.back() ? 1 : 0)));
      }
    }
    return out;
  }

  std::string_view text_;
  const JsonSource& source_;
  const JsonLimits& limits_;
  const char* furthest_;
  std::size_t token_end_ = 0;
  std::size_t count_ = 0;
  JsonValue root_;
  std::vector<OpenValue> open_;
};

/// Rejects what the parser accepts: it would skip a byte order mark and take a NUL for the end.
void require_plain_text(std::string_view text, const JsonSource& source) {
  if (text.starts_with("\xEF\xBB\xBF")) {
    fail_at(text, 0, source, "begins with a byte order mark; expected plain JSON");
  }
  if (const std::size_t bad = find_invalid_utf8(text); bad != std::string_view::npos) {
    fail_at(text, bad, source,
            fmt::format("not UTF-8: byte \\x{:02x} at offset {}", static_cast<unsigned char>(text[bad]),
                        source.first_byte + bad));
  }
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
    fail_at(text, nul, source, "not valid JSON: a NUL byte");
  }
}

}  // namespace

const JsonValue* JsonValue::find(std::string_view key) const noexcept {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i] == key) return &elements[i];
  }
  return nullptr;
}

std::string JsonValue::described() const {
  switch (kind) {
    case JsonKind::null:
      return "null";
    case JsonKind::boolean:
      return boolean ? "true" : "false";
    case JsonKind::unsigned_integer:
    case JsonKind::negative_integer:
    case JsonKind::floating:
      return escaped(text);
    case JsonKind::string:
      return fmt::format("\"{}\"", escaped(text));
    case JsonKind::array:
      return "an array";
    case JsonKind::object:
      return "an object";
  }
  return {};
}

JsonValue parse_json(std::string_view text, const JsonSource& source, const JsonLimits& limits) {
  require_plain_text(text, source);
  TreeBuilder builder(text, source, limits);
  try {
    const CountingIterator begin(text.data(), builder.furthest());
    const CountingIterator end(text.data() + text.size(), builder.furthest());
    if (nlohmann::json::sax_parse(begin, end, &builder)) return std::move(builder.root());
  } catch (const nlohmann::json::exception& error) {
    throw Error(Diagnostic{.code = source.code, .file = source.file, .message = escaped(error.what(), 200)});
  }
  throw Error(Diagnostic{.code = source.code, .file = source.file, .message = "not valid JSON"});
}

std::string json_pointer(std::string_view pointer, std::string_view key) {
  std::string out(pointer);
  out += '/';
  for (const char c : key) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace astrom3
