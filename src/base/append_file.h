// SPDX-License-Identifier: MIT
//
// A file that only grows: appended bytes are on disk before the call returns.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/open_folder.h"

namespace astrom3 {

/// Opens the file of a folder, or creates it; opening never truncates it. A symbolic link in its place is
/// refused, and so is a file with a second name (a hard link): writing would change the other file, too.
/// Every failure throws Error output_error naming the file and the system's reason. Use from one thread.
class AppendFile {
 public:
  AppendFile(const OpenFolder& folder, const std::string& name);
  ~AppendFile();
  AppendFile(const AppendFile&) = delete;
  AppendFile& operator=(const AppendFile&) = delete;

  std::uint64_t size() const noexcept { return size_; }
  /// Throws Error output_error when the path no longer names this file: it was removed, moved, or its
  /// folder was.
  void require_its_name() const;
  /// Writes at the end, then calls fsync. Calls require_its_name() first, so that nothing is written to a
  /// file that was removed.
  void append(std::string_view text);
  /// Overwrites existing bytes of the file, then calls fsync.
  void write_at(std::uint64_t offset, std::string_view text);
  /// Cuts the file to its first `size` bytes.
  void truncate(std::uint64_t size);
  /// Up to `n` bytes from `offset`; fewer only at the end of the file.
  std::string read_at(std::uint64_t offset, std::size_t n) const;

 private:
  [[noreturn]] void fail(std::string_view what, int error) const;
  [[noreturn]] void refuse(const char* why);
  void sync();

  std::filesystem::path path_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

}  // namespace astrom3
