// SPDX-License-Identifier: MIT
#include "base/open_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "astrom3/base/error.h"
#include "base/file_owner.h"
#include "base/flush_to_disk.h"

namespace astrom3 {
namespace {

constexpr int kMostLinks = 40;  // as Linux follows

// A folder whose names may be used, and whose list need not be readable.
#ifdef O_PATH
constexpr int kForNames = O_PATH;
#else
constexpr int kForNames = O_SEARCH;
#endif

[[noreturn]] void fail_at(const std::filesystem::path& path, std::string message) {
  throw Error(Diagnostic{.code = Status::output_error, .file = path.string(), .message = std::move(message)});
}

[[noreturn]] void fail_at(const std::filesystem::path& path, std::string_view what, int error) {
  fail_at(path, fmt::format("{}: {}", what, std::generic_category().message(error)));
}

int open_again(int folder, const char* name, int flags, mode_t mode) {
  int descriptor = -1;
  do {
    descriptor = ::openat(folder, name, flags, mode);
  } while (descriptor < 0 && errno == EINTR);
  return descriptor;
}

std::filesystem::path folder_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

/// Whether a link may have been put there by somebody else, for others to follow.
bool is_planted(const std::filesystem::path& link, const struct ::stat& info) {
  struct ::stat folder {};
  if (::stat(folder_of(link).c_str(), &folder) != 0) return false;
  const bool is_shared = (folder.st_mode & S_ISVTX) != 0 && (folder.st_mode & S_IWOTH) != 0;
  return is_shared && info.st_uid != effective_user() && info.st_uid != folder.st_uid;
}

}  // namespace

OpenFolder::OpenFolder(std::filesystem::path path)
    : path_(std::move(path)),
      descriptor_(
          open_again(AT_FDCWD, path_.empty() ? "." : path_.c_str(), kForNames | O_DIRECTORY | O_CLOEXEC, 0)) {
  if (descriptor_ < 0) fail_at(path_, "cannot open folder", errno);
}

OpenFolder::~OpenFolder() {
  ::close(descriptor_);
}

FolderSync::FolderSync(const OpenFolder& folder)
    : path_(folder.path()),
      descriptor_(open_again(folder.descriptor(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)) {
  if (descriptor_ < 0 && errno != EACCES) fail_at(path_, "cannot open folder", errno);
}

FolderSync::~FolderSync() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void FolderSync::run() const {
  if (descriptor_ < 0) return;
  const int error = flush_to_disk(descriptor_);
  // Some file systems cannot sync a folder; on those a rename needs no fsync.
  if (error != 0 && error != EINVAL && error != EROFS && error != ENOTSUP)
    fail_at(path_, "cannot flush folder", error);
}

void FolderSync::keep_others_out() const noexcept {
  constexpr int kAttempts = 100;  // somebody may hold the lock for ever
  for (int i = 0; descriptor_ >= 0 && i < kAttempts; ++i) {
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

int open_beneath(const OpenFolder& folder, const std::string& name, int flags, mode_t mode) {
  return open_again(folder.descriptor(), name.c_str(), flags | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, mode);
}

namespace {

/// Whether a link, such as /proc/self/fd/3, leads to a file that its text does not name: one without a name,
/// or under another one by now.
bool leads_elsewhere(const std::filesystem::path& link, const std::filesystem::path& text) {
  struct ::stat behind {
  }, named{};
  if (::stat(link.c_str(), &behind) != 0) return false;
  return ::stat(text.c_str(), &named) != 0 || behind.st_dev != named.st_dev || behind.st_ino != named.st_ino;
}

}  // namespace

std::filesystem::path behind_own_links(std::filesystem::path path) {
  const std::filesystem::path named = path;
  for (int n_links = 0;; ++n_links) {
    struct ::stat info {};
    if (::lstat(path.c_str(), &info) != 0 || !S_ISLNK(info.st_mode)) return path;
    if (n_links == kMostLinks) fail_at(named, "cannot create", ELOOP);
    if (is_planted(path, info))
      fail_at(named, "is a symbolic link of another user in a folder where everybody may write");
    std::error_code error;
    const std::filesystem::path target = std::filesystem::read_symlink(path, error);
    if (error) fail_at(named, "cannot create: " + error.message());
    std::filesystem::path next = folder_of(path) / target;
    if (leads_elsewhere(path, next)) fail_at(named, "leads to an open file that has no name");
    path = std::move(next);
  }
}

}  // namespace astrom3
