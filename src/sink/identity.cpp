// SPDX-License-Identifier: MIT
#include "sink/identity.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "astrom3/base/error.h"
#include "astrom3/sink/sink.h"
#include "formats/json.h"
#include "formats/json_writer.h"
#include "sink/output_text.h"

namespace astrom3 {

void write_identity(JsonWriter& json, const Identity& identity) {
  json.begin_object();
  for (const auto& [key, value] : identity) json.member(to_valid_utf8(key), to_valid_utf8(value));
  json.end();
}

std::string identity_json(const Identity& identity) {
  JsonWriter json(JsonLayout::block);
  write_identity(json, identity);
  return json.take() + '\n';
}

std::string identity_differences(const JsonValue& stored, const Identity& run) {
  std::string text;
  for (const auto& [key, value] : run) {
    const JsonValue* const found = stored.find(to_valid_utf8(key));
    const std::string before = found != nullptr && found->is(JsonKind::string) ? found->text : "(not there)";
    if (before != to_valid_utf8(value))
      text += fmt::format("\n  {}: was {}, is {}", key, escaped(before, 400), escaped(value, 400));
  }
  for (const std::string& key : stored.keys) {
    if (std::none_of(run.begin(), run.end(),
                     [&](const auto& entry) { return to_valid_utf8(entry.first) == key; }))
      text += fmt::format("\n  {}: is gone", escaped(key));
  }
  return text;
}

}  // namespace astrom3
