// SPDX-License-Identifier: MIT
#include "base/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "astrom3/error.h"

namespace astrom3 {
namespace {

constexpr std::size_t kBufferBytes = 1 << 18;

[[noreturn]] void fail(const std::filesystem::path& path, std::string_view what, int error) {
  throw Error(Diagnostic{.code = Status::output_error,
                         .file = path.string(),
                         .message = fmt::format("{}: {}", what, std::generic_category().message(error))});
}

/// write(2) until all is written: it may take less than asked for, or be interrupted.
void write_all(int descriptor, std::string_view text, std::uint64_t offset,
               const std::filesystem::path& path) {
  while (!text.empty()) {
    const ssize_t n = ::pwrite(descriptor, text.data(), text.size(), static_cast<off_t>(offset));
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (n <= 0) fail(path, "cannot write", n < 0 ? errno : ENOSPC);
    text.remove_prefix(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
  }
}

void sync_or_fail(int descriptor, const std::filesystem::path& path) {
  while (::fsync(descriptor) != 0) {
    if (errno == EINTR) continue;
    fail(path, "cannot flush to disk", errno);
  }
}

}  // namespace

AtomicFile::AtomicFile(std::filesystem::path path)
    : path_(std::move(path)), temporary_(path_.string() + fmt::format(".tmp.{}", ::getpid())) {
  do {
    descriptor_ = ::open(temporary_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  } while (descriptor_ < 0 && errno == EINTR);
  if (descriptor_ < 0) fail(path_, "cannot create", errno);
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, {})),
      buffer_(std::move(other.buffer_)),
      written_(other.written_),
      descriptor_(std::exchange(other.descriptor_, -1)) {}

AtomicFile::~AtomicFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void AtomicFile::write(std::string_view text) {
  buffer_.append(text);
  if (buffer_.size() >= kBufferBytes) flush();
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  write(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

void AtomicFile::write_at(std::uint64_t offset, std::string_view text) {
  flush();
  write_all(descriptor_, text, offset, path_);
}

void AtomicFile::flush() {
  write_all(descriptor_, buffer_, written_, path_);
  written_ += buffer_.size();
  buffer_.clear();
}

void AtomicFile::finish() {
  if (descriptor_ < 0) return;
  flush();
  sync_or_fail(descriptor_, path_);
  if (::close(std::exchange(descriptor_, -1)) != 0 && errno != EINTR) fail(path_, "cannot close", errno);
}

void AtomicFile::commit() {
  finish();
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail(path_, "cannot rename into place", errno);
  temporary_.clear();
  sync_folder_of(path_);
}

void sync_folder_of(const std::filesystem::path& path) {
  const std::filesystem::path folder =
      path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) fail(folder, "cannot open folder", errno);
  const int result = ::fsync(descriptor);
  const int error = errno;
  ::close(descriptor);
  // Some file systems cannot sync a folder; they have nothing to lose there either.
  if (result != 0 && error != EINVAL && error != EROFS) fail(folder, "cannot flush folder", error);
}

}  // namespace astrom3
