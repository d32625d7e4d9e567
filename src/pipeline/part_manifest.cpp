// SPDX-License-Identifier: MIT
#include "pipeline/part_manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace astrom3 {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kVersionOfManifest = 1;

std::string to_line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
}

Json to_json(const Identity& run) {
  Json json;
  json["astrom3_manifest"] = kVersionOfManifest;
  for (const auto& [key, value] : run) json["run"][key] = value;
  return json;
}

Json to_json(const DropCounts& d) {
  return {{"nonfinite", d.nonfinite},     {"missing", d.missing}, {"upper_limits", d.upper_limits},
          {"null_values", d.null_values}, {"quality", d.quality}, {"other_bands", d.other_bands}};
}

Json to_json(const PartRecord& part) {
  Json json;
  json["part"] = part.number;
  json["file"] = part.file;
  json["first_input"] = part.first_input;
  json["begin"] = {part.begin.file, part.begin.object};
  json["end"] = {part.end.file, part.end.object};
  json["bytes"] = part.bytes;
  json["sha256"] = part.sha256;
  json["rejects"] = {part.rejects_begin, part.rejects_bytes};
  json["rejects_sha256"] = part.rejects_sha256;
  json["objects"] = part.n_objects;
  json["ok"] = part.n_ok;
  json["observations"] = part.n_observations;
  json["duplicates"] = part.n_duplicates;
  json["dropped"] = to_json(part.dropped);
  json["rejected"] = Json::object();
  for (const auto& [code, n] : part.rejected) json["rejected"][std::string(status_name(code))] = n;
  return json;
}

Status status_called(const std::string& name) {
  for (int i = 0; i <= static_cast<int>(Status::internal); ++i) {
    if (status_name(static_cast<Status>(i)) == name) return static_cast<Status>(i);
  }
  return Status::internal;
}

/// Not get<>(), which casts whatever number is there: 1e300 as well.
std::uint64_t count_in(const Json& json) {
  return json.get_ref<const Json::number_unsigned_t&>();
}

PartRecord part_from(const Json& json) {
  PartRecord part;
  part.number = count_in(json.at("part"));
  part.file = json.at("file").get<std::string>();
  part.first_input = json.at("first_input").get<std::string>();
  part.begin = {count_in(json.at("begin").at(0)), count_in(json.at("begin").at(1))};
  part.end = {count_in(json.at("end").at(0)), count_in(json.at("end").at(1))};
  part.bytes = count_in(json.at("bytes"));
  part.sha256 = json.at("sha256").get<std::string>();
  part.rejects_begin = count_in(json.at("rejects").at(0));
  part.rejects_bytes = count_in(json.at("rejects").at(1));
  part.rejects_sha256 = json.at("rejects_sha256").get<std::string>();
  part.n_objects = count_in(json.at("objects"));
  part.n_ok = count_in(json.at("ok"));
  part.n_observations = count_in(json.at("observations"));
  part.n_duplicates = count_in(json.at("duplicates"));
  const Json& dropped = json.at("dropped");
  part.dropped.nonfinite = count_in(dropped.at("nonfinite"));
  part.dropped.missing = count_in(dropped.at("missing"));
  part.dropped.upper_limits = count_in(dropped.at("upper_limits"));
  part.dropped.null_values = count_in(dropped.at("null_values"));
  part.dropped.quality = count_in(dropped.at("quality"));
  part.dropped.other_bands = count_in(dropped.at("other_bands"));
  for (const auto& [name, n] : json.at("rejected").items()) part.rejected[status_called(name)] += count_in(n);
  return part;
}

/// What `run` says otherwise than the manifest's first line.
std::string differences(const Json& stored, const Identity& run) {
  std::string text;
  std::vector<std::string> seen;
  for (const auto& [key, value] : run) {
    seen.push_back(key);
    const std::string before =
        stored.contains(key) && stored[key].is_string() ? stored[key].get<std::string>() : "(not there)";
    if (before != value)
      text += fmt::format("\n  {}: was {}, is {}", key, escaped(before, 400), escaped(value, 400));
  }
  for (const auto& [key, value] : stored.items()) {
    if (std::find(seen.begin(), seen.end(), key) == seen.end())
      text += fmt::format("\n  {}: is gone", escaped(key));
  }
  return text;
}

}  // namespace

std::string part_file_name(std::uint64_t number) {
  return fmt::format("part-{:06}.parquet", number);
}

bool has_manifest(const std::filesystem::path& folder) {
  std::error_code error;
  return std::filesystem::exists(folder / PartManifest::kName, error);
}

PartManifest::PartManifest(const std::filesystem::path& folder, const Identity& run)
    : path_(folder / kName), file_(path_) {
  read(run);
  if (has_header_) return;
  file_.append(to_line(to_json(run)));
  has_header_ = true;
}

void PartManifest::read(const Identity& run) {
  const std::string text = file_.read_at(0, static_cast<std::size_t>(file_.size()));
  std::size_t begin = 0;
  for (std::size_t number = 1; begin < text.size(); ++number) {
    const std::size_t stop = text.find('\n', begin);
    if (stop == std::string::npos) break;  // torn
    take_line(text.substr(begin, stop - begin), number, run);
    begin = stop + 1;
  }
  if (begin < text.size()) file_.truncate(begin);
}

void PartManifest::take_line(const std::string& line, std::size_t number, const Identity& run) {
  const auto fail = [&](const std::string& message, const Hint& hint) {
    throw Error(Diagnostic{.code = Status::output_error,
                           .file = path_.string(),
                           .line = static_cast<std::int64_t>(number),
                           .message = message,
                           .hint = hint});
  };
  const Hint start_again("{} starts the run again from nothing", {{"force", "true"}});
  try {
    const Json json = Json::parse(line);
    if (!has_header_) {
      if (json.at("astrom3_manifest") != kVersionOfManifest)
        fail("a manifest of another version", start_again);
      if (const std::string what = differences(json.at("run"), run); !what.empty())
        fail("this folder holds another run, which cannot be resumed with what is asked for now:" + what,
             start_again);
      has_header_ = true;
    } else if (json.contains("complete")) {
      complete_ = true;
    } else {
      PartRecord part = part_from(json);
      if (part.number != parts_.size() || complete_) fail("the parts are not in order", start_again);
      parts_.push_back(std::move(part));
    }
  } catch (const nlohmann::json::exception&) {
    fail("a damaged line", start_again);
  }
}

void PartManifest::add(const PartRecord& part) {
  file_.append(to_line(to_json(part)));
  parts_.push_back(part);
}

void PartManifest::complete() {
  if (complete_) return;
  std::uint64_t n_objects = 0;
  for (const PartRecord& part : parts_) n_objects += part.n_objects;
  Json json;
  json["complete"] = true;
  json["parts"] = parts_.size();
  json["objects"] = n_objects;
  file_.append(to_line(json));
  complete_ = true;
}

}  // namespace astrom3
