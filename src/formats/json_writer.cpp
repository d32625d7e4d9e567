// SPDX-License-Identifier: MIT
#include "formats/json_writer.h"

#include <fmt/format.h>

#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/utf8.h"
#include "formats/json.h"

namespace astrom3 {
namespace {

/// One character as "\\u001b"; beyond U+FFFF as a surrogate pair.
std::string escaped_in_json(std::string_view character) {
  const std::uint32_t code = code_point(character);
  if (code < 0x10000) return fmt::format("\\u{:04x}", code);
  return fmt::format("\\u{:04x}\\u{:04x}", 0xD7C0 + (code >> 10), 0xDC00 + (code & 0x3FF));
}

}  // namespace

std::string json_quoted(std::string_view text) {
  std::string out = "\"";
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_length(text, i);
    const char c = text[i];
    if (length == 0) {
      out += "\xEF\xBF\xBD";
    } else if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (c == '\n' || c == '\t') {
      out += c == '\n' ? "\\n" : "\\t";
    } else if (is_control(text.substr(i, length))) {
      out += escaped_in_json(text.substr(i, length));
    } else {
      out += text.substr(i, length);
    }
    i += length == 0 ? 1 : length;
  }
  return out + '"';
}

std::string json_number(double value) {
  return fmt::format("{}", value);
}

JsonWriter& JsonWriter::begin(char opening, char closing, std::optional<JsonLayout> layout) {
  separate();
  const JsonLayout around = open_.empty() ? layout_ : open_.back().layout;
  open_.push_back({.closing = closing, .layout = layout.value_or(around), .is_empty = true});
  text_ += opening;
  return *this;
}

JsonWriter& JsonWriter::end() {
  assert(!open_.empty() && !after_key_);
  const Open closed = open_.back();
  open_.pop_back();
  if (closed.layout == JsonLayout::block && !closed.is_empty) break_line();
  text_ += closed.closing;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  assert(!open_.empty() && open_.back().closing == '}' && !after_key_);
  separate();
  text_ += json_quoted(name);
  text_ += open_.back().layout == JsonLayout::compact ? ":" : ": ";
  after_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::value(const JsonValue& value) {
  switch (value.kind) {
    case JsonKind::null:
      return raw("null");
    case JsonKind::boolean:
      return this->value(value.boolean);
    case JsonKind::unsigned_integer:
    case JsonKind::negative_integer:
    case JsonKind::floating:
      return raw(value.text);
    case JsonKind::string:
      return this->value(value.text);
    case JsonKind::array:
      return array(value.elements);
    case JsonKind::object:
      begin_object();
      for (std::size_t i = 0; i < value.keys.size(); ++i) member(value.keys[i], value.elements[i]);
      return end();
  }
  return *this;
}

JsonWriter& JsonWriter::floating(double number) {
  if (!std::isfinite(number)) return raw("null");
  std::string text = json_number(number);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return raw(text);
}

JsonWriter& JsonWriter::raw(std::string_view json) {
  separate();
  text_ += json;
  return *this;
}

std::string JsonWriter::take() {
  assert(open_.empty() && !after_key_);
  return std::exchange(text_, {});
}

/// The separator between a member and the one before it.
void JsonWriter::separate() {
  if (std::exchange(after_key_, false) || open_.empty()) return;
  Open& in = open_.back();
  if (!std::exchange(in.is_empty, false)) text_ += in.layout == JsonLayout::line ? ", " : ",";
  if (in.layout == JsonLayout::block) break_line();
}

void JsonWriter::break_line() {
  text_ += '\n';
  text_.append(2 * open_.size(), ' ');
}

}  // namespace astrom3
