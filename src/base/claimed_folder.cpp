// SPDX-License-Identifier: MIT
#include "base/claimed_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "base/folder_lock.h"
#include "base/open_folder.h"
#include "base/regular_file.h"
#include "base/temporary_name.h"

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

void remove_file(const OpenFolder& folder, const std::string& name) {
  if (::unlinkat(folder.descriptor(), name.c_str(), 0) != 0 && errno != ENOENT)
    fail(folder / name, "cannot remove: " + std::generic_category().message(errno));
}

/// The name of an atomic file until it is complete.
bool is_temporary(std::string_view name, const RunFiles& files) {
  const std::string_view of = name_of_temporary(name);
  return !of.empty() && files.is_its(of);
}

/// Those of the names that are not links, folders or pipes.
std::vector<std::string> regular_files(const OpenFolder& folder, std::vector<std::string> names) {
  std::erase_if(names, [&](const std::string& name) {
    struct ::stat info {};
    return ::fstatat(folder.descriptor(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0 ||
           !S_ISREG(info.st_mode);
  });
  return names;
}

/// Refuses links and other files that a run never makes: writing to them would write into another place.
void check_regular(const OpenFolder& folder, const std::vector<std::string>& found, const RunFiles& files) {
  for (const std::string& name : found) {
    struct ::stat info {};
    if (!files.is_its(name) ||
        ::fstatat(folder.descriptor(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0 ||
        S_ISREG(info.st_mode))
      continue;
    fail(folder / name,
         fmt::format("is {}, and no file that a {} made",
                     S_ISLNK(info.st_mode) ? "a symbolic link" : "not a regular file", files.run));
  }
}

/// Refuses a folder with a file that another program made under one of our names. A file that a crash cut
/// short is ours.
void check_begins(const OpenFolder& folder, const std::vector<std::string>& found, const RunFiles& files) {
  for (const FileBegin& known : files.begins) {
    if (std::find(found.begin(), found.end(), known.name) == found.end()) continue;
    std::string begin(known.begins.size(), '\0');
    const RegularFile file(folder, std::string(known.name), Status::output_error);
    begin.resize(static_cast<std::size_t>(std::min<std::uint64_t>(begin.size(), file.size())));
    file.read_at(0, std::as_writable_bytes(std::span(begin)));
    if (!known.begins.starts_with(begin))
      fail(folder / std::string(known.name), fmt::format("is of another program, and of no {}", files.run),
           fmt::format("a {} is written into a new folder", files.run));
  }
}

/// Refuses a folder without the mark if the claim does not allow the files in it.
void check_without_run(const fs::path& folder, const std::vector<std::string>& found,
                       const FolderClaim& claim, const RunFiles& files) {
  const auto is_foreign = [&](const std::string& name) {
    return !files.is_its(name) && !is_temporary(name, files);
  };
  const auto foreign = std::find_if(found.begin(), found.end(), is_foreign);
  if (foreign != found.end())
    fail(folder, fmt::format("holds {}, which is none of a {}'s files", escaped(*foreign), files.run),
         fmt::format("a {} is written into a new folder", files.run));
  const bool holds_leftovers_only = std::all_of(found.begin(), found.end(), [&](const std::string& name) {
    return name == files.kept || is_temporary(name, files);
  });
  if (!found.empty() && !claim.force && !(claim.resume && holds_leftovers_only))
    fail(folder, fmt::format("this folder is not empty, and holds no {} to go on with", files.run),
         {"another folder, or {}", {{"force", "true"}}});
}

void remove_run(const OpenFolder& folder, const std::vector<std::string>& found, const RunFiles& files) {
  for (const std::string& name : found) {
    if (files.is_its(name) && name != files.kept && name != files.mark) remove_file(folder, name);
  }
  remove_file(folder, std::string(files.mark));
}

}  // namespace

ClaimedFolder::ClaimedFolder(const FolderClaim& claim, const RunFiles& files) {
  fs::path path = claim.folder;
  if (path.filename().empty()) path = path.parent_path();  // "out/" is "out"
  make(path);
  folder_ = std::make_shared<OpenFolder>(path);
  if (claim.lock) lock_.emplace(folder_);
  const std::vector<std::string> found = names_in(path);
  const bool has_run = std::find(found.begin(), found.end(), files.mark) != found.end();
  if (!has_run) {
    check_without_run(path, found, claim, files);
  } else if (!claim.resume && !claim.force) {
    fail(path, fmt::format("this folder holds a {} already", files.run),
         {"{} goes on with it, {} starts it again", {{"resume", "true"}, {"force", "true"}}});
  }
  if (claim.force) {
    check_begins(*folder_, regular_files(*folder_, found), files);
    remove_run(*folder_, found, files);
  } else {
    check_regular(*folder_, found, files);
    check_begins(*folder_, found, files);
  }
  for (const std::string& name : found) {
    if (is_temporary(name, files)) remove_file(*folder_, name);
  }
}

void ClaimedFolder::remove(const std::string& file) const {
  remove_file(*folder_, file);
}

std::pair<std::uint64_t, std::string> ClaimedFolder::sha256_of(const std::string& name) const {
  const RegularFile file(*folder_, name, Status::output_error);
  return {file.size(), astrom3::sha256_of(file)};
}

bool ClaimedFolder::holds(const std::string& file, std::uint64_t bytes, const std::string& sha256) const {
  struct ::stat info {};
  if (::fstatat(folder_->descriptor(), file.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) return false;
  if (!S_ISREG(info.st_mode) || static_cast<std::uint64_t>(info.st_size) != bytes) return false;
  return sha256_of(file).second == sha256;
}

}  // namespace astrom3
