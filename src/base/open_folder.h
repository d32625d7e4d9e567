// SPDX-License-Identifier: MIT
//
// A folder held open: its files stay its files, whatever its name means by then.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

namespace astrom3 {

/// What is done to `name` with the *at() calls and descriptor() is done in this folder, also where another
/// folder or a link has taken its place. Needs no permission to list the folder.
class OpenFolder {
 public:
  /// Throws Error output_error naming `path`; empty is the folder that the process is in.
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

/// Brings the names in a folder to disk. Opened first, so that nothing but fsync(2) can fail after a rename.
class FolderSync {
 public:
  /// Throws Error output_error.
  explicit FolderSync(const OpenFolder& folder);
  ~FolderSync();
  FolderSync(const FolderSync&) = delete;
  FolderSync& operator=(const FolderSync&) = delete;

  /// Throws Error output_error.
  void run() const;

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;  ///< -1: a folder that may not be listed cannot be flushed
};

/// openat(2) in `folder`, again where it is interrupted; a link under `name` is not followed. -1 and errno.
int open_beneath(const OpenFolder& folder, const std::string& name, int flags, mode_t mode = 0);

/// The file that `path` names behind symbolic links, which need not exist; `path` where it is no link. Links
/// in a folder where everybody may write are followed only where this user or the owner of the folder made
/// them, as Linux does itself with fs.protected_symlinks. Throws Error output_error.
std::filesystem::path behind_own_links(std::filesystem::path path);

}  // namespace astrom3
