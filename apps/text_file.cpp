// SPDX-License-Identifier: MIT
#include "text_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "astrom3/astrom3.h"

namespace astrom3::cli {
namespace {

[[noreturn]] void fail(const std::string& path, int error) {
  throw Error(
      Diagnostic{.code = Status::output_error,
                 .file = path,
                 .message = fmt::format("cannot be written: {}", std::generic_category().message(error))});
}

/// Open for writing; closed and, where it has a temporary name, removed unless it was kept.
class Output {
 public:
  explicit Output(const std::string& path) : path_(path), target_(path) {
    std::error_code error;
    if (std::filesystem::is_symlink(path, error)) target_ = std::filesystem::canonical(path, error);
    if (error) target_ = path;  // a link to nothing is replaced
    struct ::stat info {};
    const bool exists = ::stat(target_.c_str(), &info) == 0;
    if (exists && S_ISDIR(info.st_mode)) fail(path, EISDIR);
    if (exists && !S_ISREG(info.st_mode)) {
      descriptor_ = ::open(target_.c_str(), O_WRONLY | O_CLOEXEC);
    } else {
      temporary_ = fmt::format("{}.tmp.{}", target_.string(), ::getpid());
      descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    }
    if (descriptor_ < 0) fail(path, errno);
  }
  ~Output() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
  }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  void write(std::string_view text) {
    while (!text.empty()) {
      const ssize_t n = ::write(descriptor_, text.data(), text.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) fail(path_, errno);
      text.remove_prefix(static_cast<std::size_t>(n));
    }
  }

  /// Gives it its name, where it has not got it.
  void keep() {
    if (temporary_.empty()) return;
    if (::fsync(descriptor_) != 0) fail(path_, errno);
    if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail(path_, errno);
    temporary_.clear();
  }

 private:
  std::string path_;
  std::filesystem::path target_;
  std::string temporary_;
  int descriptor_ = -1;
};

}  // namespace

void write_text_file(const std::string& path, std::string_view text) {
  if (path == "-") {
    std::fwrite(text.data(), 1, text.size(), stdout);
    if (std::fflush(stdout) != 0) throw Error(Status::output_error, "writing to stdout failed");
    return;
  }
  Output output(path);
  output.write(text);
  output.keep();
}

void require_writable(const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  const bool is_other = std::filesystem::exists(status) && !std::filesystem::is_regular_file(status) &&
                        !std::filesystem::is_directory(status);
  if (!path.empty() && path != "-" && !is_other) const Output probe(path);
}

}  // namespace astrom3::cli
