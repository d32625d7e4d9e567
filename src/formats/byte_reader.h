// SPDX-License-Identifier: MIT
//
// The raw bytes of a regular file, or of memory, read front to back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>

#include "base/regular_file.h"

namespace astrom3 {

class ByteReader {
 public:
  /// Throws Error io_error (with the system's reason): missing, unreadable, or not a regular file
  /// (a pipe or device has no size and cannot be read twice).
  static ByteReader open(const std::filesystem::path& file);
  /// `bytes` must outlive the reader.
  static ByteReader in_memory(std::string_view bytes) noexcept;

  /// A second reader of the same bytes, at their start; it stays valid even if the name is removed.
  ByteReader from_start() const;

  /// Fills the front of `into`; 0 only at the end. Throws Error io_error, also if the file was changed
  /// after it was opened, and Stopped.
  std::size_t read(std::span<char> into);

  std::uint64_t position() const noexcept { return position_; }
  std::uint64_t size() const noexcept { return file_ != nullptr ? file_->size() : memory_.size(); }

 private:
  ByteReader() = default;

  std::shared_ptr<const RegularFile> file_;  ///< null: memory_
  std::string_view memory_;
  std::uint64_t position_ = 0;
};

}  // namespace astrom3
