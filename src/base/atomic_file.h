// SPDX-License-Identifier: MIT
//
// A file that gets its name only when it is complete.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/open_folder.h"

namespace astrom3 {

/// What happens to a symbolic link that has the name of an output.
enum class Links : std::uint8_t {
  replaced,  ///< the file takes the place of the link: for names that nobody typed
  followed,  ///< the file replaces the file that the link points to: see behind_own_links()
};

/// Writes to ".<name>.tmp.<16 random hex digits>" in the same folder, which is held open; commit() flushes,
/// calls fsync, renames over the old file and calls fsync for the folder. The old file is there, complete,
/// until the new one is, and also after a failure. Destroying it uncommitted removes the temporary file.
///
/// The new file has mode and owner of the file that it replaces, as far as the system allows; a file that
/// replaces none has the permissions that umask leaves.
/// A directory, pipe or device in the place of `path` is refused at construction, since renaming over it
/// would destroy it. After a failure the file is lost: finish() and commit() throw again rather than make it
/// final (an fsync that failed once may succeed the second time, although the data are lost). Every failure
/// throws Error output_error naming the path and the system's reason. A file size limit (RLIMIT_FSIZE) is
/// such a failure too, not the signal SIGXFSZ.
class AtomicFile {
 public:
  explicit AtomicFile(const std::filesystem::path& path, Links links = Links::replaced);
  /// The file `name` of a folder that is open already.
  AtomicFile(std::shared_ptr<const OpenFolder> folder, std::string name);
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

  std::filesystem::path path() const { return *folder_ / name_; }
  std::filesystem::path temporary_path() const { return *folder_ / temporary_; }

 private:
  friend class FileGroup;
  enum class State { writing, finished, failed, committed };

  void open();
  void require_open() const;
  void flush();

  std::shared_ptr<const OpenFolder> folder_;
  std::string name_;
  std::string temporary_;
  std::string buffer_;
  std::uint64_t written_ = 0;
  int descriptor_ = -1;
  State state_ = State::failed;
};

/// Commits files that belong together: all are finished first, then renamed in the given order. With
/// `removed`, the names of files in the folder of the first, these are removed when the new files are there.
/// If any step fails, even the fsync of a folder at the end, every file of the call is as it was before:
/// the old one, or none. (On a file system that can neither exchange two names nor link a second one, a file
/// that took the place of an old one stays: it is complete.)
void commit_together(std::span<AtomicFile* const> files, std::span<const std::string> removed = {});

/// pwrite(2) until all of `text` is written: it may take less than asked for, or be interrupted.
/// Throws Error output_error naming `path`; a file size limit is such an error, not a signal.
void write_fully(int descriptor, std::string_view text, std::uint64_t offset,
                 const std::filesystem::path& path);

/// fsync of the folder that holds `path`, so that a rename in it survives a power loss.
void sync_folder_of(const std::filesystem::path& path);

}  // namespace astrom3
