// SPDX-License-Identifier: MIT
#include "base/append_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string>
#include <system_error>
#include <utility>

#include "astrom3/base/error.h"
#include "base/atomic_file.h"
#include "base/flush_to_disk.h"
#include "base/open_folder.h"

namespace astrom3 {

AppendFile::AppendFile(const OpenFolder& folder, const std::string& name) : path_(folder / name) {
  struct stat status {};
  const bool is_new = ::fstatat(folder.descriptor(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0;
  // O_NONBLOCK: a pipe must not make it wait.
  descriptor_ = open_beneath(folder, name, O_RDWR | O_CREAT | O_NONBLOCK, 0666);
  if (descriptor_ < 0 && errno == ELOOP) refuse("is a symbolic link, not a regular file");
  if (descriptor_ < 0) fail("cannot open", errno);
  if (::fstat(descriptor_, &status) != 0) fail("cannot read its size", errno);
  if (!S_ISREG(status.st_mode)) refuse("is not a regular file");
  if (status.st_nlink > 1)
    refuse("has another name, too (a hard link): what is written here would be written there");
  size_ = static_cast<std::uint64_t>(status.st_size);
  if (is_new) FolderSync(folder).run();
}

AppendFile::~AppendFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void AppendFile::fail(std::string_view what, int error) const {
  throw Error(Diagnostic{.code = Status::output_error,
                         .file = path_.string(),
                         .message = fmt::format("{}: {}", what, std::generic_category().message(error))});
}

void AppendFile::refuse(const char* why) {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
  throw Error(Diagnostic{.code = Status::output_error, .file = path_.string(), .message = why});
}

void AppendFile::sync() {
  if (const int error = flush_to_disk(descriptor_); error != 0) fail("cannot flush to disk", error);
}

void AppendFile::require_its_name() const {
  struct stat by_name {};
  struct stat by_descriptor {};
  if (::fstat(descriptor_, &by_descriptor) != 0) fail("cannot read its state", errno);
  const bool is_there = ::lstat(path_.c_str(), &by_name) == 0;
  if (!is_there && errno != ENOENT) fail("cannot read its state", errno);
  if (is_there && by_name.st_dev == by_descriptor.st_dev && by_name.st_ino == by_descriptor.st_ino) return;
  throw Error(Diagnostic{.code = Status::output_error,
                         .file = path_.string(),
                         .message = is_there ? "another file took its place while the run wrote to it"
                                             : "was removed while the run wrote to it"});
}

void AppendFile::append(std::string_view text) {
  require_its_name();
  write_at(size_, text);
}

void AppendFile::write_at(std::uint64_t offset, std::string_view text) {
  write_fully(descriptor_, text, offset, path_);
  size_ = std::max(size_, offset + text.size());
  sync();
}

void AppendFile::truncate(std::uint64_t size) {
  while (::ftruncate(descriptor_, static_cast<off_t>(size)) != 0) {
    if (errno != EINTR) fail("cannot truncate", errno);
  }
  size_ = size;
  sync();
}

std::string AppendFile::read_at(std::uint64_t offset, std::size_t n) const {
  std::string text(n, '\0');
  std::size_t done = 0;
  while (done < n) {
    const ssize_t got = ::pread(descriptor_, text.data() + done, n - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail("cannot read", errno);
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  text.resize(done);
  return text;
}

}  // namespace astrom3
