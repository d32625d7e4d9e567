// SPDX-License-Identifier: MIT
#include "formats/byte_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>
#include <utility>

#include "astrom3/error.h"

namespace astrom3 {
namespace {

[[noreturn]] void fail(const std::string& what, int error) {
  throw Error(Status::io_error, what + ": " + std::generic_category().message(error));
}

}  // namespace

ByteReader ByteReader::open(const std::filesystem::path& file) {
  ByteReader reader;
  // O_NONBLOCK: opening a named pipe without a writer must not hang; regular files ignore it.
  reader.descriptor_ = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (reader.descriptor_ < 0) fail("cannot open", errno);
  struct stat info {};
  if (::fstat(reader.descriptor_, &info) != 0) fail("cannot open", errno);
  if (S_ISDIR(info.st_mode)) fail("cannot read", EISDIR);
  if (!S_ISREG(info.st_mode)) throw Error(Status::io_error, "cannot read: not a regular file");
  reader.size_ = static_cast<std::uint64_t>(info.st_size);
  return reader;
}

ByteReader ByteReader::in_memory(std::string_view bytes) noexcept {
  ByteReader reader;
  reader.memory_ = bytes;
  reader.size_ = bytes.size();
  return reader;
}

ByteReader ByteReader::from_start() const {
  ByteReader reader = in_memory(memory_);
  reader.size_ = size_;
  if (descriptor_ >= 0) {
    reader.descriptor_ = ::fcntl(descriptor_, F_DUPFD_CLOEXEC, 0);
    if (reader.descriptor_ < 0) fail("cannot read again", errno);
  }
  return reader;
}

ByteReader::ByteReader(ByteReader&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      memory_(other.memory_),
      position_(other.position_),
      size_(other.size_) {}

ByteReader& ByteReader::operator=(ByteReader&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  memory_ = other.memory_;
  position_ = other.position_;
  size_ = other.size_;
  return *this;
}

ByteReader::~ByteReader() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::size_t ByteReader::read(std::span<char> into) {
  if (descriptor_ < 0) {
    const std::size_t n = std::min<std::size_t>(into.size(), memory_.size() - position_);
    // An empty view may hold a null pointer, which memcpy must not be given.
    if (n > 0) std::memcpy(into.data(), memory_.data() + position_, n);
    position_ += n;
    return n;
  }
  // pread with a position of our own: several readers may share one open file.
  for (;;) {
    const ssize_t n = ::pread(descriptor_, into.data(), into.size(), static_cast<off_t>(position_));
    if (n >= 0) {
      position_ += static_cast<std::uint64_t>(n);
      return static_cast<std::size_t>(n);
    }
    if (errno != EINTR) fail("cannot read", errno);
  }
}

}  // namespace astrom3
