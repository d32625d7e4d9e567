// SPDX-License-Identifier: MIT
//
// One repository in the hub's cache on disk, in the layout of the hub's Python client.
//
//   models--ORG--NAME/blobs/<etag>                a file's bytes, named by their hash
//                     blobs/<etag>.incomplete     the bytes received so far
//                     snapshots/<commit>/<file>   a link to the blob
//                     refs/<revision>             the commit it meant last
//                     .no_exist/<commit>/<file>   a file that is known not to exist
//   .locks/models--ORG--NAME/<etag>.lock          held while a blob is written
//
// A file gets its name when it is complete.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace astrom3 {

/// Every failure to write throws Error network_error naming the place.
class HubCache {
 public:
  HubCache(std::filesystem::path root, std::string folder)
      : root_(std::move(root)), folder_(std::move(folder)) {}

  std::filesystem::path blob(const std::string& etag) const { return root_ / folder_ / "blobs" / etag; }
  std::filesystem::path incomplete(const std::string& etag) const { return blob(etag + ".incomplete"); }
  std::filesystem::path snapshot(const std::string& commit) const {
    return root_ / folder_ / "snapshots" / commit;
  }

  /// The commit that `revision` meant last.
  std::optional<std::string> read_ref(const std::string& revision) const;
  void write_ref(const std::string& revision, const std::string& commit) const;

  bool is_known_absent(const std::string& commit, const std::string& file) const;
  void mark_absent(const std::string& commit, const std::string& file) const;

  /// A file of a snapshot, if its bytes have the hash that is its blob's name, or if that is no hash.
  std::optional<std::filesystem::path> find_whole(const std::string& commit, const std::string& file) const;
  /// Makes snapshots/<commit>/<file> a link to the blob, at once, or a copy if the file system has no links.
  void link(const std::string& commit, const std::string& file, const std::string& etag) const;

  void make_folders(const std::filesystem::path& file) const;

 private:
  void write_small(const std::filesystem::path& path, const std::string& text) const;

  std::filesystem::path root_;
  std::string folder_;

  friend class BlobLock;
};

/// Held by one process at a time, as in the Python client; released by the kernel if that process dies.
class BlobLock {
 public:
  /// Waits for it; `keep_waiting` is asked ten times a second and ends the wait by returning false.
  BlobLock(const HubCache& cache, const std::string& etag, const std::function<bool()>& keep_waiting);
  ~BlobLock();
  BlobLock(const BlobLock&) = delete;
  BlobLock& operator=(const BlobLock&) = delete;
  bool is_held() const noexcept { return descriptor_ >= 0; }

 private:
  int descriptor_ = -1;
};

/// True if the file's bytes have the hash that is its blob's name: SHA-256, or git's SHA-1 of a blob. If the
/// name is neither, also true for any bytes.
bool is_whole(const std::filesystem::path& file, const std::string& etag);

/// The hash of a file's bytes, of the same kind as `etag` (SHA-256 if it is not a hash).
std::string hash_of_file(const std::filesystem::path& file, const std::string& etag);

}  // namespace astrom3
