// SPDX-License-Identifier: MIT
//
// A folder that is held open: its files can be reached even if the folder is renamed or replaced.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

namespace astrom3 {

/// The *at() calls with descriptor() act in this folder, even if another folder or a link has taken its
/// place. Needs no permission to list the folder.
class OpenFolder {
 public:
  /// Throws Error output_error naming `path`; an empty path is the current folder of the process.
  explicit OpenFolder(std::filesystem::path path);
  ~OpenFolder();
  OpenFolder(const OpenFolder&) = delete;
  OpenFolder& operator=(const OpenFolder&) = delete;

  const std::filesystem::path& path() const noexcept { return path_; }
  int descriptor() const noexcept { return descriptor_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
};

/// Writes the names in a folder to disk. Opened first, so that only fsync(2) can fail after a rename.
class FolderSync {
 public:
  /// Throws Error output_error.
  explicit FolderSync(const OpenFolder& folder);
  ~FolderSync();
  FolderSync(const FolderSync&) = delete;
  FolderSync& operator=(const FolderSync&) = delete;

  /// Throws Error output_error.
  void run() const;

  /// Waits a second at most until no other commit changes names in the folder, and keeps others waiting until
  /// this is destroyed. Where the file system has no such locks, nothing is locked.
  void keep_others_out() const noexcept;

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;  ///< -1: a folder that may not be listed cannot be flushed
};

/// openat(2) in `folder`, repeated if interrupted; a link `name` is not followed. On failure -1 and errno.
int open_beneath(const OpenFolder& folder, const std::string& name, int flags, mode_t mode = 0);

/// The file to which the symbolic link `path` leads, which need not exist; `path` if it is not a link. Links
/// in a folder where everybody may write are followed only if this user or the owner of the folder made
/// them, as Linux itself does with fs.protected_symlinks. Throws Error output_error.
std::filesystem::path behind_own_links(std::filesystem::path path);

}  // namespace astrom3
