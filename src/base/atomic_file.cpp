// SPDX-License-Identifier: MIT
#include "base/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <ctime>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include "astrom3/base/error.h"

namespace astrom3 {
namespace {

constexpr std::size_t kBufferBytes = 1 << 18;
constexpr std::size_t kMaxNameBytes = 255;  // NAME_MAX of every common file system
constexpr int kMaxTemporaries = 100;

[[noreturn]] void fail(const std::filesystem::path& path, std::string_view what, int error) {
  throw Error(Diagnostic{.code = Status::output_error,
                         .file = path.string(),
                         .message = fmt::format("{}: {}", what, std::generic_category().message(error))});
}

/// While it lives, a write beyond RLIMIT_FSIZE is an error (EFBIG) on this thread, not a signal
/// that ends the process.
class NoFileSizeSignal {
 public:
  NoFileSizeSignal() {
    sigemptyset(&signal_);
    sigaddset(&signal_, SIGXFSZ);
    pthread_sigmask(SIG_BLOCK, &signal_, &previous_);
  }
  ~NoFileSizeSignal() {
    if (sigismember(&previous_, SIGXFSZ) == 0) {
      const std::timespec now{};
      while (sigtimedwait(&signal_, nullptr, &now) < 0 && errno == EINTR) continue;
    }
    pthread_sigmask(SIG_SETMASK, &previous_, nullptr);
  }
  NoFileSizeSignal(const NoFileSizeSignal&) = delete;
  NoFileSizeSignal& operator=(const NoFileSizeSignal&) = delete;

 private:
  sigset_t signal_{};
  sigset_t previous_{};
};

void sync_or_fail(int descriptor, const std::filesystem::path& path) {
  while (::fsync(descriptor) != 0) {
    if (errno == EINTR) continue;
    fail(path, "cannot flush to disk", errno);
  }
}

/// The file that `path` names, behind any symbolic links.
std::filesystem::path link_target(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_symlink(path, error) || error) return path;
  std::filesystem::path target = std::filesystem::canonical(path, error);
  return error ? path : target;
}

/// "<name>.tmp.<pid>" beside `path`, cut so that the name stays legal.
std::filesystem::path temporary_name(const std::filesystem::path& path, int attempt) {
  std::string suffix = fmt::format(".tmp.{}", ::getpid());
  if (attempt > 0) suffix += fmt::format(".{}", attempt);
  std::string name = path.filename().string();
  if (name.size() <= kMaxNameBytes && name.size() + suffix.size() > kMaxNameBytes)
    name.resize(kMaxNameBytes - suffix.size());
  return path.parent_path() / (name + suffix);
}

/// A folder held open, so that nothing but the fsync itself can fail after the rename.
class Folder {
 public:
  explicit Folder(const std::filesystem::path& file)
      : path_(file.has_parent_path() ? file.parent_path() : std::filesystem::path(".")) {
    do {
      descriptor_ = ::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    } while (descriptor_ < 0 && errno == EINTR);
    // A folder that may be written to but not listed cannot be opened; files can be made in it all the same.
    if (descriptor_ < 0 && errno != EACCES) fail(path_, "cannot open folder", errno);
  }
  ~Folder() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  void sync() const {
    if (descriptor_ < 0) return;
    int error = 0;
    do {
      error = ::fsync(descriptor_) == 0 ? 0 : errno;
    } while (error == EINTR);
    // Some file systems cannot sync a folder; on those a rename needs no fsync.
    if (error != 0 && error != EINVAL && error != EROFS && error != ENOTSUP)
      fail(path_, "cannot flush folder", error);
  }

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
};

}  // namespace

AtomicFile::AtomicFile(std::filesystem::path path) : path_(link_target(path)) {
  struct ::stat info {};
  if (::stat(path_.c_str(), &info) == 0) {
    if (S_ISDIR(info.st_mode)) fail(path_, "cannot create", EISDIR);
    if (!S_ISREG(info.st_mode)) {
      throw Error(Diagnostic{.code = Status::output_error,
                             .file = path_.string(),
                             .message = "is a pipe or device; a regular file is needed here"});
    }
  }
  open();
}

