// SPDX-License-Identifier: MIT
#include "hub/cache.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "astrom3/base/error.h"
#include "base/atomic_file.h"
#include "base/message_digest.h"
#include "base/regular_file.h"
#include "base/temporary_name.h"
#include "hub/names.h"

namespace astrom3 {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPieceBytes = 1 << 20;
constexpr std::size_t kRefBytes = 4096;

[[noreturn]] void cannot_write(const fs::path& path, const std::string& reason) {
  throw Error(Diagnostic{.code = Status::network_error,
                         .file = path.string(),
                         .message = "cannot write into the cache: " + reason,
                         .hint = {"{} (or HF_HUB_CACHE) names another place", {{"cache-dir"}}}});
}

std::string system_reason() {
  return std::generic_category().message(errno);
}

/// SHA-256 of the bytes, or git's name for a blob of them: SHA-1 of "blob SIZE\0" and the bytes.
std::string hash_of(const fs::path& path, bool as_git) {
  const RegularFile file(path, Status::network_error);
  MessageDigest digest(as_git ? HashKind::sha1 : HashKind::sha256);
  if (as_git) {
    const std::string header = fmt::format("blob {}", file.size());
    digest.update(std::as_bytes(std::span(header.c_str(), header.size() + 1)));
  }
  std::vector<std::byte> piece(kPieceBytes);
  for (std::uint64_t done = 0; done < file.size();) {
    const auto bytes = std::span(piece).first(
        static_cast<std::size_t>(std::min<std::uint64_t>(kPieceBytes, file.size() - done)));
    file.read_at(done, bytes);
    digest.update(bytes);
    done += bytes.size();
  }
  return digest.finish_hex();
}

}  // namespace

bool is_whole(const fs::path& file, const std::string& etag) {
  std::error_code error;
  if (!fs::is_regular_file(file, error)) return false;
  if (!is_sha256(etag) && !is_commit(etag)) return true;
  return hash_of_file(file, etag) == etag;
}

std::string hash_of_file(const fs::path& file, const std::string& etag) {
  return hash_of(file, is_commit(etag));
}

void HubCache::make_folders(const fs::path& file) const {
  std::error_code error;
  fs::create_directories(file.parent_path(), error);
  if (error) cannot_write(file.parent_path(), error.message());
}

/// In one step: another reader sees the old text or the new.
void HubCache::write_small(const fs::path& path, const std::string& text) const {
  make_folders(path);
  try {
    AtomicFile file(path);
    file.write(text);
    file.commit();
  } catch (const Error& error) {
    cannot_write(path, error.diagnostic().message);
  }
}

std::optional<std::string> HubCache::read_ref(const std::string& revision) const {
  const fs::path path = root_ / folder_ / "refs" / revision;
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return std::nullopt;
  std::string commit = read_text_file(path, kRefBytes, Status::network_error);
  while (!commit.empty() && (commit.back() == '\n' || commit.back() == ' ')) commit.pop_back();
  return is_commit(commit) ? std::optional(commit) : std::nullopt;
}

void HubCache::write_ref(const std::string& revision, const std::string& commit) const {
  if (revision == commit || read_ref(revision) == commit) return;
  write_small(root_ / folder_ / "refs" / revision, commit);
}

bool HubCache::is_known_absent(const std::string& commit, const std::string& file) const {
  std::error_code error;
  return fs::exists(root_ / folder_ / ".no_exist" / commit / file, error);
}

void HubCache::mark_absent(const std::string& commit, const std::string& file) const {
  write_small(root_ / folder_ / ".no_exist" / commit / file, "");
}

std::optional<fs::path> HubCache::find_whole(const std::string& commit, const std::string& file) const {
  const fs::path path = snapshot(commit) / file;
  std::error_code error;
  const fs::path target = fs::read_symlink(path, error);
  const std::string etag = error ? std::string{} : target.filename().string();
  return is_whole(path, etag) ? std::optional(path) : std::nullopt;
}

void HubCache::link(const std::string& commit, const std::string& file, const std::string& etag) const {
  const fs::path path = snapshot(commit) / file;
  make_folders(path);
  const fs::path temporary = path.parent_path() / temporary_name(path.filename().string());
  std::error_code error;
  fs::create_symlink(fs::relative(blob(etag), path.parent_path(), error), temporary, error);
  if (error) fs::copy_file(blob(etag), temporary, error);
  if (error) cannot_write(path, error.message());
  fs::rename(temporary, path, error);
  if (!error) return;
  const std::string reason = error.message();
  fs::remove(temporary, error);
  cannot_write(path, reason);
}

BlobLock::BlobLock(const HubCache& cache, const std::string& etag,
                   const std::function<bool()>& keep_waiting) {
  const fs::path path = cache.root_ / ".locks" / cache.folder_ / (etag + ".lock");
  cache.make_folders(path);
  descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor_ < 0) cannot_write(path, system_reason());
  while (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    const int error = errno;
    if (error != EWOULDBLOCK && error != EINTR) return;  // a file system without locks: continue without
    if (keep_waiting()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      continue;
    }
    ::close(descriptor_);
    descriptor_ = -1;
    return;
  }
}

BlobLock::~BlobLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace astrom3
