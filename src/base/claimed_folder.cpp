// SPDX-License-Identifier: MIT
#include "base/claimed_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <vector>

#include "astrom3/base/error.h"
#include "base/regular_file.h"
#include "base/sha256.h"

namespace astrom3 {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& folder, std::string message, Hint hint = {}) {
  throw Error(Diagnostic{.code = Status::output_error,
                         .file = folder.string(),
                         .message = std::move(message),
                         .hint = std::move(hint)});
}

void make(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) fail(folder, "cannot make this folder: " + error.message());
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (it->path().filename() != FolderLock::kName) names.push_back(it->path().filename().string());
  }
  if (error) fail(folder, "cannot list this folder: " + error.message());
  return names;
}

void remove_file(const fs::path& file) {
  std::error_code error;
  fs::remove(file, error);
  if (error) fail(file, "cannot remove: " + error.message());
}

/// What an atomic file is called until it is complete: "data.tmp.123", and no name that somebody would
/// choose.
bool is_temporary(std::string_view name, const RunFiles& files) {
  constexpr std::string_view kMiddle = ".tmp.";
  const std::size_t tmp = name.find(kMiddle);
  return tmp != std::string_view::npos && files.is_its(name.substr(0, tmp)) &&
         name.find_first_not_of("0123456789.", tmp + kMiddle.size()) == std::string_view::npos;
}

/// Refuses a folder without the mark where the claim does not allow for what is there.
void check_without_run(const fs::path& folder, const std::vector<std::string>& found,
                       const FolderClaim& claim, const RunFiles& files) {
  const auto is_foreign = [&](const std::string& name) {
    return !files.is_its(name) && !is_temporary(name, files);
  };
  const auto foreign = std::find_if(found.begin(), found.end(), is_foreign);
  if (files.has_common_names && foreign != found.end())
    fail(folder, fmt::format("holds {}, which is none of a {}'s files", escaped(*foreign), files.run),
         fmt::format("a {} is written into a new folder", files.run));
  const bool holds_leftovers_only = std::all_of(found.begin(), found.end(), [&](const std::string& name) {
    return name == files.kept || is_temporary(name, files);
  });
  if (!found.empty() && !claim.force && !(claim.resume && holds_leftovers_only))
    fail(folder, fmt::format("this folder is not empty, and holds no {} to go on with", files.run),
         {"another folder, or {}", {{"force", "true"}}});
}

void remove_run(const fs::path& folder, const std::vector<std::string>& found, const RunFiles& files) {
  for (const std::string& name : found) {
    if (files.is_its(name) && name != files.kept && name != files.mark) remove_file(folder / name);
  }
  remove_file(folder / files.mark);
}

}  // namespace

ClaimedFolder::ClaimedFolder(const FolderClaim& claim, const RunFiles& files) : path_(claim.folder) {
  if (path_.filename().empty()) path_ = path_.parent_path();  // "out/" is "out"
  make(path_);
  if (claim.lock) lock_.emplace(path_);
  const std::vector<std::string> found = names_in(path_);
  if (std::find(found.begin(), found.end(), files.mark) == found.end()) {
    check_without_run(path_, found, claim, files);
  } else if (!claim.resume && !claim.force) {
    fail(path_, fmt::format("this folder holds a {} already", files.run),
         {"{} goes on with it, {} starts it again", {{"resume", "true"}, {"force", "true"}}});
  }
  if (claim.force) remove_run(path_, found, files);
  for (const std::string& name : found) {
    if (is_temporary(name, files)) remove_file(path_ / name);
  }
}

std::pair<std::uint64_t, std::string> ClaimedFolder::sha256_of(const std::string& name) const {
  const RegularFile file(path_ / name, Status::output_error);
  return {file.size(), astrom3::sha256_of(file)};
}

bool ClaimedFolder::holds(const std::string& file, std::uint64_t bytes, const std::string& sha256) const {
  std::error_code error;
  if (fs::file_size(path_ / file, error) != bytes || error) return false;
  return sha256_of(file).second == sha256;
}

}  // namespace astrom3
