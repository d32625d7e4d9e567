// SPDX-License-Identifier: MIT
//
// JSON as text: every file and every line of JSON that astrom3 writes is made here.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/json.h"

namespace astrom3 {

/// `text` as a JSON string, quoted. Invalid UTF-8 becomes U+FFFD.
std::string json_quoted(std::string_view text);

/// The shortest JSON number that reads back as `value`, which must be finite.
std::string json_number(double value);

/// How the members of an object or array are laid out.
enum class JsonLayout : std::uint8_t {
  compact,  ///< {"a":1,"b":[1,2]}
  line,     ///< {"a": 1, "b": [1, 2]}
  block,    ///< each member on a line of its own, indented by two spaces
};

/// Writes one JSON value, front to back. A container has the layout of the one around it unless it is begun
/// with another; an empty one is {} or [] in each of them.
///
///   JsonWriter json(JsonLayout::line);
///   json.begin_object().member("objects", 3).key("sizes").begin_array().value(1).value(2).end().end();
///   json.take();  // {"objects": 3, "sizes": [1, 2]}
///
/// Whoever calls takes care that keys and values follow one another as JSON asks for, and that no key is
/// there twice.
class JsonWriter {
 public:
  explicit JsonWriter(JsonLayout layout = JsonLayout::compact) : layout_(layout) {}

  JsonWriter& begin_object(std::optional<JsonLayout> layout = {}) { return begin('{', '}', layout); }
  JsonWriter& begin_array(std::optional<JsonLayout> layout = {}) { return begin('[', ']', layout); }
  /// Closes the object or array that was begun last.
  JsonWriter& end();

  /// The key of the next value, within an object.
  JsonWriter& key(std::string_view name);

  JsonWriter& value(std::nullptr_t) { return raw("null"); }
  JsonWriter& value(std::string_view text) { return raw(json_quoted(text)); }
  /// A value as it was read; numbers keep their spelling.
  JsonWriter& value(const JsonValue& value);
  /// The shortest text that reads back as `number` and is no integer: 1.0, 1e-05; null where it is not
  /// finite.
  template <std::same_as<double> Number>
  JsonWriter& value(Number number) {
    return floating(number);
  }
  template <std::same_as<bool> Bool>
  JsonWriter& value(Bool is_true) {
    return raw(is_true ? "true" : "false");
  }
  template <std::integral Integer>
  requires(!std::same_as<Integer, bool> && !std::same_as<Integer, char>) JsonWriter& value(Integer integer) {
    return raw(std::to_string(integer));
  }
  template <typename Value>
  JsonWriter& value(const std::optional<Value>& optional) {
    return optional ? value(*optional) : value(nullptr);
  }
  /// A value that is JSON text already, on one line.
  JsonWriter& raw(std::string_view json);

  template <typename Value>
  JsonWriter& member(std::string_view name, const Value& of_it) {
    return key(name).value(of_it);
  }
  /// An array of the values in `range`.
  template <typename Range>
  JsonWriter& array(const Range& range, std::optional<JsonLayout> layout = {}) {
    begin_array(layout);
    for (const auto& element : range) value(element);
    return end();
  }
  /// An object of the pairs (key, value) in `range`.
  template <typename Range>
  JsonWriter& object(const Range& range, std::optional<JsonLayout> layout = {}) {
    begin_object(layout);
    for (const auto& [name, of_it] : range) member(name, of_it);
    return end();
  }

  /// The text, when everything that was begun is closed.
  std::string take();

 private:
  struct Open {
    char closing;
    JsonLayout layout;
    bool is_empty;
  };

  JsonWriter& begin(char opening, char closing, std::optional<JsonLayout> layout);
  JsonWriter& floating(double number);
  void separate();
  void break_line();

  JsonLayout layout_;
  std::string text_;
  std::vector<Open> open_;
  bool after_key_ = false;
};

}  // namespace astrom3
