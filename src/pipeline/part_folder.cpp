// SPDX-License-Identifier: MIT
#include "pipeline/part_folder.h"

#include <fmt/format.h>

#include <span>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/regular_file.h"
#include "base/sha256.h"
#include "pipeline/part_manifest.h"

namespace astrom3 {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& folder, std::string message, Hint hint = {}) {
  throw Error(Diagnostic{.code = Status::output_error,
                         .file = folder.string(),
                         .message = std::move(message),
                         .hint = std::move(hint)});
}

/// "part-000012.parquet", as part_file_name() makes it, and no name that somebody else would choose.
bool is_part(std::string_view name) {
  constexpr std::string_view kBegin = "part-", kEnd = ".parquet";
  if (!name.starts_with(kBegin) || !name.ends_with(kEnd)) return false;
  name.remove_prefix(kBegin.size());
  if (name.size() < kEnd.size()) return false;
  name.remove_suffix(kEnd.size());
  return name.size() >= 6 && name.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_temporary(std::string_view name) {
  const std::size_t tmp = name.find(".tmp.");
  return tmp != std::string_view::npos &&
         (is_part(name.substr(0, tmp)) || name.substr(0, tmp) == "summary.json");
}

std::vector<fs::path> contents_of(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (it->path().filename() != FolderLock::kName) found.push_back(it->path());
  }
  if (error) fail(folder, "cannot list this folder: " + error.message());
  return found;
}

void remove_file(const fs::path& file) {
  std::error_code error;
  fs::remove(file, error);
  if (error) fail(file, "cannot remove: " + error.message());
}

}  // namespace

PartFolder::PartFolder(const PartsOptions& options) : path_(options.folder) {
  if (path_.filename().empty()) path_ = path_.parent_path();  // "out/" is "out"
  make();
  if (options.lock) lock_.emplace(path_);
  check_contents(options);
  remove_temporaries();
}

void PartFolder::make() const {
  std::error_code error;
  fs::create_directories(path_, error);
  if (error) fail(path_, "cannot make this folder: " + error.message());
}

void PartFolder::check_contents(const PartsOptions& options) const {
  if (options.force) return remove_run();
  if (has_manifest(path_)) {
    if (!options.resume)
      fail(path_, "this folder holds a run already",
           {"{} goes on with it, {} starts it again", {{"resume", "true"}, {"force", "true"}}});
  } else if (!contents_of(path_).empty()) {
    fail(path_, "this folder is not empty, and holds no run to go on with",
         {"another folder, or {}", {{"force", "true"}}});
  }
}

void PartFolder::remove_run() const {
  for (const fs::path& file : contents_of(path_)) {
    if (is_part(file.filename().string())) remove_file(file);
  }
  remove_file(path_ / "rejects.jsonl");
  remove_file(path_ / "summary.json");
  remove_file(path_ / PartManifest::kName);  // last: what is left when this is cut short is still a run
}

void PartFolder::remove_temporaries() const {
  for (const fs::path& file : contents_of(path_)) {
    if (is_temporary(file.filename().string())) remove_file(file);
  }
}

std::pair<std::uint64_t, std::string> PartFolder::sha256_of(const std::string& name) const {
  const RegularFile file(path_ / name, Status::output_error);
  return {file.size(), astrom3::sha256_of(file)};
}

bool PartFolder::holds(const std::string& file, std::uint64_t bytes, const std::string& sha256) const {
  std::error_code error;
  if (std::filesystem::file_size(path_ / file, error) != bytes || error) return false;
  return sha256_of(file).second == sha256;
}

Identity describe_parts_run(const PartsRun& run) {
  Identity identity = run.identity;
  const SourceOptions& reading = run.reading;
  std::string columns;
  for (const auto& [role, name] : reading.columns) columns += fmt::format("{}={},", role, name);
  identity.emplace_back("reading",
                        fmt::format("columns={}; id_column={}; decimal={}; d_exponent={}; unique_ids={}; "
                                    "memory={}",
                                    columns, reading.id_column, reading.decimal, reading.d_exponent,
                                    reading.unique_ids, reading.memory_bytes));
  identity.emplace_back(
      "rows",
      fmt::format("embedding={}; sequence={}x{}; period_search={}; alternates={}; objects_per_part={}",
                  run.layout.embedding_size, run.layout.sequence_steps, run.layout.sequence_width,
                  run.layout.period_search, run.layout.n_alternates, run.parts.objects_per_part));
  Sha256 hash;
  for (const fs::path& file : run.files) {
    std::error_code error;
    const std::uintmax_t size = fs::file_size(file, error);
    // Of a file that is not there, or no file, it is known for certain that it has no size.
    if (error && error != std::errc::no_such_file_or_directory && error != std::errc::not_supported &&
        error != std::errc::is_a_directory) {
      throw Error(Diagnostic{.code = Status::no_input,
                             .file = file.string(),
                             .message = "cannot find out its size: " + error.message()});
    }
    const std::string line = fmt::format("{}\t{}\n", file.string(), error ? 0 : size);
    hash.update(std::as_bytes(std::span(line.data(), line.size())));
  }
  identity.emplace_back(
      "inputs", fmt::format("{} files; names and sizes sha256 {}", run.files.size(), hash.finish_hex()));
  if (!run.parts.shard.empty()) identity.emplace_back("shard", run.parts.shard);
  return identity;
}

}  // namespace astrom3
