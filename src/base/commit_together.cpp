// SPDX-License-Identifier: MIT
//
// Finished files replace the old ones, all or none.
#include <fcntl.h>
#include <fmt/format.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"
#include "base/atomic_file.h"
#include "base/exchange_names.h"
#include "base/open_folder.h"
#include "base/temporary_name.h"

namespace astrom3 {
namespace {

/// A name whose file was replaced or removed, and how to undo this.
class ChangedName {
 public:
  ChangedName(std::shared_ptr<const OpenFolder> folder, std::string name)
      : folder_(std::move(folder)), name_(std::move(name)) {}

  /// Puts the file `from` of the same folder under the name; an old one is kept aside.
  void put(const std::string& from) {
    int error = exchange(from);
    if (error == EINVAL || error == ENOSYS || error == ENOTSUP) error = link_and_rename(from);
    if (error != 0) fail("cannot rename into place", error);
  }

  /// Takes the file away, if there is one.
  void take_away() {
    const std::string aside = temporary_name(name_);
    if (::renameat(fd(), name_.c_str(), fd(), aside.c_str()) == 0) {
      old_ = aside;
    } else if (errno != ENOENT) {
      fail("cannot remove the file of an earlier run", errno);
    }
  }

  /// Restores the earlier file, as far as possible.
  void undo() noexcept {
    if (!old_.empty()) {
      (void)!::renameat(fd(), old_.c_str(), fd(), name_.c_str());
    } else if (is_new_) {
      ::unlinkat(fd(), name_.c_str(), 0);
    }
  }

  void forget_old() noexcept {
    if (!old_.empty()) ::unlinkat(fd(), old_.c_str(), 0);
  }

 private:
  int fd() const { return folder_->descriptor(); }

  /// In one step: both names are there at every moment. 0, or errno.
  int exchange(const std::string& from) {
    for (;;) {
      int error = exchange_names(fd(), from, name_);
      if (error == 0) {
        old_ = from;
        return old_is_folder() ? give_folder_back(from) : 0;
      }
      if (error != ENOENT) return error;
      error = rename_to_new(fd(), from, name_);
      if (error == 0) is_new_ = true;
      if (error != EEXIST) return error;
    }
  }

  /// A folder may have come there since the file was begun.
  bool old_is_folder() const {
    struct ::stat info {};
    return ::fstatat(fd(), old_.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(info.st_mode);
  }

  int give_folder_back(const std::string& from) {
    exchange_names(fd(), from, name_);
    old_.clear();
    return EISDIR;
  }

  /// For file systems without that (NFS).
  int link_and_rename(const std::string& from) {
    const std::string aside = temporary_name(name_);
    const bool is_linked = ::linkat(fd(), name_.c_str(), fd(), aside.c_str(), 0) == 0;
    const bool had_none = !is_linked && errno == ENOENT;
    if (::renameat(fd(), from.c_str(), fd(), name_.c_str()) != 0) {
      const int error = errno;
      if (is_linked) ::unlinkat(fd(), aside.c_str(), 0);
      return error;
    }
    if (is_linked) old_ = aside;
    is_new_ = had_none;
    return 0;
  }

  [[noreturn]] void fail(std::string_view what, int error) const {
    throw Error(Diagnostic{.code = Status::output_error,
                           .file = (*folder_ / name_).string(),
                           .message = fmt::format("{}: {}", what, std::generic_category().message(error))});
  }

  std::shared_ptr<const OpenFolder> folder_;
  std::string name_;
  std::string old_;  ///< the name of the old file meanwhile; empty: there was none, or it could not be kept
  bool is_new_ = false;
};

}  // namespace

/// The steps of commit_together().
class FileGroup {
 public:
  explicit FileGroup(std::span<AtomicFile* const> files) {
    for (AtomicFile* file : files) {
      if (file->state_ == AtomicFile::State::committed) continue;
      file->finish();
      pending_.push_back(file);
      const bool is_known = !syncs_.empty() && last_folder_ == file->folder_->path();
      if (!is_known) syncs_.push_back(std::make_unique<FolderSync>(*file->folder_));
      last_folder_ = file->folder_->path();
    }
  }

  void commit(std::span<const std::string> removed) {
    // Of two runs that write the same files at once, all are those of one of them.
    if (pending_.size() + removed.size() > 1) {
      for (const auto& sync : syncs_) sync->keep_others_out();
    }
    try {
      for (std::size_t i = 0; i < removed.size() && !pending_.empty(); ++i)
        changed_.emplace_back(pending_.front()->folder_, removed[i]).take_away();
      for (AtomicFile* file : pending_) put(*file);
      for (const auto& sync : syncs_) sync->run();
    } catch (...) {
      for (auto it = changed_.rbegin(); it != changed_.rend(); ++it) it->undo();
      for (AtomicFile* file : pending_) file->state_ = AtomicFile::State::failed;
      throw;
    }
    for (ChangedName& name : changed_) name.forget_old();
  }

 private:
  void put(AtomicFile& file) {
    file.state_ = AtomicFile::State::failed;
    changed_.emplace_back(file.folder_, file.name_).put(file.temporary_);
    file.temporary_.clear();
    file.state_ = AtomicFile::State::committed;
  }

  std::vector<AtomicFile*> pending_;
  std::vector<std::unique_ptr<FolderSync>> syncs_;
  std::filesystem::path last_folder_;
  std::vector<ChangedName> changed_;
};

void commit_together(std::span<AtomicFile* const> files, std::span<const std::string> removed) {
  FileGroup(files).commit(removed);
}

}  // namespace astrom3
