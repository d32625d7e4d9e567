// SPDX-License-Identifier: MIT
#include "sink/stream_output.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "astrom3/base/error.h"

namespace astrom3 {
namespace {

constexpr std::size_t kBufferBytes = 1 << 16;

[[noreturn]] void fail(const std::string& name, const char* what, int error) {
  throw Error(Diagnostic{.code = Status::output_error,
                         .file = name,
                         .message = fmt::format("{}: {}", what, std::generic_category().message(error))});
}

}  // namespace

bool is_stream(const std::filesystem::path& path) {
  if (path == "-") return true;
  struct ::stat info {};
  return ::stat(path.c_str(), &info) == 0 &&
         (S_ISCHR(info.st_mode) || S_ISFIFO(info.st_mode) || S_ISSOCK(info.st_mode));
}

StreamOutput::StreamOutput(const std::filesystem::path& path)
    : name_(path == "-" ? "stdout" : path.string()), descriptor_(STDOUT_FILENO), owned_(path != "-") {
  if (!owned_) return;
  do {
    descriptor_ = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
  } while (descriptor_ < 0 && errno == EINTR);
  if (descriptor_ < 0) fail(name_, "cannot open", errno);
}

StreamOutput::~StreamOutput() {
  if (owned_) ::close(descriptor_);
}

void StreamOutput::write(std::string_view text) {
  buffer_.append(text);
  if (buffer_.size() >= kBufferBytes) flush();
}

void StreamOutput::flush() {
  std::string_view rest = buffer_;
  while (!rest.empty()) {
    const ssize_t n = ::write(descriptor_, rest.data(), rest.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) {  // the pipe is in non-blocking mode
      ::pollfd room{.fd = descriptor_, .events = POLLOUT, .revents = 0};
      ::poll(&room, 1, -1);
      continue;
    }
    if (n <= 0) fail(name_, "cannot write", n < 0 ? errno : ENOSPC);
    rest.remove_prefix(static_cast<std::size_t>(n));
  }
  buffer_.clear();
}

}  // namespace astrom3
