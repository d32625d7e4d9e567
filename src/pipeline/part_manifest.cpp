// SPDX-License-Identifier: MIT
#include "pipeline/part_manifest.h"

#include <fmt/format.h>

#include <tuple>
#include <utility>

#include "formats/json.h"
#include "formats/json_writer.h"
#include "pipeline/drop_counts_json.h"
#include "sink/identity.h"

namespace astrom3 {
namespace {

constexpr std::uint64_t kVersionOfManifest = 1;

std::string header_line(const Identity& run) {
  JsonWriter json;
  json.begin_object().member("astrom3_manifest", kVersionOfManifest);
  write_identity(json.key("run"), run);
  return json.end().take() + '\n';
}

std::string part_line(const PartRecord& part) {
  JsonWriter json;
  json.begin_object()
      .member("part", part.number)
      .member("file", part.file)
      .member("first_input", part.first_input);
  json.key("begin").begin_array().value(part.begin.file).value(part.begin.object).end();
  json.key("end").begin_array().value(part.end.file).value(part.end.object).end();
  json.member("bytes", part.bytes).member("sha256", part.sha256);
  json.key("rejects").begin_array().value(part.rejects_begin).value(part.rejects_bytes).end();
  json.member("rejects_sha256", part.rejects_sha256)
      .member("objects", part.n_objects)
      .member("ok", part.n_ok)
      .member("observations", part.n_observations)
      .member("duplicates", part.n_duplicates);
  add_members(json.key("dropped").begin_object(), part.dropped);
  json.end().key("rejected").begin_object();
  for (const auto& [code, n] : part.rejected) json.member(status_name(code), n);
  return json.end().end().take() + '\n';
}

std::string last_line(std::size_t n_parts, std::uint64_t n_objects) {
  JsonWriter json;
  json.begin_object().member("complete", true).member("parts", n_parts).member("objects", n_objects);
  return json.end().take() + '\n';
}

Error error_in_line(std::string message) {
  return Error(Diagnostic{.code = Status::output_error,
                          .message = std::move(message),
                          .hint = {"{} starts the run again from nothing", {{"force", "true"}}}});
}

Error damaged_line() {
  return error_in_line("a damaged line");
}

Status status_called(const std::string& name) {
  for (int i = 0; i <= static_cast<int>(Status::internal); ++i) {
    if (status_name(static_cast<Status>(i)) == name) return static_cast<Status>(i);
  }
  return Status::internal;
}

const JsonValue& member(const JsonValue& json, std::string_view key) {
  const JsonValue* const found = json.find(key);
  if (found == nullptr) throw damaged_line();
  return *found;
}

std::uint64_t count_in(const JsonValue& json) {
  if (!json.is(JsonKind::unsigned_integer)) throw damaged_line();
  return json.unsigned_value;
}

std::uint64_t count(const JsonValue& json, std::string_view key) {
  return count_in(member(json, key));
}

const std::string& text(const JsonValue& json, std::string_view key) {
  const JsonValue& found = member(json, key);
  if (!found.is(JsonKind::string)) throw damaged_line();
  return found.text;
}

std::pair<std::uint64_t, std::uint64_t> two_counts(const JsonValue& json, std::string_view key) {
  const JsonValue& found = member(json, key);
  if (!found.is(JsonKind::array) || found.elements.size() != 2) throw damaged_line();
  return {count_in(found.elements[0]), count_in(found.elements[1])};
}

SourcePosition position(const JsonValue& json, std::string_view key) {
  const auto [file, object] = two_counts(json, key);
  return {.file = file, .object = object};
}

DropCounts drop_counts(const JsonValue& json) {
  return {.nonfinite = count(json, "nonfinite"),
          .missing = count(json, "missing"),
          .upper_limits = count(json, "upper_limits"),
          .null_values = count(json, "null_values"),
          .quality = count(json, "quality"),
          .other_bands = count(json, "other_bands")};
}

PartRecord part_from(const JsonValue& json) {
  PartRecord part;
  part.number = count(json, "part");
  part.file = text(json, "file");
  part.first_input = text(json, "first_input");
  part.begin = position(json, "begin");
  part.end = position(json, "end");
  part.bytes = count(json, "bytes");
  part.sha256 = text(json, "sha256");
  std::tie(part.rejects_begin, part.rejects_bytes) = two_counts(json, "rejects");
  part.rejects_sha256 = text(json, "rejects_sha256");
  part.n_objects = count(json, "objects");
  part.n_ok = count(json, "ok");
  part.n_observations = count(json, "observations");
  part.n_duplicates = count(json, "duplicates");
  part.dropped = drop_counts(member(json, "dropped"));
  const JsonValue& rejected = member(json, "rejected");
  if (!rejected.is(JsonKind::object)) throw damaged_line();
  for (std::size_t i = 0; i < rejected.keys.size(); ++i)
    part.rejected[status_called(rejected.keys[i])] += count_in(rejected.elements[i]);
  return part;
}

JsonValue parse_line(std::string_view line) {
  try {
    return parse_json(line, JsonSource{});
  } catch (const Error&) {
    throw damaged_line();
  }
}

}  // namespace

std::string part_file_name(std::uint64_t number) {
  return fmt::format("part-{:06}.parquet", number);
}

PartManifest::PartManifest(const std::filesystem::path& folder, const Identity& run)
    : path_(folder / kName), file_(path_) {
  read(run);
  if (has_header_) return;
  file_.append(header_line(run));
  has_header_ = true;
}

void PartManifest::read(const Identity& run) {
  const std::string text = file_.read_at(0, static_cast<std::size_t>(file_.size()));
  std::size_t begin = 0;
  for (std::size_t number = 1; begin < text.size(); ++number) {
    const std::size_t stop = text.find('\n', begin);
    if (stop == std::string::npos) break;  // torn
    take_line(std::string_view(text).substr(begin, stop - begin), number, run);
    begin = stop + 1;
  }
  if (begin < text.size()) file_.truncate(begin);
}

void PartManifest::take_line(std::string_view line, std::size_t number, const Identity& run) {
  try {
    take(parse_line(line), run);
  } catch (const Error& error) {
    Diagnostic diagnostic = error.diagnostic();
    diagnostic.file = path_.string();
    diagnostic.line = static_cast<std::int64_t>(number);
    throw Error(std::move(diagnostic));
  }
}

void PartManifest::take(const JsonValue& json, const Identity& run) {
  if (!has_header_) {
    if (count(json, "astrom3_manifest") != kVersionOfManifest)
      throw error_in_line("a manifest of another version");
    if (const std::string what = identity_differences(member(json, "run"), run); !what.empty())
      throw error_in_line(
          "this folder holds another run, which cannot be resumed with what is asked for now:" + what);
    has_header_ = true;
  } else if (json.find("complete") != nullptr) {
    complete_ = true;
  } else {
    PartRecord part = part_from(json);
    if (part.number != parts_.size() || complete_) throw error_in_line("the parts are not in order");
    parts_.push_back(std::move(part));
  }
}

void PartManifest::add(const PartRecord& part) {
  file_.append(part_line(part));
  parts_.push_back(part);
}

void PartManifest::complete() {
  if (complete_) return;
  std::uint64_t n_objects = 0;
  for (const PartRecord& part : parts_) n_objects += part.n_objects;
  file_.append(last_line(parts_.size(), n_objects));
  complete_ = true;
}

}  // namespace astrom3
