// SPDX-License-Identifier: MIT
#include "formats/byte_reader.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>

#include "astrom3/base/error.h"
#include "astrom3/base/stop_scope.h"
#include "base/regular_file.h"

namespace astrom3 {

ByteReader ByteReader::open(const std::filesystem::path& file) {
  ByteReader reader;
  reader.file_ = std::make_shared<const RegularFile>(file, Status::io_error);
  return reader;
}

ByteReader ByteReader::in_memory(std::string_view bytes) noexcept {
  ByteReader reader;
  reader.memory_ = bytes;
  return reader;
}

ByteReader ByteReader::from_start() const {
  ByteReader reader = *this;
  reader.position_ = 0;
  return reader;
}

std::size_t ByteReader::read(std::span<char> into) {
  constexpr std::uint64_t kMostBytes = 16 << 20;  // read well before a signal has waited for long
  throw_if_stopped();
  into = into.first(
      static_cast<std::size_t>(std::min<std::uint64_t>({into.size(), size() - position_, kMostBytes})));
  if (file_ == nullptr) {
    // An empty view may hold a null pointer, which memcpy must not be given.
    if (!into.empty()) std::memcpy(into.data(), memory_.data() + position_, into.size());
  } else if (into.empty()) {
    file_->require_unchanged();
  } else {
    file_->read_at(position_, std::as_writable_bytes(into));
  }
  position_ += into.size();
  return into.size();
}

}  // namespace astrom3
