// SPDX-License-Identifier: MIT
//
// Strict JSON: a text has one meaning or is an error that says where it is wrong.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/base/error.h"

namespace astrom3 {

enum class JsonKind : std::uint8_t {
  null,
  boolean,
  unsigned_integer,  ///< digits only, fits uint64
  negative_integer,  ///< '-' and digits (also "-0"), fits int64
  floating,          ///< any other number: a point, an exponent, or too many digits for 64 bits
  string,
  array,
  object,
};

/// A JSON value as written. Objects keep the order of their members.
struct JsonValue {
  JsonKind kind = JsonKind::null;
  bool boolean = false;
  double number = 0;                 ///< of the three number kinds, correctly rounded
  std::uint64_t unsigned_value = 0;  ///< of unsigned_integer
  std::int64_t integer_value = 0;    ///< of negative_integer
  std::size_t offset = 0;            ///< byte of the text where the value begins
  std::string text;                  ///< a string's value (escapes resolved), or a number as it is spelt
  std::vector<std::string> keys;     ///< an object's keys, one for each of `elements`
  std::vector<JsonValue> elements;   ///< an array's elements, or an object's values

  bool is(JsonKind other) const noexcept { return kind == other; }
  bool is_number() const noexcept {
    return kind == JsonKind::unsigned_integer || kind == JsonKind::negative_integer ||
           kind == JsonKind::floating;
  }
  /// The member `key` of an object, or null.
  const JsonValue* find(std::string_view key) const noexcept;
  /// For messages: "null", "true", the number as spelt, the quoted string, "an array", "an object".
  std::string described() const;
};

struct JsonSource {
  Status code = Status::bad_config;  ///< of the errors thrown
  std::string file;                  ///< named in errors
  std::uint64_t first_byte = 0;      ///< where in the file the text begins
};

struct JsonLimits {
  std::size_t max_depth = 64;
  std::size_t max_values = 200'000;  ///< bounds memory at some 30 MB
};

/// Parses `text`, all of it. Throws Error with line, column and byte for anything but one JSON value:
/// bad syntax, trailing text, comments, a byte order mark, NaN, a number beyond double, invalid UTF-8,
/// a NUL byte, nesting beyond the limit, and a key that is twice in one object (also when only equal
/// after its escapes). Where the error lies inside the value, `column` is its JSON pointer.
/// Memory and time are linear in the size of `text`, which the caller must limit.
JsonValue parse_json(std::string_view text, const JsonSource& source, const JsonLimits& limits = {});

/// `pointer` + "/" + `key` with '~' and '/' escaped: RFC 6901.
std::string json_pointer(std::string_view pointer, std::string_view key);

}  // namespace astrom3
