// SPDX-License-Identifier: MIT
//
// The raw bytes of a regular file, or of memory, read front to back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

namespace astrom3 {

/// Move-only. A file that shrinks while it is read simply ends earlier; nothing is mapped.
class ByteReader {
 public:
  /// Throws Error io_error (with the system's reason): missing, unreadable, a directory, or not a
  /// regular file (a pipe or device has no size and cannot be read twice).
  static ByteReader open(const std::filesystem::path& file);
  /// `bytes` must outlive the reader.
  static ByteReader in_memory(std::string_view bytes) noexcept;

  ByteReader(ByteReader&& other) noexcept;
  ByteReader& operator=(ByteReader&& other) noexcept;
  ~ByteReader();

  /// Fills the front of `into`; 0 only at the end. Throws Error io_error.
  std::size_t read(std::span<char> into);
  /// A second reader of the same bytes, at their start; it stays valid should the name vanish.
  ByteReader from_start() const;

  std::uint64_t position() const noexcept { return position_; }
  std::uint64_t size() const noexcept { return size_; }  ///< when it was opened

 private:
  ByteReader() = default;

  int descriptor_ = -1;  ///< -1: memory_
  std::string_view memory_;
  std::uint64_t position_ = 0;
  std::uint64_t size_ = 0;
};

}  // namespace astrom3
