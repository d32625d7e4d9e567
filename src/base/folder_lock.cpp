// SPDX-License-Identifier: MIT
#include "base/folder_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "astrom3/base/error.h"
#include "base/open_folder.h"

namespace astrom3 {
namespace {

Error lock_error(const std::filesystem::path& path, std::string message, Hint hint = {}) {
  return Error(Diagnostic{.code = Status::output_error,
                          .file = path.string(),
                          .message = std::move(message),
                          .hint = std::move(hint)});
}

std::string holder_of(int descriptor) {
  std::array<char, 256> text{};
  const ssize_t n = ::pread(descriptor, text.data(), text.size(), 0);
  return n > 0 ? escaped(std::string_view(text.data(), static_cast<std::size_t>(n)), 256)
               : std::string("another process");
}

/// A regular file that has no other name elsewhere.
bool is_ours_alone(int descriptor) {
  struct stat info {};
  return ::fstat(descriptor, &info) == 0 && S_ISREG(info.st_mode) && info.st_nlink <= 1;
}

std::string own_name() {
  std::array<char, 65> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '?';
  return fmt::format("process {} on {}", ::getpid(), host.data());
}

/// Whether the lock's name still names the file behind `descriptor`: its last holder may have removed it
/// between our open and our lock.
bool is_still_named(const OpenFolder& folder, int descriptor) {
  struct stat by_name {};
  struct stat by_descriptor {};
  return ::fstatat(folder.descriptor(), FolderLock::kName, &by_name, AT_SYMLINK_NOFOLLOW) == 0 &&
         ::fstat(descriptor, &by_descriptor) == 0 && by_name.st_dev == by_descriptor.st_dev &&
         by_name.st_ino == by_descriptor.st_ino;
}

}  // namespace

FolderLock::FolderLock(std::shared_ptr<const OpenFolder> folder) : folder_(std::move(folder)) {
  const std::filesystem::path path = *folder_ / kName;
  for (;;) {
    descriptor_ = open_beneath(*folder_, kName, O_RDWR | O_CREAT | O_NONBLOCK, 0666);
    if (descriptor_ < 0) throw lock_error(path, "cannot open: " + std::generic_category().message(errno));
    if (!is_ours_alone(descriptor_)) {
      ::close(descriptor_);
      throw lock_error(path, "is not a file of this folder alone");
    }
    int result = 0;
    do {
      result = ::flock(descriptor_, LOCK_EX | LOCK_NB);
    } while (result != 0 && errno == EINTR);
    if (result != 0) {
      const int error = errno;
      const std::string holder = holder_of(descriptor_);
      ::close(descriptor_);
      if (error == EWOULDBLOCK)
        throw lock_error(folder_->path(), "locked by " + holder, "wait for it, or choose another folder");
      throw lock_error(path, "cannot lock: " + std::generic_category().message(error),
                       {"a file system without locks: {}, if nothing else writes here", {{"lock", "false"}}});
    }
    if (is_still_named(*folder_, descriptor_)) break;
    ::close(descriptor_);
  }
  const std::string name = own_name();
  // The name is only for error messages; the lock holds without it.
  if (::ftruncate(descriptor_, 0) == 0) (void)!::pwrite(descriptor_, name.data(), name.size(), 0);
}

FolderLock::~FolderLock() {
  ::unlinkat(folder_->descriptor(), kName, 0);
  ::close(descriptor_);
}

}  // namespace astrom3
