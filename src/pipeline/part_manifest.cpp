// SPDX-License-Identifier: MIT
#include "pipeline/part_manifest.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/sink/sink.h"
#include "astrom3/source/source.h"
#include "base/atomic_file.h"
#include "base/memory_size.h"
#include "base/open_folder.h"
#include "formats/json.h"
#include "formats/json_writer.h"
#include "pipeline/drop_counts_json.h"
#include "pipeline/input_digests.h"
#include "sink/identity.h"
#include "sink/part_names.h"

namespace astrom3 {
namespace {

constexpr std::uint64_t kVersionOfManifest = 1;
constexpr std::uint64_t kMaxCount = std::uint64_t{1} << 53;  // what every reader of JSON understands

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
  json.end();
  if (!part.modalities.empty()) json.key("modalities").object(part.modalities);
  return json.end().take() + '\n';
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
  if (!json.is(JsonKind::unsigned_integer) || json.unsigned_value > kMaxCount) throw damaged_line();
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
  const auto n = [&](std::string_view key) { return memory_size(count(json, key)); };
  return {.nonfinite = n("nonfinite"),
          .missing = n("missing"),
          .upper_limits = n("upper_limits"),
          .null_values = n("null_values"),
          .quality = n("quality"),
          .other_bands = n("other_bands")};
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
  if (const JsonValue* const modalities = json.find("modalities")) {
    if (!modalities->is(JsonKind::object)) throw damaged_line();
    for (std::size_t i = 0; i < modalities->keys.size(); ++i)
      part.modalities[modalities->keys[i]] = count_in(modalities->elements[i]);
  }
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

PartManifest::PartManifest(std::shared_ptr<const OpenFolder> folder, const Identity& run,
                           const std::vector<std::filesystem::path>& files, InputDigests inputs)
    : folder_(std::move(folder)), run_(run), inputs_(files), digests_(std::move(inputs)) {
  file_.emplace(*folder_, kName);
  read();
  if (has_header_) return;
  file_->append(header_line());
  has_header_ = true;
}

std::string PartManifest::header_line() const {
  JsonWriter json;
  json.begin_object().member("astrom3_manifest", kVersionOfManifest);
  write_identity(json.key("run"), run_);
  json.member("inputs", digests_.sampled);
  if (!digests_.whole.empty()) json.member("whole_inputs", digests_.whole);
  return json.end().take() + '\n';
}

void PartManifest::read() {
  const std::filesystem::path path = *folder_ / kName;
  if (file_->size() > kMaxManifestBytes) {
    throw Error(Diagnostic{
        .code = Status::output_error,
        .file = path.string(),
        .message = fmt::format("is {} bytes; at most {} are read", file_->size(), kMaxManifestBytes)});
  }
  const std::string text = file_->read_at(0, static_cast<std::size_t>(file_->size()));
  std::size_t begin = 0;
  for (std::size_t number = 1; begin < text.size(); ++number) {
    const std::size_t stop = text.find('\n', begin);
    if (stop == std::string::npos) break;  // torn
    take_line(std::string_view(text).substr(begin, stop - begin), number);
    begin = stop + 1;
  }
  if (begin < text.size()) file_->truncate(begin);
}

void PartManifest::take_line(std::string_view line, std::size_t number) {
  try {
    take(parse_line(line));
  } catch (const Error& error) {
    Diagnostic diagnostic = error.diagnostic();
    if (diagnostic.code == Status::usage) throw;
    diagnostic.file = (*folder_ / kName).string();
    diagnostic.line = static_cast<std::int64_t>(number);
    throw Error(std::move(diagnostic));
  }
}

void PartManifest::take(const JsonValue& json) {
  if (!has_header_) {
    take_header(json);
  } else if (json.find("complete") != nullptr) {
    complete_ = true;
  } else {
    PartRecord part = part_from(json);
    require_next(part);
    parts_.push_back(std::move(part));
  }
}

void PartManifest::take_header(const JsonValue& json) {
  if (count(json, "astrom3_manifest") != kVersionOfManifest)
    throw error_in_line("a manifest of another version");
  std::string what = identity_differences(member(json, "run"), run_);
  InputDigests then;
  if (json.find("inputs") != nullptr) then.sampled = text(json, "inputs");
  if (json.find("whole_inputs") != nullptr) then.whole = text(json, "whole_inputs");
  InputComparison inputs = compare_inputs(then, digests_, inputs_);
  what += inputs.differences;
  if (!what.empty())
    throw error_in_line("this folder holds another run, which cannot be resumed with what is asked for now:" +
                        what);
  now_readable_ = std::move(inputs.now_readable);
  if (now_readable_.empty()) digests_ = std::move(then);
  has_header_ = true;
}

/// Whether a run could have written this: the part follows the one before, under the right name.
void PartManifest::require_next(const PartRecord& part) const {
  const PartRecord none;
  const PartRecord& before = parts_.empty() ? none : parts_.back();
  if (part.number != parts_.size() || complete_) throw error_in_line("the parts are not in order");
  const auto at = [](const SourcePosition& position) { return std::pair(position.file, position.object); };
  std::uint64_t n_rejected = 0;
  for (const auto& [code, n] : part.rejected) n_rejected += n;
  const bool follows = at(part.begin) == at(before.end) && at(part.end) >= at(part.begin) &&
                       part.end.file <= inputs_.size() &&
                       part.rejects_begin == before.rejects_begin + before.rejects_bytes;
  if (!follows || part.file != part_file_name(part.number) || part.n_objects != part.n_ok + n_rejected)
    throw error_in_line("says what no run writes");
}

void PartManifest::add(const PartRecord& part) {
  file_->append(part_line(part));
  parts_.push_back(part);
}

void PartManifest::rewind(std::size_t n_parts) {
  parts_.resize(n_parts);
  std::string text = header_line();
  for (const PartRecord& part : parts_) text += part_line(part);
  AtomicFile file(folder_, kName);
  file.write(text);
  file.commit();
  file_.reset();
  file_.emplace(*folder_, kName);
  complete_ = false;
  now_readable_.clear();
}

void PartManifest::complete() {
  if (complete_) return;
  std::uint64_t n_objects = 0;
  for (const PartRecord& part : parts_) n_objects += part.n_objects;
  file_->append(last_line(parts_.size(), n_objects));
  complete_ = true;
}

}  // namespace astrom3
