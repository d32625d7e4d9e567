// SPDX-License-Identifier: MIT
//
// A file that appears under its name only when it is complete.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace astrom3 {

/// Writes to "<path>.tmp.<pid>" in the same folder; commit() flushes, fsyncs, renames over `path`
/// and fsyncs the folder. Destroying it uncommitted removes the temporary file.
///
/// A symbolic link is followed: what it points to is replaced. A directory, pipe or device in the
/// place of `path` is refused at construction, since renaming over it would destroy it.
/// After a failure the file is lost: finish() and commit() throw again rather than make it final
/// (an fsync that failed once may well succeed the second time, with the data gone).
/// Every failure throws Error output_error naming the path and the system's reason. A file size
/// limit (RLIMIT_FSIZE) is such a failure too, not the signal SIGXFSZ.
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path path);
  ~AtomicFile();
  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&&) = delete;

  void write(std::string_view text);
  void write(std::span<const std::byte> bytes);
  /// Overwrites bytes already written, e.g. a header whose counts are known only at the end.
  void write_at(std::uint64_t offset, std::string_view text);
  std::uint64_t size() const noexcept { return written_ + buffer_.size(); }
  /// Closes and fsyncs the temporary file, which keeps its name: the slow half of commit().
  void finish();
  void commit();

  const std::filesystem::path& path() const noexcept { return path_; }
  const std::filesystem::path& temporary_path() const noexcept { return temporary_; }

 private:
  friend void commit_together(std::span<AtomicFile* const> files);
  enum class State { writing, finished, failed, committed };

  void open();
  void require_open() const;
  void flush();
  void rename_into_place();

  std::filesystem::path path_;
  std::filesystem::path temporary_;
  std::string buffer_;
  std::uint64_t written_ = 0;
  int descriptor_ = -1;
  State state_ = State::failed;
};

/// Commits files that belong together: all are finished first, then renamed in the given order.
/// If a rename fails, or the fsync of a folder after it, the files that were renamed already are
/// removed again: after an error no file of this call stands under its final name.
void commit_together(std::span<AtomicFile* const> files);

/// pwrite(2) until all of `text` is written: it may take less than asked for, or be interrupted.
/// Throws Error output_error naming `path`; a file size limit is such an error, not a signal.
void write_fully(int descriptor, std::string_view text, std::uint64_t offset,
                 const std::filesystem::path& path);

/// fsync of the folder that holds `path`, so that a rename in it survives a power loss.
void sync_folder_of(const std::filesystem::path& path);

}  // namespace astrom3
