// SPDX-License-Identifier: MIT
//
// Reads the keys of a config.json one by one: which values a key may have, and the message for any other
// value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "astrom3/base/error.h"
#include "formats/json.h"

namespace astrom3 {

/// A configuration while it is read. A configuration that is part of a larger one has a prefix before its
/// keys: with the prefix "p_", the key "d_model" is looked for as "p_d_model", and messages name it so.
class ConfigValues {
 public:
  /// `file` and `warnings` must outlive this object. Throws Error bad_config where `root` is no object.
  ConfigValues(JsonValue root, const std::string& file, std::vector<Diagnostic>& warnings);

  /// The same configuration with a prefix in front of all keys except the keys `without`.
  ConfigValues part(std::string prefix, std::vector<std::string_view> without) const;

  /// The value of `key`, or null.
  const JsonValue* find(std::string_view key) const;

  /// An integer from `min` to `max`; 128.0 is read with a warning. `range` replaces these limits in messages.
  std::int64_t integer(std::string_view key, std::int64_t min, std::int64_t max, std::string range = {});

  /// A list of such integers, of `min_size` to `max_size`.
  std::vector<std::int64_t> integers(std::string_view key, std::size_t min_size, std::size_t max_size,
                                     std::int64_t min, std::int64_t max);

  /// The value of `classification`; false where the key is missing.
  bool classification() const;

  /// A number from 0 to 1 that only training uses; any other value is ignored with a warning.
  void read_unused_fraction(std::string_view key, double& value);

  /// The names of the classes: `class_names`, our own key, which must fit the number of classes; else Hugging
  /// Face's `id2label` where it fits; else none.
  std::vector<std::string> class_names(std::int64_t num_classes);

  /// Warns of keys that are not among `known`, which are names with their prefix.
  void report_unknown(const std::vector<std::string_view>& known);

  [[noreturn]] void fail(std::string_view key, std::string message, Hint hint = {}) const;
  void warn(std::string_view key, std::string message);

 private:
  std::string name_of(std::string_view key) const;
  std::int64_t whole(std::string_view key, const JsonValue& value, std::int64_t min, std::int64_t max,
                     const std::string& range);

  JsonValue root_;
  const std::string& file_;
  std::vector<Diagnostic>& warnings_;
  std::string prefix_;
  std::vector<std::string_view> without_;
};

}  // namespace astrom3
