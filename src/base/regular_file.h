// SPDX-License-Identifier: MIT
//
// A regular file that is read with pread(2): if it is cut or replaced while it is read, the result is an
// error and never a SIGBUS.
#pragma once

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <filesystem>
#include <span>
#include <string>
#include <utility>

#include "astrom3/base/error.h"
#include "base/open_folder.h"

namespace astrom3 {

/// Open for reading. Directories, pipes, devices and sockets are refused: their size is unknown.
/// Every failure throws Error with the code given at opening, naming the file and the reason.
class RegularFile {
 public:
  RegularFile(std::filesystem::path path, Status code);
  /// The file `name` of a folder that is open; a link in its place is refused.
  RegularFile(const OpenFolder& folder, const std::string& name, Status code);
  ~RegularFile();
  RegularFile(RegularFile&& other) noexcept;
  RegularFile& operator=(RegularFile&&) = delete;

  const std::filesystem::path& path() const noexcept { return path_; }
  std::uint64_t size() const noexcept { return size_; }  ///< bytes, as it was at opening

  /// When it was written to last, as it was at opening: seconds and nanoseconds since 1970.
  std::pair<std::int64_t, std::int64_t> modified() const noexcept {
    return {modified_.tv_sec, modified_.tv_nsec};
  }

  /// Fills `bytes` from `offset`; throws if the file ends before that, and Stopped as throw_if_stopped().
  void read_at(std::uint64_t offset, std::span<std::byte> bytes) const;

  /// Throws when size, modification time or identity differ from those at opening.
  void require_unchanged() const;

 private:
  [[noreturn]] void fail(std::string message, Hint hint = {}) const;
  void take(int descriptor);

  std::filesystem::path path_;
  Status code_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
  std::timespec modified_{};
};

/// Lower-case hex of the SHA-256 of the whole file, read piece by piece.
std::string sha256_of(const RegularFile& file);

/// The whole file as text. Throws Error `code`, also when it is larger than `max_bytes`.
std::string read_text_file(const std::filesystem::path& path, std::size_t max_bytes, Status code);

}  // namespace astrom3
