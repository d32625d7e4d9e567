// SPDX-License-Identifier: MIT
//
// One process at a time in a folder.
#pragma once

#include <memory>

#include "base/open_folder.h"

namespace astrom3 {

/// Holds an flock(2) on FOLDER/.astrom3.lock, which the kernel releases when the process ends,
/// however it ends. The file says who holds the lock, and is removed on release.
///
/// Throws Error output_error: "locked by process 123 on host", or if the file system has no
/// locks.
class FolderLock {
 public:
  explicit FolderLock(std::shared_ptr<const OpenFolder> folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

  static constexpr const char* kName = ".astrom3.lock";

 private:
  std::shared_ptr<const OpenFolder> folder_;
  int descriptor_ = -1;
};

}  // namespace astrom3
