// SPDX-License-Identifier: MIT
#include "base/regular_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/base/stop_scope.h"
#include "base/file_time.h"
#include "base/open_folder.h"
#include "base/sha256.h"

namespace astrom3 {
namespace {

// Without O_NONBLOCK, opening a pipe would wait for somebody to write to it.
constexpr int kOpenFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

std::string reason(int error) {
  return std::generic_category().message(error);
}

std::string_view kind_of(mode_t mode) {
  if (S_ISDIR(mode)) return "a directory";
  if (S_ISFIFO(mode)) return "a pipe";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

}  // namespace

RegularFile::RegularFile(std::filesystem::path path, Status code) : path_(std::move(path)), code_(code) {
  // The system would take the name up to there: another file.
  if (path_.native().find('\0') != std::string::npos) fail("cannot open: its name holds a NUL");
  int descriptor = -1;
  do {
    descriptor = ::open(path_.c_str(), kOpenFlags);
  } while (descriptor < 0 && errno == EINTR);
  take(descriptor);
}

RegularFile::RegularFile(const OpenFolder& folder, const std::string& name, Status code)
    : path_(folder / name), code_(code) {
  const int descriptor = open_beneath(folder, name, kOpenFlags);
  if (descriptor < 0 && errno == ELOOP) fail("is a symbolic link, not a regular file");
  take(descriptor);
}

void RegularFile::take(int descriptor) {
  if (descriptor < 0) fail(fmt::format("cannot open: {}", reason(errno)));
  descriptor_ = descriptor;
  struct stat status {};
  const bool known = ::fstat(descriptor_, &status) == 0;
  const int error = errno;
  if (!known || !S_ISREG(status.st_mode)) {
    ::close(std::exchange(descriptor_, -1));
    if (!known) fail(fmt::format("cannot read its size: {}", reason(error)));
    fail(fmt::format("is {}, not a regular file", kind_of(status.st_mode)));
  }
  size_ = static_cast<std::uint64_t>(status.st_size);
  modified_ = modification_time(status);
}

RegularFile::RegularFile(RegularFile&& other) noexcept
    : path_(std::move(other.path_)),
      code_(other.code_),
      descriptor_(std::exchange(other.descriptor_, -1)),
      size_(other.size_),
      modified_(other.modified_) {}

RegularFile::~RegularFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void RegularFile::fail(std::string message, Hint hint) const {
  throw Error(Diagnostic{
      .code = code_, .file = path_.string(), .message = std::move(message), .hint = std::move(hint)});
}

void RegularFile::read_at(std::uint64_t offset, std::span<std::byte> bytes) const {
  constexpr std::size_t kMostBytes = 16 << 20;  // read well before a signal has waited for long
  throw_if_stopped();
  while (!bytes.empty()) {
    const ssize_t n =
        ::pread(descriptor_, bytes.data(), std::min(bytes.size(), kMostBytes), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail(fmt::format("cannot read: {}", reason(errno)));
    if (n == 0) fail(fmt::format("ends at byte {}; it had {} bytes when it was opened", offset, size_));
    bytes = bytes.subspan(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
    if (!bytes.empty()) throw_if_stopped();
  }
}

void RegularFile::require_unchanged() const {
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0) fail(fmt::format("cannot read its size: {}", reason(errno)));
  const std::timespec modified = modification_time(status);
  if (static_cast<std::uint64_t>(status.st_size) != size_ || modified.tv_sec != modified_.tv_sec ||
      modified.tv_nsec != modified_.tv_nsec) {
    fail("was changed while it was read", "try again once nothing writes to it");
  }
}

std::string sha256_of(const RegularFile& file) {
  Sha256 hash;
  std::vector<std::byte> block(1 << 20);
  for (std::uint64_t at = 0; at < file.size();) {
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(block.size(), file.size() - at));
    file.read_at(at, std::span(block).first(n));
    hash.update(std::span(block).first(n));
    at += n;
  }
  return hash.finish_hex();
}

std::string read_text_file(const std::filesystem::path& path, std::size_t max_bytes, Status code) {
  const RegularFile file(path, code);
  if (file.size() > max_bytes) {
    throw Error(
        Diagnostic{.code = code,
                   .file = path.string(),
                   .message = fmt::format("is {} bytes; at most {} are read here", file.size(), max_bytes)});
  }
  std::string text(static_cast<std::size_t>(file.size()), '\0');
  file.read_at(0, std::as_writable_bytes(std::span(text.data(), text.size())));
  file.require_unchanged();
  return text;
}

}  // namespace astrom3
