// SPDX-License-Identifier: MIT
#include "base/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

#include "astrom3/base/error.h"
#include "base/file_owner.h"
#include "base/file_size_signal.h"
#include "base/flush_to_disk.h"
#include "base/open_folder.h"
#include "base/temporary_name.h"

namespace astrom3 {
namespace {

constexpr std::size_t kBufferBytes = 1 << 18;
constexpr int kMaxTemporaries = 100;

[[noreturn]] void fail(const std::filesystem::path& path, std::string_view what, int error) {
  throw Error(Diagnostic{.code = Status::output_error,
                         .file = path.string(),
                         .message = fmt::format("{}: {}", what, std::generic_category().message(error))});
}

void sync_or_fail(int descriptor, const std::filesystem::path& path) {
  if (const int error = flush_to_disk(descriptor); error != 0) fail(path, "cannot flush to disk", error);
}

/// Owner, group and permissions of `old`, as far as the system allows; if the group cannot be kept, the new
/// group gets no more permissions than everybody.
void give_permissions(int descriptor, const struct ::stat& old) {
  mode_t mode = old.st_mode & 0777u;
  const bool has_owner = give_file(descriptor, old.st_uid, old.st_gid);
  const bool has_group = has_owner || give_file(descriptor, static_cast<uid_t>(-1), old.st_gid);
  if (!has_group) mode &= 0707u | (mode & 07u) << 3;
  (void)!::fchmod(descriptor, mode);
}

std::shared_ptr<const OpenFolder> open_folder_of(const std::filesystem::path& target,
                                                 const std::filesystem::path& named) {
  if (target.filename().empty()) fail(named, "cannot create", EISDIR);
  try {
    return std::make_shared<OpenFolder>(target.parent_path());
  } catch (const Error& error) {  // the file is what was asked for
    Diagnostic diagnostic = error.diagnostic();
    diagnostic.file = named.string();
    throw Error(std::move(diagnostic));
  }
}

}  // namespace

AtomicFile::AtomicFile(const std::filesystem::path& path, Links links) {
  if (path.native().find('\0') != std::string::npos) fail(path, "cannot create", EINVAL);
  const std::filesystem::path target = links == Links::followed ? behind_own_links(path) : path;
  folder_ = open_folder_of(target, path);
  name_ = target.filename().string();
  open();
}

AtomicFile::AtomicFile(std::shared_ptr<const OpenFolder> folder, std::string name)
    : folder_(std::move(folder)), name_(std::move(name)) {
  open();
}

void AtomicFile::open() {
  struct ::stat old {};
  const bool has_old = ::fstatat(folder_->descriptor(), name_.c_str(), &old, AT_SYMLINK_NOFOLLOW) == 0;
  if (has_old && S_ISDIR(old.st_mode)) fail(path(), "cannot create", EISDIR);
  if (has_old && !S_ISREG(old.st_mode) && !S_ISLNK(old.st_mode)) {
    throw Error(Diagnostic{.code = Status::output_error,
                           .file = path().string(),
                           .message = "is a pipe or device; a regular file is needed here"});
  }
  const bool is_replaced = has_old && S_ISREG(old.st_mode);
  for (int attempt = 0; descriptor_ < 0; ++attempt) {
    temporary_ = temporary_name(name_);
    // No other user can read it before it has the permissions of the file that it replaces.
    descriptor_ = open_beneath(*folder_, temporary_, O_RDWR | O_CREAT | O_EXCL, is_replaced ? 0600 : 0666);
    if (descriptor_ >= 0 || (errno == EEXIST && attempt < kMaxTemporaries)) continue;
    const int error = errno;
    temporary_.clear();
    fail(path(), "cannot create", error);
  }
  if (is_replaced) give_permissions(descriptor_, old);
  state_ = State::writing;
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : folder_(std::move(other.folder_)),
      name_(std::move(other.name_)),
      temporary_(std::exchange(other.temporary_, {})),
      buffer_(std::move(other.buffer_)),
      written_(other.written_),
      descriptor_(std::exchange(other.descriptor_, -1)),
      state_(std::exchange(other.state_, State::failed)) {}

AtomicFile::~AtomicFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) ::unlinkat(folder_->descriptor(), temporary_.c_str(), 0);
}

void AtomicFile::write(std::string_view text) {
  require_open();
  buffer_.append(text);
  if (buffer_.size() >= kBufferBytes) flush();
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  write(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

void AtomicFile::write_at(std::uint64_t offset, std::string_view text) {
  flush();
  state_ = State::failed;
  write_fully(descriptor_, text, offset, path());
  state_ = State::writing;
}

void AtomicFile::require_open() const {
  if (state_ == State::writing) return;
  throw Error(Diagnostic{.code = Status::output_error,
                         .file = path().string(),
                         .message = state_ == State::failed ? "cannot go on after an earlier failure"
                                                            : "cannot write after the end"});
}

void AtomicFile::flush() {
  require_open();
  state_ = State::failed;  // until this succeeds
  write_fully(descriptor_, buffer_, written_, path());
  written_ += buffer_.size();
  buffer_.clear();
  state_ = State::writing;
}

void AtomicFile::finish() {
  if (state_ == State::finished || state_ == State::committed) return;
  flush();
  state_ = State::failed;
  sync_or_fail(descriptor_, path());
  // Linux has closed the descriptor even when close(2) was interrupted.
  if (::close(std::exchange(descriptor_, -1)) != 0 && errno != EINTR) fail(path(), "cannot close", errno);
  state_ = State::finished;
}

void AtomicFile::commit() {
  AtomicFile* const self = this;
  commit_together({&self, 1});
}

void write_fully(int descriptor, std::string_view text, std::uint64_t offset,
                 const std::filesystem::path& path) {
  int error = 0;
  {
    const NoFileSizeSignal guard;
    while (!text.empty() && error == 0) {
      const ssize_t n = ::pwrite(descriptor, text.data(), text.size(), static_cast<off_t>(offset));
      if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
      if (n <= 0) {
        error = n < 0 ? errno : ENOSPC;
      } else {
        text.remove_prefix(static_cast<std::size_t>(n));
        offset += static_cast<std::uint64_t>(n);
      }
    }
  }
  if (error != 0) fail(path, "cannot write", error);
}

void sync_folder_of(const std::filesystem::path& path) {
  const OpenFolder folder(path.parent_path());
  FolderSync(folder).run();
}

}  // namespace astrom3