void AtomicFile::open() {
  if (path_.filename().empty()) fail(path_, "cannot create", EISDIR);
  for (int attempt = 0; descriptor_ < 0; ++attempt) {
    temporary_ = temporary_name(path_, attempt);
    descriptor_ = ::open(temporary_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor_ >= 0 || errno == EINTR) continue;
    // The name is in use by this process, or was left by a killed run that had the same process id.
    if (errno == EEXIST && attempt < kMaxTemporaries) continue;
    const int error = errno;
    temporary_.clear();
    fail(path_, "cannot create", error);
  }
  state_ = State::writing;
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, {})),
      buffer_(std::move(other.buffer_)),
      written_(other.written_),
      descriptor_(std::exchange(other.descriptor_, -1)),
      state_(std::exchange(other.state_, State::failed)) {}

AtomicFile::~AtomicFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void AtomicFile::write(std::string_view text) {
  require_open();
  buffer_.append(text);
  if (buffer_.size() >= kBufferBytes) flush();
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  write(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

void AtomicFile::write_at(std::uint64_t offset, std::string_view text) {
  flush();
  state_ = State::failed;
  write_fully(descriptor_, text, offset, path_);
  state_ = State::writing;
}

void AtomicFile::require_open() const {
  if (state_ == State::writing) return;
  throw Error(Diagnostic{.code = Status::output_error,
                         .file = path_.string(),
                         .message = state_ == State::failed ? "cannot go on after an earlier failure"
                                                            : "cannot write after the end"});
}

void AtomicFile::flush() {
  require_open();
  state_ = State::failed;  // until this succeeds
  write_fully(descriptor_, buffer_, written_, path_);
  written_ += buffer_.size();
  buffer_.clear();
  state_ = State::writing;
}

void AtomicFile::finish() {
  if (state_ == State::finished || state_ == State::committed) return;
  flush();
  state_ = State::failed;
  sync_or_fail(descriptor_, path_);
  // Linux has closed the descriptor even when close(2) was interrupted.
  if (::close(std::exchange(descriptor_, -1)) != 0 && errno != EINTR) fail(path_, "cannot close", errno);
  state_ = State::finished;
}

void AtomicFile::rename_into_place() {
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail(path_, "cannot rename into place", errno);
  temporary_.clear();
  state_ = State::committed;
}

void AtomicFile::commit() {
  AtomicFile* const self = this;
  commit_together({&self, 1});
}

void commit_together(std::span<AtomicFile* const> files) {
  std::vector<AtomicFile*> pending;
  std::vector<std::unique_ptr<Folder>> folders;
  for (AtomicFile* file : files) {
    if (file->state_ == AtomicFile::State::committed) continue;
    file->finish();
    pending.push_back(file);
  }
  for (std::size_t i = 0; i < pending.size(); ++i) {
    if (i == 0 || pending[i]->path_.parent_path() != pending[i - 1]->path_.parent_path())
      folders.push_back(std::make_unique<Folder>(pending[i]->path_));
  }
  std::size_t n_renamed = 0;
  try {
    for (; n_renamed < pending.size(); ++n_renamed) pending[n_renamed]->rename_into_place();
    for (const auto& folder : folders) folder->sync();
  } catch (...) {
    for (std::size_t i = 0; i < n_renamed; ++i) ::unlink(pending[i]->path_.c_str());
    throw;
  }
}

void write_fully(int descriptor, std::string_view text, std::uint64_t offset,
                 const std::filesystem::path& path) {
  int error = 0;
  {
    const NoFileSizeSignal guard;
    while (!text.empty() && error == 0) {
      const ssize_t n = ::pwrite(descriptor, text.data(), text.size(), static_cast<off_t>(offset));
      if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
      if (n <= 0) {
        error = n < 0 ? errno : ENOSPC;
      } else {
        text.remove_prefix(static_cast<std::size_t>(n));
        offset += static_cast<std::uint64_t>(n);
      }
    }
  }
  if (error != 0) fail(path, "cannot write", error);
}

void sync_folder_of(const std::filesystem::path& path) {
  Folder(path).sync();
}

}  // namespace astrom3
