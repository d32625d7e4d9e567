// SPDX-License-Identifier: MIT
#include "encoder/config_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "base/joined.h"
#include "formats/json.h"

namespace astrom3 {
namespace {

/// The value of a number that is written as 128 or 128.0, also one beyond 64 bits; no value for 128.5, 1e2,
/// "128" and true.
std::optional<double> whole_number(const JsonValue& value) {
  if (!value.is_number()) return std::nullopt;
  const std::string_view text = value.text;
  const std::size_t point = text.find('.');
  if (text.find_first_of("eE") != std::string_view::npos) return std::nullopt;
  if (point != std::string_view::npos && text.find_first_not_of('0', point + 1) != std::string_view::npos) {
    return std::nullopt;
  }
  return value.number;
}

/// Takes `names` as the names of the classes. Returns what is wrong with them; an empty text where nothing
/// is.
std::string take_names(const std::vector<JsonValue>& names, std::int64_t num_classes,
                       std::vector<std::string>& out) {
  if (names.size() != static_cast<std::size_t>(num_classes)) {
    return fmt::format("has {} names, num_classes is {}", names.size(), num_classes);
  }
  std::set<std::string> seen;
  for (const JsonValue& name : names) {
    if (!name.is(JsonKind::string) || name.text.empty()) {
      return fmt::format("must hold non-empty strings, found {}", name.described());
    }
    if (!seen.insert(name.text).second) return fmt::format("holds {} twice", name.described());
  }
  for (const JsonValue& name : names) out.push_back(name.text);
  return {};
}

}  // namespace

ConfigValues::ConfigValues(JsonValue root, const std::string& file, std::vector<Diagnostic>& warnings)
    : root_(std::move(root)), file_(file), warnings_(warnings) {
  if (root_.is(JsonKind::object)) return;
  throw Error(Diagnostic{.code = Status::bad_config,
                         .file = file_,
                         .message = fmt::format("must be an object, found {}", root_.described())});
}

ConfigValues ConfigValues::part(std::string prefix, std::vector<std::string_view> without) const {
  ConfigValues part(root_, file_, warnings_);
  part.prefix_ = std::move(prefix);
  part.without_ = std::move(without);
  return part;
}

std::string ConfigValues::name_of(std::string_view key) const {
  const bool is_plain = std::find(without_.begin(), without_.end(), key) != without_.end();
  return (is_plain ? "" : prefix_) + std::string(key);
}

const JsonValue* ConfigValues::find(std::string_view key) const {
  return root_.find(name_of(key));
}

void ConfigValues::fail(std::string_view key, std::string message, Hint hint) const {
  throw Error(Diagnostic{.code = Status::bad_config,
                         .file = file_,
                         .column = json_pointer("", name_of(key)),
                         .message = std::move(message),
                         .hint = std::move(hint)});
}

void ConfigValues::warn(std::string_view key, std::string message) {
  warnings_.push_back(Diagnostic{.code = Status::bad_config,
                                 .file = file_,
                                 .column = key.empty() ? "" : json_pointer("", name_of(key)),
                                 .message = std::move(message)});
}

std::int64_t ConfigValues::whole(std::string_view key, const JsonValue& value, std::int64_t min,
                                 std::int64_t max, const std::string& range) {
  const std::optional<double> whole = whole_number(value);
  if (!whole) fail(key, fmt::format("must be an integer ({} to {}), found {}", min, max, value.described()));
  if (!(*whole >= static_cast<double>(min) && *whole <= static_cast<double>(max))) {
    fail(key, fmt::format("{}, found {}", range, value.described()));
  }
  if (value.is(JsonKind::floating)) warn(key, fmt::format("{} is read as an integer", value.described()));
  return static_cast<std::int64_t>(*whole);
}

std::int64_t ConfigValues::integer(std::string_view key, std::int64_t min, std::int64_t max,
                                   std::string range) {
  if (range.empty()) range = fmt::format("must be {} to {}", min, max);
  const JsonValue* value = find(key);
  if (value == nullptr) fail(key, fmt::format("missing; it {}", range));
  return whole(key, *value, min, max, range);
}

std::vector<std::int64_t> ConfigValues::integers(std::string_view key, std::size_t min_size,
                                                 std::size_t max_size, std::int64_t min, std::int64_t max) {
  const std::string what =
      fmt::format("must be an array of {} to {} integers from {} to {}", min_size, max_size, min, max);
  const JsonValue* value = find(key);
  if (value == nullptr) fail(key, fmt::format("missing; it {}", what));
  if (!value->is(JsonKind::array)) fail(key, fmt::format("{}, found {}", what, value->described()));
  if (value->elements.size() < min_size || value->elements.size() > max_size) {
    fail(key, fmt::format("{}, found {} of them", what, value->elements.size()));
  }
  std::vector<std::int64_t> out;
  for (const JsonValue& element : value->elements) out.push_back(whole(key, element, min, max, what));
  return out;
}

bool ConfigValues::classification() const {
  const JsonValue* value = find("classification");
  if (value == nullptr) return false;
  if (!value->is(JsonKind::boolean)) {
    fail("classification", fmt::format("must be true or false, found {}", value->described()));
  }
  return value->boolean;
}

void ConfigValues::read_unused_fraction(std::string_view key, double& value) {
  const JsonValue* found = find(key);
  if (found == nullptr) return;
  if (found->is_number() && found->number >= 0 && found->number <= 1) {
    value = found->number;
  } else {
    warn(key,
         fmt::format("should be a number from 0 to 1, found {}; not used in inference", found->described()));
  }
}

std::vector<std::string> ConfigValues::class_names(std::int64_t num_classes) {
  std::vector<std::string> out;
  if (const JsonValue* names = find("class_names"); names != nullptr) {
    if (!names->is(JsonKind::array)) {
      fail("class_names", fmt::format("must be an array of strings, found {}", names->described()));
    }
    if (const std::string problem = take_names(names->elements, num_classes, out); !problem.empty()) {
      fail("class_names", problem);
    }
    return out;
  }
  const JsonValue* labels = find("id2label");
  if (labels == nullptr) return out;
  std::vector<JsonValue> in_order;
  for (std::size_t id = 0; id < labels->elements.size(); ++id) {
    if (const JsonValue* label = labels->find(fmt::format("{}", id)); label != nullptr) {
      in_order.push_back(*label);
    }
  }
  const bool is_list = labels->is(JsonKind::object) && in_order.size() == labels->elements.size();
  const std::string problem =
      is_list ? take_names(in_order, num_classes, out) : "must be an object of \"0\", \"1\", ...";
  if (!problem.empty()) warn("id2label", problem + "; ignored");
  return out;
}

void ConfigValues::report_unknown(const std::vector<std::string_view>& known) {
  std::vector<std::string> unknown;
  for (const std::string& key : root_.keys) {
    if (std::find(known.begin(), known.end(), key) == known.end())
      unknown.push_back(fmt::format("\"{}\"", escaped(key)));
  }
  if (!unknown.empty()) warn("", fmt::format("unknown keys, ignored: {}", joined(unknown, ", ")));
}

}  // namespace astrom3
